-- « script: PostgreSQL 18
-- « preflight-bare: 'hand' | to_regprocedure('audit.hand_written()') | ('audit', 'hand_written') | 'audit' | privilege_type = 'TRIGGER'

-- « new-schema: audit | audit
-- « definer: audit.hand_written
    -- No client makes this wait for him by asking for debug messages and reading none of them.
    SET client_min_messages = notice
    -- « bounds: 250ms | 5s
AS $xtrig1$begin
  raise log '$$ % $xtrig$', session_user;
end
$xtrig1$;

REVOKE ALL ON FUNCTION audit.hand_written() FROM PUBLIC;

COMMENT ON FUNCTION audit.hand_written() IS 'xtrig:1:054070e997f42cb6:audit';

-- « preflight-again

-- « trigger: hand | logon | origin. It fires unless session_replication_role is replica. | login | audit.hand_written() | O | ENABLE | xtrig:1:8f4232093e7f38e7:audit

COMMIT;

-- « script: PostgreSQL 18
-- « preflight: 'counter' | to_regprocedure('audit.counter()')
    -- « preflight-timeouts
    -- « preflight-trust: ('audit', 'counter'), ('audit', 'counters') | 'audit' | privilege_type = 'TRIGGER' OR (privilege_type = 'CREATE' AND is_named AND name IN ('audit'))
    -- « preflight-default-privileges: (NULL, NULL) | defaclobjtype = 'r' AND privilege_type = 'TRIGGER' | 'audit'
    -- « preflight-end
END
$xtrig$;

-- « new-schema: audit | audit
-- « definer: audit.counter
    -- No client makes this wait for him by asking for debug messages and reading none of them.
    SET client_min_messages = notice
    -- « bounds: 250ms | 5s
AS $xtrig$
BEGIN
    BEGIN
        -- standby: skip. A write on a standby or in a read-only session would refuse the login.
        IF pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean THEN
            -- « log-line-alone: not written | audit.counter | logon
        ELSE
            update audit.counters set logins = logins + 1 where who = session_user;
            SET CONSTRAINTS ALL IMMEDIATE;
        END IF;
    -- « error-is-logged: login | audit.counter | logon
-- « end-of-function: audit.counter | xtrig:1:6f928a76b510a83a:audit

-- « preflight-again

-- « trigger: counter | logon | origin. It fires unless session_replication_role is replica. | login | audit.counter() | O | ENABLE | xtrig:1:9304b805a707600a:audit

COMMIT;

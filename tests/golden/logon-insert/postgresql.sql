-- « script: PostgreSQL 18
-- « preflight-usual: 'on_logon' | to_regprocedure('audit.on_logon()') | ('audit', 'log')
    -- « preflight-log
    -- « preflight-columns-gone
    -- « preflight-timeouts
    -- « preflight-trust: ('audit', 'log'), ('audit', 'on_logon') | 'audit' | privilege_type = 'TRIGGER'
    -- « preflight-default-privileges: ('audit', 'log') | defaclobjtype = 'r' AND privilege_type = 'TRIGGER' | NULL
    -- « preflight-end
END
$xtrig$;

-- « new-schema: audit | audit
-- « table-log

-- « definer: audit.on_logon
    -- No client makes this wait for him by asking for debug messages and reading none of them.
    SET client_min_messages = notice
    -- « bounds: 250ms | 5s
AS $xtrig$
BEGIN
    BEGIN
        -- standby: skip. A write on a standby or in a read-only session would refuse the login.
        IF pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean THEN
            -- « log-line: not written | audit.on_logon | logon
                'audit.log', json_build_object(
                    'at', clock_timestamp(),
                    'who', session_user,
                    'what', 'logon'
                )
            );
        ELSE
            INSERT INTO audit.log (at, who, what)
            VALUES (clock_timestamp(), session_user, 'logon');
            SET CONSTRAINTS ALL IMMEDIATE;
        END IF;
    -- « error-is-logged: login | audit.on_logon | logon
-- « end-of-function: audit.on_logon | xtrig:1:8bea8dfb0f6c50a0:audit

-- « preflight-again

-- « trigger: on_logon | logon | origin. It fires unless session_replication_role is replica. | login | audit.on_logon() | O | ENABLE | xtrig:1:3a91a614d8b54681:audit

COMMIT;

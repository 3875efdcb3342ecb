-- Rendered by xtrig for PolarDB for PostgreSQL 14: change the definition, not this text
-- warning: trigger 'on_logon': language: plpgsql at logon and logoff is shown nowhere in PolarDB's documentation [XT210]

-- « schema: audit
-- « polardb-mark-schema: audit | xtrig:1::audit
-- « polardb-table-log

-- « polardb-mark-table: audit.log | xtrig:1:4d614ba24ed0a6ae:audit
-- « definer: audit.on_logon
    -- No client makes this wait for him by asking for debug messages and reading none of them.
    SET client_min_messages = notice
    -- lock_timeout: a lock held elsewhere may delay this, not hold it.
    SET lock_timeout = '250ms'
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
END
$xtrig$;

COMMENT ON FUNCTION audit.on_logon() IS 'xtrig:1:18cdb218c3b28c0e:audit';

-- « polardb-trigger: on_logon | logon | ON after_user_logon | PROCEDURE | audit.on_logon | xtrig:1:591760daccb4179b:audit

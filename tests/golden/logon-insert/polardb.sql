-- « polardb-script: PolarDB for PostgreSQL 14
-- « schema: audit
-- « polardb-mark-schema: audit | xtrig:1::audit
-- « polardb-table-log

-- « polardb-mark-table: audit.log | xtrig:1:4d614ba24ed0a6ae:audit
-- « polardb-helper: audit.on_logon
    -- lock_timeout: a lock held elsewhere may delay this, not hold it.
    SET lock_timeout = '250ms'
AS $xtrig$
BEGIN
    -- « polardb-refusal: audit.on_logon
    BEGIN
        -- standby: skip. A write on a standby or in a read-only session would refuse the login.
        IF pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean THEN
            -- « log-line: not written | audit.on_logon | logon
                'audit.log', json_build_object(
                    'at', clock_timestamp(),
                    'who', polar_login_user,
                    'what', 'logon'
                )
            );
        ELSE
            INSERT INTO audit.log ("at", who, what)
            VALUES (clock_timestamp(), polar_login_user, 'logon');
            SET CONSTRAINTS ALL IMMEDIATE;
        END IF;
    -- « error-is-logged: login | audit.on_logon | logon
-- « polardb-end-of-helper: audit.on_logon | xtrig:1:c242fbf46d2caee0:audit | xtrig:1:f483832c5648f0c9:audit | audit

-- « polardb-trigger: on_logon | logon | ON after_user_logon | PROCEDURE | audit.on_logon | xtrig:1:591760daccb4179b:audit

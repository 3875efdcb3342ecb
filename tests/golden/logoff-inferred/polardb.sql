-- « polardb-script: PolarDB for PostgreSQL 14
-- « schema: audit
-- « polardb-mark-schema: audit | xtrig:1::audit
-- « polardb-table-log

-- « polardb-mark-table: audit.log | xtrig:1:4d614ba24ed0a6ae:audit
-- Function audit.on_logoff
CREATE OR REPLACE FUNCTION audit.on_logoff RETURN event_trigger IS
    ignored text;
BEGIN
    -- security: this form has no clause for it and no SET clause; every name is qualified.
    -- on_error: allow. PolarDB logs an error raised here and lets the session in.
    -- exempt_roles: nothing is done for these roles.
    IF polar_login_user NOT IN ('dba') THEN
        -- lock_timeout: a lock held elsewhere may delay this, not hold it.
        ignored := pg_catalog.set_config('lock_timeout', '250ms', true);
        -- durability: relaxed. The session does not wait for the disk.
        ignored := pg_catalog.set_config('synchronous_commit', 'off', true);
        -- « polardb-standby
            INSERT INTO audit.log ("at", who, what)
            VALUES (
                CURRENT_TIMESTAMP,
                polar_login_user,
                tg_event || ' of ' || pg_catalog.current_setting('application_name') || ' ' || pg_catalog.pg_backend_pid()
            );
        END IF;
    END IF;
-- « polardb-end-of-function: audit.on_logoff | xtrig:1:ca23508b5c2eefe2:audit

-- « polardb-trigger: on_logoff | logoff | ON before_user_logoff | PROCEDURE | audit.on_logoff | xtrig:1:d2abe95f0893b70b:audit

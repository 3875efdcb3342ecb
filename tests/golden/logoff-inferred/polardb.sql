-- « polardb-script: PolarDB for PostgreSQL 14
-- « schema: audit
-- « polardb-mark-schema: audit | xtrig:1::audit
-- « polardb-table-log

-- « polardb-mark-table: audit.log | xtrig:1:4d614ba24ed0a6ae:audit
-- « polardb-helper: audit.on_logoff
    -- lock_timeout: a lock held elsewhere may delay this, not hold it.
    SET lock_timeout = '250ms'
AS $xtrig$
BEGIN
    -- « polardb-refusal: audit.on_logoff
    -- exempt_roles: nothing below can stop these roles.
    IF session_user IN ('dba') THEN
        -- « log-line-alone: exempt | audit.on_logoff | logoff
        RETURN NULL;
    END IF;
    -- durability: relaxed. The login does not wait for the disk or for a synchronous standby.
    PERFORM set_config('synchronous_commit', 'off', true);
    BEGIN
        -- standby: skip. A write on a standby or in a read-only session would refuse the login.
        IF pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean THEN
            -- « log-line: not written | audit.on_logoff | logoff
                'audit.log', json_build_object(
                    'at', clock_timestamp(),
                    'who', polar_login_user,
                    'what', tg_event || ' of ' || current_setting('application_name') || ' ' || pg_backend_pid()
                )
            );
        ELSE
            INSERT INTO audit.log ("at", who, what)
            VALUES (
                clock_timestamp(),
                polar_login_user,
                tg_event || ' of ' || current_setting('application_name') || ' ' || pg_backend_pid()
            );
            SET CONSTRAINTS ALL IMMEDIATE;
        END IF;
    -- « error-is-logged: login | audit.on_logoff | logoff
-- « polardb-end-of-helper: audit.on_logoff | xtrig:1:6f8b7238155a0a26:audit | xtrig:1:ddf00d07f9d17a9c:audit | audit

-- « polardb-trigger: on_logoff | logoff | ON before_user_logoff | PROCEDURE | audit.on_logoff | xtrig:1:d2abe95f0893b70b:audit

-- Rendered by xtrig for PolarDB for PostgreSQL 14: change the definition, not this text
-- PL/SQL holds semicolons: send each statement whole, with a client that does not cut it there.
-- PostgreSQL's psql would cut a function in pieces and run its END as a COMMIT.
-- warning: function 'note': language: plsql: an error or a read-only session loses the rows, and only the server logs it [XT227]
-- warning: trigger 'firewall': language: plsql: an error or a read-only session loses the rows, and only the server logs it [XT227]
-- warning: trigger 'firewall': enforce: terminate: that pg_terminate_backend ends the session that is logging in is not documented; its message is not shown, and the rows of this event's triggers are lost [XT223]

-- « schema: audit
-- « polardb-mark-schema: audit | xtrig:1::audit
-- Table audit.log
CREATE TABLE IF NOT EXISTS audit.log (
    who text,
    "at" timestamptz,
    event text
);

-- « polardb-table-completed: audit.log | 'who', 'at', 'event' | 3
            ADD COLUMN IF NOT EXISTS who text,
            ADD COLUMN IF NOT EXISTS "at" timestamptz,
            ADD COLUMN IF NOT EXISTS event text;
-- « end-if

-- « polardb-mark-table: audit.log | xtrig:1:2d8e644070b46985:audit
-- Function audit.note
CREATE OR REPLACE FUNCTION audit.note RETURN event_trigger IS
    xtrig_ignored pg_catalog.text;
BEGIN
    -- First of all: a client chooses whose operators are used below.
    xtrig_ignored := pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
    -- on_error: allow. PolarDB logs an error raised here and lets the session in.
    -- exempt_roles: nothing is done for these roles.
    IF polar_login_user NOT IN ('dba') THEN
        -- lock_timeout: a lock held elsewhere may delay this, not hold it.
        xtrig_ignored := pg_catalog.set_config('lock_timeout', '250ms', true);
        -- durability: relaxed. The session does not wait for the disk.
        xtrig_ignored := pg_catalog.set_config('synchronous_commit', 'off', true);
        IF 1 = 1 THEN
            xtrig_ignored := pg_catalog.set_config('app.user', CAST(polar_login_user AS pg_catalog.text), true);
        END IF;
        -- standby: skip. Nothing can be written on a read-only node.
        IF NOT pg_catalog.pg_is_in_recovery() THEN
            IF (CASE tg_event WHEN 'after_user_logon' THEN 'logon' WHEN 'before_user_logoff' THEN 'logoff' ELSE tg_event END = 'logon') THEN
                INSERT INTO audit.log (who, "at", event)
                VALUES (
                    polar_login_user,
                    pg_catalog.clock_timestamp(),
                    CASE tg_event WHEN 'after_user_logon' THEN 'logon' WHEN 'before_user_logoff' THEN 'logoff' ELSE tg_event END
                );
            END IF;
            xtrig_ignored := app.count(polar_client_ip, EXTRACT(HOUR FROM pg_catalog.timezone('UTC', pg_catalog.clock_timestamp())), true);
            app.tidy();
        END IF;
    END IF;
-- « polardb-end-of-function: audit.note | xtrig:1:0853d2520fe4f1d4:audit

-- Function audit.firewall
CREATE OR REPLACE FUNCTION audit.firewall RETURN event_trigger IS
    xtrig_ignored pg_catalog.text;
BEGIN
    -- First of all: a client chooses whose operators are used below.
    xtrig_ignored := pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
    -- on_error: allow. PolarDB logs an error raised here and lets the session in.
    -- exempt_roles: nothing is done for these roles.
    IF polar_login_user NOT IN ('dba') THEN
        IF pg_catalog.current_setting('application_name') = 'badapp' THEN
            xtrig_ignored := pg_catalog.pg_terminate_backend(pg_catalog.pg_backend_pid());
        END IF;
    END IF;
-- « polardb-end-of-function: audit.firewall | xtrig:1:1a3d7363ac4cef2b:audit

DROP EVENT TRIGGER IF EXISTS "on";

-- Trigger on: logon
CREATE EVENT TRIGGER "on" ON after_user_logon
    EXECUTE PROCEDURE audit.note();

COMMENT ON EVENT TRIGGER "on" IS 'xtrig:1:7e3321b6f96c732d:audit';

-- « polardb-trigger: off | logoff | ON before_user_logoff | PROCEDURE | audit.note | xtrig:1:235e515267bbd249:audit

-- « polardb-trigger: firewall | logon | ON after_user_logon | PROCEDURE | audit.firewall | xtrig:1:4f1917b3694ec54b:audit

-- Rendered by xtrig for PolarDB for PostgreSQL 14: change the definition, not this text
-- PL/SQL holds semicolons: send each statement whole, with a client that does not cut it there.
-- PostgreSQL's psql would cut a function in pieces and run its END as a COMMIT.

-- Schema audit
CREATE SCHEMA IF NOT EXISTS audit;

DO LANGUAGE plpgsql $xtrig$
BEGIN
    -- Marked only if it is new: without a comment, and empty.
    IF pg_catalog.obj_description(pg_catalog.to_regnamespace('audit'), 'pg_namespace') IS NULL
        AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend WHERE refobjid = pg_catalog.to_regnamespace('audit'))
    THEN
        COMMENT ON SCHEMA audit IS 'xtrig:1::audit';
    END IF;
END
$xtrig$;

-- Table audit.users_log
CREATE TABLE IF NOT EXISTS audit.users_log (
    id bigserial,
    user_name varchar(64),
    database_name varchar(64),
    event varchar(64),
    client_ip varchar(64),
    tag varchar(64),
    instance_num integer,
    PRIMARY KEY (id)
);

DO LANGUAGE plpgsql $xtrig$
BEGIN
    -- Marked only if it is new: without a comment, and empty.
    IF pg_catalog.obj_description(pg_catalog.to_regclass('audit.users_log'), 'pg_class') IS NULL
        AND NOT EXISTS (SELECT 1 FROM audit.users_log)
    THEN
        COMMENT ON TABLE audit.users_log IS 'xtrig:1:dcd24aeca4244c7a:audit';
    END IF;
END
$xtrig$;

-- Function audit.sample_event_trigger
CREATE OR REPLACE FUNCTION audit.sample_event_trigger RETURN event_trigger IS
    ignored text;
BEGIN
    -- security: this form has no clause for it and no SET clause; every name is qualified.
    -- on_error: allow. PolarDB logs an error raised here and lets the session in.
    -- lock_timeout: a lock held elsewhere may delay this, not hold it.
    ignored := pg_catalog.set_config('lock_timeout', '250ms', true);
    -- standby: skip. Nothing can be written on a read-only node or in a read-only session.
    IF NOT (pg_catalog.pg_is_in_recovery() OR pg_catalog.current_setting('transaction_read_only') = 'on') THEN
        INSERT INTO audit.users_log (user_name, database_name, event, client_ip, tag, instance_num)
        VALUES (
            polar_login_user,
            polar_database_name,
            CASE tg_event WHEN 'after_user_logon' THEN 'logon' WHEN 'before_user_logoff' THEN 'logoff' ELSE tg_event END,
            polar_client_ip,
            tg_tag,
            polar_instance_num
        );
    END IF;
END;

COMMENT ON FUNCTION audit.sample_event_trigger() IS 'xtrig:1:3066d3c674ebb214:audit';

DROP EVENT TRIGGER IF EXISTS login_event_trigger;

-- Trigger login_event_trigger: logon
CREATE EVENT TRIGGER login_event_trigger ON after_user_logon
    EXECUTE PROCEDURE audit.sample_event_trigger();

COMMENT ON EVENT TRIGGER login_event_trigger IS 'xtrig:1:d8a62caf9db5b625:audit';

DROP EVENT TRIGGER IF EXISTS logout_event_trigger;

-- Trigger logout_event_trigger: logoff
CREATE EVENT TRIGGER logout_event_trigger ON before_user_logoff
    EXECUTE PROCEDURE audit.sample_event_trigger();

COMMENT ON EVENT TRIGGER logout_event_trigger IS 'xtrig:1:f2a579e13fc22b35:audit';

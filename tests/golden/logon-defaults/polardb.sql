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

-- Table audit.log
CREATE TABLE IF NOT EXISTS audit.log (
    id bigserial,
    "at" timestamptz NOT NULL,
    who varchar(64),
    what text,
    PRIMARY KEY (id)
);

DO LANGUAGE plpgsql $xtrig$
BEGIN
    -- Marked only if it is new: without a comment, and empty.
    IF pg_catalog.obj_description(pg_catalog.to_regclass('audit.log'), 'pg_class') IS NULL
        AND NOT EXISTS (SELECT 1 FROM audit.log)
    THEN
        COMMENT ON TABLE audit.log IS 'xtrig:1:4d614ba24ed0a6ae:audit';
    END IF;
END
$xtrig$;

-- Function audit.on_logon
CREATE OR REPLACE FUNCTION audit.on_logon RETURN event_trigger IS
    ignored text;
BEGIN
    -- security: this form has no clause for it and no SET clause; every name is qualified.
    -- on_error: allow. PolarDB logs an error raised here and lets the session in.
    -- exempt_roles: nothing is done for these roles.
    IF polar_login_user NOT IN ('breakglass') THEN
        -- lock_timeout: a lock held elsewhere may delay this, not hold it.
        ignored := pg_catalog.set_config('lock_timeout', '1s', true);
        -- durability: relaxed. The session does not wait for the disk.
        ignored := pg_catalog.set_config('synchronous_commit', 'off', true);
        -- standby: skip. Nothing can be written on a read-only node or in a read-only session.
        IF NOT (pg_catalog.pg_is_in_recovery() OR pg_catalog.current_setting('transaction_read_only') = 'on') THEN
            INSERT INTO audit.log ("at", who, what)
            VALUES (CURRENT_TIMESTAMP, polar_login_user, 'logon');
        END IF;
    END IF;
END;

COMMENT ON FUNCTION audit.on_logon() IS 'xtrig:1:de179f137e81597f:audit';

DROP EVENT TRIGGER IF EXISTS on_logon;

-- Trigger on_logon: logon
CREATE EVENT TRIGGER on_logon ON after_user_logon
    EXECUTE PROCEDURE audit.on_logon();

COMMENT ON EVENT TRIGGER on_logon IS 'xtrig:1:591760daccb4179b:audit';

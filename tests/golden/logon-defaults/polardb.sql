-- Rendered by xtrig for PolarDB for PostgreSQL 14: change the definition, not this text
-- PL/SQL holds semicolons: send each statement whole, with a client that does not cut it there.
-- PostgreSQL's psql would cut a function in pieces and run its END as a COMMIT.

-- Schema audit
CREATE SCHEMA IF NOT EXISTS audit;

-- Table audit.log
CREATE TABLE IF NOT EXISTS audit.log (
    id bigserial,
    "at" timestamptz NOT NULL,
    who varchar(64),
    what text,
    PRIMARY KEY (id)
);

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

-- Rendered by xtrig for PolarDB for PostgreSQL (compatible with Oracle) 2.0.14.15.31.0: change the definition, not this text
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

-- Function audit.counter
CREATE OR REPLACE FUNCTION audit.counter RETURN event_trigger AUTHID DEFINER IS
    ignored text;
BEGIN
    -- security: definer. Every name is qualified: this form has no SET clause.
    -- on_error: allow. PolarDB logs an error raised here and lets the session in.
    -- lock_timeout: a lock held elsewhere may delay this, not hold it.
    ignored := pg_catalog.set_config('lock_timeout', '250ms', true);
    -- standby: skip. Nothing can be written on a read-only node or in a read-only session.
    IF NOT (pg_catalog.pg_is_in_recovery() OR pg_catalog.current_setting('transaction_read_only') = 'on') THEN
        update audit.counters set logins = logins + 1 where who = polar_login_user;
    END IF;
END;

COMMENT ON FUNCTION audit.counter() IS 'xtrig:1:1afba0c39075018c:audit';

DROP EVENT TRIGGER IF EXISTS counter;

-- Trigger counter: logon
CREATE EVENT TRIGGER counter AFTER LOGON ON DATABASE
    EXECUTE FUNCTION audit.counter();

COMMENT ON EVENT TRIGGER counter IS 'xtrig:1:ded5747d5751af4d:audit';

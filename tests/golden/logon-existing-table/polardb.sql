-- Rendered by xtrig for PolarDB for PostgreSQL 14: change the definition, not this text
-- PL/SQL holds semicolons: send each statement whole, with a client that does not cut it there.
-- PostgreSQL's psql would cut a function in pieces and run its END as a COMMIT.

-- Schema app
CREATE SCHEMA IF NOT EXISTS app;

DO LANGUAGE plpgsql $xtrig$
BEGIN
    -- Marked only if it is new: without a comment, and empty.
    IF pg_catalog.obj_description(pg_catalog.to_regnamespace('app'), 'pg_namespace') IS NULL
        AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend WHERE refobjid = pg_catalog.to_regnamespace('app'))
    THEN
        COMMENT ON SCHEMA app IS 'xtrig:1::public';
    END IF;
END
$xtrig$;

-- Function public.on_logon
CREATE OR REPLACE FUNCTION public.on_logon RETURN event_trigger IS
    ignored text;
BEGIN
    -- security: this form has no clause for it and no SET clause; every name is qualified.
    -- on_error: allow. PolarDB logs an error raised here and lets the session in.
    -- lock_timeout: a lock held elsewhere may delay this, not hold it.
    ignored := pg_catalog.set_config('lock_timeout', '250ms', true);
    -- standby: skip. Nothing can be written on a read-only node or in a read-only session.
    IF NOT (pg_catalog.pg_is_in_recovery() OR pg_catalog.current_setting('transaction_read_only') = 'on') THEN
        INSERT INTO app.sessions (who, since, ok, weight, note)
        VALUES (polar_login_user, CURRENT_TIMESTAMP, true, 1.5, NULL);
    END IF;
END;

COMMENT ON FUNCTION public.on_logon() IS 'xtrig:1:94aa8d254c0008fa:public';

DROP EVENT TRIGGER IF EXISTS on_logon;

-- Trigger on_logon: logon
CREATE EVENT TRIGGER on_logon ON after_user_logon
    EXECUTE PROCEDURE public.on_logon();

COMMENT ON EVENT TRIGGER on_logon IS 'xtrig:1:265bf3d3d0523ca4:public';

-- Rendered by xtrig for PolarDB for PostgreSQL 14: change the definition, not this text
-- PL/SQL holds semicolons: send each statement whole, with a client that does not cut it there.
-- PostgreSQL's psql would cut a function in pieces and run its END as a COMMIT.

-- Function public.prepare
CREATE OR REPLACE FUNCTION public.prepare RETURN event_trigger IS
    ignored text;
BEGIN
    -- security: this form has no clause for it and no SET clause; every name is qualified.
    -- on_error: allow. PolarDB logs an error raised here and lets the session in.
    -- lock_timeout: a lock held elsewhere may delay this, not hold it.
    ignored := pg_catalog.set_config('lock_timeout', '250ms', true);
    -- standby: skip. Nothing can be written on a read-only node or in a read-only session.
    IF NOT (pg_catalog.pg_is_in_recovery() OR pg_catalog.current_setting('transaction_read_only') = 'on') THEN
        EXECUTE IMMEDIATE 'CREATE TEMPORARY TABLE IF NOT EXISTS "Session data" (key text, value text NOT NULL, PRIMARY KEY (key))';
        EXECUTE IMMEDIATE 'ALTER TABLE pg_temp."Session data" OWNER TO ' || pg_catalog.quote_ident(polar_login_user);
    END IF;
END;

COMMENT ON FUNCTION public.prepare() IS 'xtrig:1:4623284702ff9406:public';

DROP EVENT TRIGGER IF EXISTS prepare;

-- Trigger prepare: logon
CREATE EVENT TRIGGER prepare ON after_user_logon
    EXECUTE PROCEDURE public.prepare();

COMMENT ON EVENT TRIGGER prepare IS 'xtrig:1:35651f792a261822:public';

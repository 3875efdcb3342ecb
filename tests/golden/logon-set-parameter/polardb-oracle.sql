-- Rendered by xtrig for PolarDB for PostgreSQL (compatible with Oracle) 2.0.14.15.31.0: change the definition, not this text
-- PL/SQL holds semicolons: send each statement whole, with a client that does not cut it there.
-- PostgreSQL's psql would cut a function in pieces and run its END as a COMMIT.

-- Function public.tag_session
CREATE OR REPLACE FUNCTION public.tag_session RETURN event_trigger AUTHID DEFINER IS
    ignored text;
BEGIN
    -- security: definer. Every name is qualified: this form has no SET clause.
    -- on_error: allow. PolarDB logs an error raised here and lets the session in.
    -- lock_timeout: a lock held elsewhere may delay this, not hold it.
    ignored := pg_catalog.set_config('lock_timeout', '250ms', true);
    ignored := pg_catalog.set_config('app.user', CAST(polar_login_user AS text), false);
    ignored := pg_catalog.set_config('app.tries', '3', true);
    IF polar_client_ip is not null THEN
        ignored := pg_catalog.set_config('app.flag', 'true', false);
    END IF;
END;

COMMENT ON FUNCTION public.tag_session() IS 'xtrig:1:ee3695f52d0b5b38:public';

DROP EVENT TRIGGER IF EXISTS tag_session;

-- Trigger tag_session: logon
CREATE EVENT TRIGGER tag_session AFTER LOGON ON DATABASE
    EXECUTE FUNCTION public.tag_session();

COMMENT ON EVENT TRIGGER tag_session IS 'xtrig:1:34654bf1a2f6e138:public';

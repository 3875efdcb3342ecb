-- Rendered by xtrig for PolarDB for PostgreSQL 14: change the definition, not this text
-- PL/SQL holds semicolons: send each statement whole, with a client that does not cut it there.
-- PostgreSQL's psql would cut a function in pieces and run its END as a COMMIT.

-- Function public.tag_session
CREATE OR REPLACE FUNCTION public.tag_session RETURN event_trigger IS
    ignored text;
BEGIN
    -- security: this form has no clause for it and no SET clause; every name is qualified.
    -- on_error: allow. PolarDB logs an error raised here and lets the session in.
    -- lock_timeout: a lock held elsewhere may delay this, not hold it.
    ignored := pg_catalog.set_config('lock_timeout', '250ms', true);
    ignored := pg_catalog.set_config('app.user', CAST(polar_login_user AS text), false);
    ignored := pg_catalog.set_config('app.tries', '3', true);
    IF polar_client_ip is not null THEN
        ignored := pg_catalog.set_config('app.flag', 'true', false);
    END IF;
END;

COMMENT ON FUNCTION public.tag_session() IS 'xtrig:1:ed041075ec52cae7:public';

DROP EVENT TRIGGER IF EXISTS tag_session;

-- Trigger tag_session: logon
CREATE EVENT TRIGGER tag_session ON after_user_logon
    EXECUTE PROCEDURE public.tag_session();

COMMENT ON EVENT TRIGGER tag_session IS 'xtrig:1:f539c175bb465b2a:public';

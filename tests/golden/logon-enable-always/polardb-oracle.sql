-- Rendered by xtrig for PolarDB for PostgreSQL (compatible with Oracle) 2.0.14.15.31.0: change the definition, not this text
-- PL/SQL holds semicolons: send each statement whole, with a client that does not cut it there.
-- PostgreSQL's psql would cut a function in pieces and run its END as a COMMIT.

-- Function public.greet
CREATE OR REPLACE FUNCTION public.greet RETURN event_trigger AUTHID DEFINER IS
    ignored text;
BEGIN
    -- security: definer. Every name is qualified: this form has no SET clause.
    -- on_error: allow. PolarDB logs an error raised here and lets the session in.
    -- lock_timeout: a lock held elsewhere may delay this, not hold it.
    ignored := pg_catalog.set_config('lock_timeout', '250ms', true);
    ignored := pg_catalog.set_config('app.greeted', 'true', false);
END;

COMMENT ON FUNCTION public.greet() IS 'xtrig:1:19edec6af56e32b7:public';

-- Function public.silent
CREATE OR REPLACE FUNCTION public.silent RETURN event_trigger AUTHID DEFINER IS
    ignored text;
BEGIN
    -- security: definer. Every name is qualified: this form has no SET clause.
    -- on_error: allow. PolarDB logs an error raised here and lets the session in.
    -- lock_timeout: a lock held elsewhere may delay this, not hold it.
    ignored := pg_catalog.set_config('lock_timeout', '250ms', true);
    ignored := pg_catalog.set_config('app.silent', 'true', false);
END;

COMMENT ON FUNCTION public.silent() IS 'xtrig:1:ef658fc44abdad34:public';

-- Function public.replica_only
CREATE OR REPLACE FUNCTION public.replica_only RETURN event_trigger AUTHID DEFINER IS
    ignored text;
BEGIN
    -- security: definer. Every name is qualified: this form has no SET clause.
    -- on_error: allow. PolarDB logs an error raised here and lets the session in.
    -- lock_timeout: a lock held elsewhere may delay this, not hold it.
    ignored := pg_catalog.set_config('lock_timeout', '250ms', true);
    ignored := pg_catalog.set_config('app.replica', 'true', false);
END;

COMMENT ON FUNCTION public.replica_only() IS 'xtrig:1:36b4b05fd23d52a2:public';

DROP EVENT TRIGGER IF EXISTS greet;

-- Trigger greet: logon
CREATE EVENT TRIGGER greet AFTER LOGON ON DATABASE
    EXECUTE FUNCTION public.greet();

ALTER EVENT TRIGGER greet ENABLE ALWAYS;

COMMENT ON EVENT TRIGGER greet IS 'xtrig:1:31622414688fbfc9:public';

DROP EVENT TRIGGER IF EXISTS silent;

-- Trigger silent: logon
CREATE EVENT TRIGGER silent AFTER LOGON ON DATABASE
    EXECUTE FUNCTION public.silent();

ALTER EVENT TRIGGER silent DISABLE;

COMMENT ON EVENT TRIGGER silent IS 'xtrig:1:915daab7f84e8247:public';

DROP EVENT TRIGGER IF EXISTS replica_only;

-- Trigger replica_only: logon
CREATE EVENT TRIGGER replica_only AFTER LOGON ON DATABASE
    EXECUTE FUNCTION public.replica_only();

ALTER EVENT TRIGGER replica_only ENABLE REPLICA;

COMMENT ON EVENT TRIGGER replica_only IS 'xtrig:1:2302ab8493702215:public';

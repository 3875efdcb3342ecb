-- Rendered by xtrig for PolarDB for PostgreSQL (compatible with Oracle) 2.0.14.15.31.0: change the definition, not this text
-- PL/SQL holds semicolons: send each statement whole, with a client that does not cut it there.
-- PostgreSQL's psql would cut a function in pieces and run its END as a COMMIT.

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

DROP EVENT TRIGGER IF EXISTS replica_only;

-- Trigger replica_only: logon
CREATE EVENT TRIGGER replica_only AFTER LOGON ON DATABASE
    EXECUTE FUNCTION public.replica_only();

ALTER EVENT TRIGGER replica_only ENABLE REPLICA;

COMMENT ON EVENT TRIGGER replica_only IS 'xtrig:1:2302ab8493702215:public';

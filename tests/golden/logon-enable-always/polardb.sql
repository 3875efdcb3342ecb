-- Rendered by xtrig for PolarDB for PostgreSQL 14: change the definition, not this text
-- PL/SQL holds semicolons: send each statement whole, with a client that does not cut it there.
-- PostgreSQL's psql would cut a function in pieces and run its END as a COMMIT.

-- Function public.greet
CREATE OR REPLACE FUNCTION public.greet RETURN event_trigger IS
    ignored text;
BEGIN
    -- security: this form has no clause for it and no SET clause; every name is qualified.
    -- on_error: allow. PolarDB logs an error raised here and lets the session in.
    -- lock_timeout: a lock held elsewhere may delay this, not hold it.
    ignored := pg_catalog.set_config('lock_timeout', '250ms', true);
    ignored := pg_catalog.set_config('app.greeted', 'true', false);
END;

COMMENT ON FUNCTION public.greet() IS 'xtrig:1:e39f921faef6f89e';

-- Function public.silent
CREATE OR REPLACE FUNCTION public.silent RETURN event_trigger IS
    ignored text;
BEGIN
    -- security: this form has no clause for it and no SET clause; every name is qualified.
    -- on_error: allow. PolarDB logs an error raised here and lets the session in.
    -- lock_timeout: a lock held elsewhere may delay this, not hold it.
    ignored := pg_catalog.set_config('lock_timeout', '250ms', true);
    ignored := pg_catalog.set_config('app.silent', 'true', false);
END;

COMMENT ON FUNCTION public.silent() IS 'xtrig:1:b2877bc902b41dbc';

-- Function public.replica_only
CREATE OR REPLACE FUNCTION public.replica_only RETURN event_trigger IS
    ignored text;
BEGIN
    -- security: this form has no clause for it and no SET clause; every name is qualified.
    -- on_error: allow. PolarDB logs an error raised here and lets the session in.
    -- lock_timeout: a lock held elsewhere may delay this, not hold it.
    ignored := pg_catalog.set_config('lock_timeout', '250ms', true);
    ignored := pg_catalog.set_config('app.replica', 'true', false);
END;

COMMENT ON FUNCTION public.replica_only() IS 'xtrig:1:426fb2cb12cbae29';

DROP EVENT TRIGGER IF EXISTS greet;

-- Trigger greet: logon
CREATE EVENT TRIGGER greet ON after_user_logon
    EXECUTE PROCEDURE public.greet();

ALTER EVENT TRIGGER greet ENABLE ALWAYS;

COMMENT ON EVENT TRIGGER greet IS 'xtrig:1:f77baf93f0de346b';

DROP EVENT TRIGGER IF EXISTS silent;

-- Trigger silent: logon
CREATE EVENT TRIGGER silent ON after_user_logon
    EXECUTE PROCEDURE public.silent();

ALTER EVENT TRIGGER silent DISABLE;

COMMENT ON EVENT TRIGGER silent IS 'xtrig:1:8d882d6cadc9271e';

DROP EVENT TRIGGER IF EXISTS replica_only;

-- Trigger replica_only: logon
CREATE EVENT TRIGGER replica_only ON after_user_logon
    EXECUTE PROCEDURE public.replica_only();

ALTER EVENT TRIGGER replica_only ENABLE REPLICA;

COMMENT ON EVENT TRIGGER replica_only IS 'xtrig:1:427a1147263efd76';

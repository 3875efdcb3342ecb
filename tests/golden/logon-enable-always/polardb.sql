-- « polardb-script: PolarDB for PostgreSQL 14
-- Function public.greet
CREATE OR REPLACE FUNCTION public.greet RETURN event_trigger IS
    ignored text;
BEGIN
    -- security: this form has no clause for it and no SET clause; every name is qualified.
    -- « polardb-guards: 250ms
    ignored := pg_catalog.set_config('app.greeted', 'true', false);
-- « polardb-end-of-function: public.greet | xtrig:1:8ee92f7a4f03cb3a:public

-- Function public.silent
CREATE OR REPLACE FUNCTION public.silent RETURN event_trigger IS
    ignored text;
BEGIN
    -- security: this form has no clause for it and no SET clause; every name is qualified.
    -- « polardb-guards: 250ms
    ignored := pg_catalog.set_config('app.silent', 'true', false);
-- « polardb-end-of-function: public.silent | xtrig:1:58cc16f19ff4bc5c:public

-- Function public.replica_only
CREATE OR REPLACE FUNCTION public.replica_only RETURN event_trigger IS
    ignored text;
BEGIN
    -- security: this form has no clause for it and no SET clause; every name is qualified.
    -- « polardb-guards: 250ms
    ignored := pg_catalog.set_config('app.replica', 'true', false);
-- « polardb-end-of-function: public.replica_only | xtrig:1:badaa3ba89e3ae4d:public

DROP EVENT TRIGGER IF EXISTS greet;

-- Trigger greet: logon
CREATE EVENT TRIGGER greet ON after_user_logon
    EXECUTE PROCEDURE public.greet();

ALTER EVENT TRIGGER greet ENABLE ALWAYS;

COMMENT ON EVENT TRIGGER greet IS 'xtrig:1:7a784b9f55bd39fe:public';

DROP EVENT TRIGGER IF EXISTS silent;

-- Trigger silent: logon
CREATE EVENT TRIGGER silent ON after_user_logon
    EXECUTE PROCEDURE public.silent();

ALTER EVENT TRIGGER silent DISABLE;

COMMENT ON EVENT TRIGGER silent IS 'xtrig:1:6f1aba85ef519642:public';

DROP EVENT TRIGGER IF EXISTS replica_only;

-- Trigger replica_only: logon
CREATE EVENT TRIGGER replica_only ON after_user_logon
    EXECUTE PROCEDURE public.replica_only();

ALTER EVENT TRIGGER replica_only ENABLE REPLICA;

COMMENT ON EVENT TRIGGER replica_only IS 'xtrig:1:89e1e46d1d01c510:public';

-- « polardb-script: PolarDB for PostgreSQL 14
-- Function public.replica_only
CREATE OR REPLACE FUNCTION public.replica_only RETURN event_trigger IS
    ignored text;
BEGIN
    -- security: this form has no clause for it and no SET clause; every name is qualified.
    -- « polardb-guards: 250ms
    ignored := pg_catalog.set_config('app.replica', 'true', false);
-- « polardb-end-of-function: public.replica_only | xtrig:1:badaa3ba89e3ae4d:public

DROP EVENT TRIGGER IF EXISTS replica_only;

-- Trigger replica_only: logon
CREATE EVENT TRIGGER replica_only ON after_user_logon
    EXECUTE PROCEDURE public.replica_only();

ALTER EVENT TRIGGER replica_only ENABLE REPLICA;

COMMENT ON EVENT TRIGGER replica_only IS 'xtrig:1:89e1e46d1d01c510:public';

-- « polardb-script: PolarDB for PostgreSQL 14
-- « polardb-helper: public.replica_only
    -- lock_timeout: a lock held elsewhere may delay this, not hold it.
    SET lock_timeout = '250ms'
AS $xtrig$
BEGIN
    -- « polardb-refusal: public.replica_only
    BEGIN
        PERFORM set_config('app.replica', 'true', false);
    -- « error-is-logged: login | public.replica_only | logon
-- « polardb-end-of-helper: public.replica_only | xtrig:1:85c3fda7d685ad42:public | xtrig:1:725df7453faf1afe:public | public

DROP EVENT TRIGGER IF EXISTS replica_only;

-- Trigger replica_only: logon
CREATE EVENT TRIGGER replica_only ON after_user_logon
    EXECUTE PROCEDURE public.replica_only();

ALTER EVENT TRIGGER replica_only ENABLE REPLICA;

COMMENT ON EVENT TRIGGER replica_only IS 'xtrig:1:89e1e46d1d01c510:public';

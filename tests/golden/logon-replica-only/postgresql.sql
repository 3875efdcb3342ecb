-- Rendered by xtrig for PostgreSQL 18: change the definition, not this text
-- warning: trigger 'replica_only': enable: replica: with no other login trigger, hot standbys refuse every login to this database [XT212]

BEGIN;

SET LOCAL search_path = pg_catalog, pg_temp;

SET LOCAL client_min_messages = warning;

-- Preflight: stop here, before any change, if something is missing or someone else's
DO $xtrig$
DECLARE
    problem text;
BEGIN
    SELECT format('event trigger %s exists and was not made by xtrig; rename one of the two', evtname)
    INTO problem
    FROM pg_event_trigger
    WHERE evtname IN ('replica_only')
      AND coalesce(obj_description(oid, 'pg_event_trigger'), '') NOT LIKE 'xtrig:%';
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
    SELECT format('function %s exists and was not made by xtrig; rename one of the two', oid::regprocedure)
    INTO problem
    FROM pg_proc
    WHERE oid IN (to_regprocedure('public.replica_only()'))
      AND coalesce(obj_description(oid, 'pg_proc'), '') NOT LIKE 'xtrig:%';
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
END
$xtrig$;

-- Function public.replica_only
CREATE OR REPLACE FUNCTION public.replica_only()
    RETURNS event_trigger
    LANGUAGE plpgsql
    -- security: definer. The pinned search_path keeps other people's objects out.
    SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    -- A client chooses these before it logs in, and they change what the text below means.
    SET standard_conforming_strings = on
    -- lock_timeout: a lock held elsewhere may delay this, not hold it.
    SET lock_timeout = '250ms'
    -- timeout: a login is refused when it takes longer; statement_timeout does not bound it.
    SET transaction_timeout = '5s'
AS $xtrig$
BEGIN
    BEGIN
        PERFORM set_config('app.replica', 'true', false);
    -- on_error: allow. The login goes on, and the error is in the server log.
    EXCEPTION WHEN OTHERS OR assert_failure OR query_canceled THEN
        RAISE LOG 'xtrig %', json_build_object(
            'outcome', 'error',
            'function', 'public.replica_only',
            'event', 'logon',
            'login_user', session_user,
            'client_ip', host(inet_client_addr()),
            'backend_pid', pg_backend_pid(),
            'sqlstate', SQLSTATE,
            'error', SQLERRM
        );
    END;
END
$xtrig$;

REVOKE ALL ON FUNCTION public.replica_only() FROM PUBLIC;

COMMENT ON FUNCTION public.replica_only() IS 'xtrig:1:1995e98c6fdf8bcb:public';

-- Trigger replica_only: logon
DO $xtrig$
BEGIN
    -- enable: replica. It fires only where session_replication_role is replica.
    IF NOT EXISTS (
        SELECT FROM pg_event_trigger
        WHERE evtname = 'replica_only' AND evtevent = 'login'
          AND evtfoid = to_regprocedure('public.replica_only()') AND evttags IS NULL
    ) THEN
        DROP EVENT TRIGGER IF EXISTS replica_only;
        CREATE EVENT TRIGGER replica_only ON login
            EXECUTE FUNCTION public.replica_only();
    END IF;
    IF (SELECT evtenabled FROM pg_event_trigger WHERE evtname = 'replica_only') <> 'R' THEN
        ALTER EVENT TRIGGER replica_only ENABLE REPLICA;
    END IF;
END
$xtrig$;

COMMENT ON EVENT TRIGGER replica_only IS 'xtrig:1:5123ffeafbbbb5b0:public';

COMMIT;

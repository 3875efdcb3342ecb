-- Rendered by xtrig for PostgreSQL 18: change the definition, not this text

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
    WHERE evtname IN ('maintenance')
      AND coalesce(obj_description(oid, 'pg_event_trigger'), '') NOT LIKE 'xtrig:%';
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
    SELECT format('function %s exists and was not made by xtrig; rename one of the two', oid::regprocedure)
    INTO problem
    FROM pg_proc
    WHERE oid IN (to_regprocedure('public.maintenance()'))
      AND coalesce(obj_description(oid, 'pg_proc'), '') NOT LIKE 'xtrig:%';
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
END
$xtrig$;

-- Function public.maintenance
CREATE OR REPLACE FUNCTION public.maintenance()
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
    -- exempt_roles: nothing below can stop these roles.
    IF session_user IN ('dba', 'o''brien') THEN
        RAISE LOG 'xtrig %', json_build_object(
            'outcome', 'exempt',
            'function', 'public.maintenance',
            'event', 'logon',
            'login_user', session_user,
            'client_ip', host(inet_client_addr()),
            'backend_pid', pg_backend_pid()
        );
        RETURN;
    END IF;
    -- on_error: deny. An error below refuses the login.
    IF extract(hour FROM clock_timestamp() AT TIME ZONE INTERVAL '0')::integer < 6 THEN
        RAISE EXCEPTION USING
            MESSAGE = format('closed for %s until 6:00 (100%%)', session_user),
            ERRCODE = 'insufficient_privilege';
    END IF;
END
$xtrig$;

REVOKE ALL ON FUNCTION public.maintenance() FROM PUBLIC;

COMMENT ON FUNCTION public.maintenance() IS 'xtrig:1:a6b05ef319d8f58e:public';

-- Trigger maintenance: logon
DO $xtrig$
BEGIN
    -- enable: origin. It fires unless session_replication_role is replica.
    IF NOT EXISTS (
        SELECT FROM pg_event_trigger
        WHERE evtname = 'maintenance' AND evtevent = 'login'
          AND evtfoid = to_regprocedure('public.maintenance()') AND evttags IS NULL
    ) THEN
        DROP EVENT TRIGGER IF EXISTS maintenance;
        CREATE EVENT TRIGGER maintenance ON login
            EXECUTE FUNCTION public.maintenance();
    END IF;
    IF (SELECT evtenabled FROM pg_event_trigger WHERE evtname = 'maintenance') <> 'O' THEN
        ALTER EVENT TRIGGER maintenance ENABLE;
    END IF;
END
$xtrig$;

COMMENT ON EVENT TRIGGER maintenance IS 'xtrig:1:a6fc4d067612050d:public';

COMMIT;

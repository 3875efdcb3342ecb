-- Rendered by xtrig for PostgreSQL 18: change the definition, not this text
-- warning: trigger 'firewall': deny at logon: nobody is exempt, so superusers, logical replication and pg_dump can be refused too [XT218]

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
    WHERE evtname IN ('firewall')
      AND coalesce(obj_description(oid, 'pg_event_trigger'), '') NOT LIKE 'xtrig:%';
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
    SELECT format('function %s exists and was not made by xtrig; rename one of the two', oid::regprocedure)
    INTO problem
    FROM pg_proc
    WHERE oid IN (to_regprocedure('public.firewall()'))
      AND coalesce(obj_description(oid, 'pg_proc'), '') NOT LIKE 'xtrig:%';
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
END
$xtrig$;

-- Function public.firewall
CREATE OR REPLACE FUNCTION public.firewall()
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
DECLARE
    denial text;
BEGIN
    <<guarded>>
    BEGIN
        IF current_setting('application_name') = 'badapp' THEN
            denial := format('not from %s', host(inet_client_addr()));
            EXIT guarded;
        END IF;
    -- on_error: allow. The login goes on, and the error is in the server log.
    EXCEPTION WHEN OTHERS OR assert_failure OR query_canceled THEN
        RAISE LOG 'xtrig %', json_build_object(
            'outcome', 'error',
            'function', 'public.firewall',
            'event', 'logon',
            'login_user', session_user,
            'client_ip', host(inet_client_addr()),
            'backend_pid', pg_backend_pid(),
            'sqlstate', SQLSTATE,
            'error', SQLERRM
        );
    END;
    IF denial IS NOT NULL THEN
        RAISE EXCEPTION USING
            MESSAGE = denial,
            ERRCODE = 'insufficient_privilege';
    END IF;
END
$xtrig$;

REVOKE ALL ON FUNCTION public.firewall() FROM PUBLIC;

COMMENT ON FUNCTION public.firewall() IS 'xtrig:1:bc2f000d80917b79:public';

-- Trigger firewall: logon
DO $xtrig$
BEGIN
    -- enable: origin. It fires unless session_replication_role is replica.
    IF NOT EXISTS (
        SELECT FROM pg_event_trigger
        WHERE evtname = 'firewall' AND evtevent = 'login'
          AND evtfoid = to_regprocedure('public.firewall()') AND evttags IS NULL
    ) THEN
        DROP EVENT TRIGGER IF EXISTS firewall;
        CREATE EVENT TRIGGER firewall ON login
            EXECUTE FUNCTION public.firewall();
    END IF;
    IF (SELECT evtenabled FROM pg_event_trigger WHERE evtname = 'firewall') <> 'O' THEN
        ALTER EVENT TRIGGER firewall ENABLE;
    END IF;
END
$xtrig$;

COMMENT ON EVENT TRIGGER firewall IS 'xtrig:1:564aa1c687abbdf9:public';

COMMIT;

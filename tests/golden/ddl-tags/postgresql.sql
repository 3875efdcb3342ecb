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
    WHERE evtname IN ('no_extensions')
      AND coalesce(obj_description(oid, 'pg_event_trigger'), '') NOT LIKE 'xtrig:%';
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
    SELECT format('function %s exists and was not made by xtrig; rename one of the two', oid::regprocedure)
    INTO problem
    FROM pg_proc
    WHERE oid IN (to_regprocedure('public.no_extensions()'))
      AND coalesce(obj_description(oid, 'pg_proc'), '') NOT LIKE 'xtrig:%';
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
    -- no_extensions would fire on this script, and may deny it; it rests until the commit.
    IF EXISTS (SELECT FROM pg_event_trigger WHERE evtname = 'no_extensions') THEN
        ALTER EVENT TRIGGER no_extensions DISABLE;
    END IF;
END
$xtrig$;

-- Function public.no_extensions
CREATE OR REPLACE FUNCTION public.no_extensions()
    RETURNS event_trigger
    LANGUAGE plpgsql
    -- security: definer. The pinned search_path keeps other people's objects out.
    SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    -- A client chooses these before it logs in, and they change what the text below means.
    SET standard_conforming_strings = on
    SET quote_all_identifiers = off
AS $xtrig$
BEGIN
    -- exempt_roles: nothing below can stop these roles.
    IF session_user IN ('dba') THEN
        RAISE LOG 'xtrig %', json_build_object(
            'outcome', 'exempt',
            'function', 'public.no_extensions',
            'event', 'ddl_command_start',
            'login_user', session_user,
            'client_ip', host(inet_client_addr()),
            'backend_pid', pg_backend_pid()
        );
        RETURN;
    END IF;
    -- on_error: deny. An error below stops the command.
    RAISE EXCEPTION USING
        MESSAGE = format('%s is for the DBA', tg_tag),
        ERRCODE = 'insufficient_privilege';
END
$xtrig$;

REVOKE ALL ON FUNCTION public.no_extensions() FROM PUBLIC;

COMMENT ON FUNCTION public.no_extensions() IS 'xtrig:1:e8e363fbe583de85:public';

-- Trigger no_extensions: ddl_command_start
DO $xtrig$
BEGIN
    -- enable: origin. It fires unless session_replication_role is replica.
    IF NOT EXISTS (
        SELECT FROM pg_event_trigger
        WHERE evtname = 'no_extensions' AND evtevent = 'ddl_command_start'
          AND evtfoid = to_regprocedure('public.no_extensions()') AND evttags = ARRAY['CREATE EXTENSION', 'DROP EXTENSION']
    ) THEN
        DROP EVENT TRIGGER IF EXISTS no_extensions;
        CREATE EVENT TRIGGER no_extensions ON ddl_command_start
            WHEN TAG IN ('CREATE EXTENSION', 'DROP EXTENSION')
            EXECUTE FUNCTION public.no_extensions();
    END IF;
    IF (SELECT evtenabled FROM pg_event_trigger WHERE evtname = 'no_extensions') <> 'O' THEN
        ALTER EVENT TRIGGER no_extensions ENABLE;
    END IF;
END
$xtrig$;

COMMENT ON EVENT TRIGGER no_extensions IS 'xtrig:1:3a4519ea4e203a7a:public';

COMMIT;

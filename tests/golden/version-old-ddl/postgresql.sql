-- Rendered by xtrig for PostgreSQL 16: change the definition, not this text

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
    WHERE evtname IN ('noddl')
      AND coalesce(obj_description(oid, 'pg_event_trigger'), '') NOT LIKE 'xtrig:%';
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
    SELECT format('function %s exists and was not made by xtrig; rename one of the two', oid::regprocedure)
    INTO problem
    FROM pg_proc
    WHERE oid IN (to_regprocedure('public.noddl()'))
      AND coalesce(obj_description(oid, 'pg_proc'), '') NOT LIKE 'xtrig:%';
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
    -- noddl would fire on this script, and may deny it; it rests until the commit.
    IF EXISTS (SELECT FROM pg_event_trigger WHERE evtname = 'noddl') THEN
        ALTER EVENT TRIGGER noddl DISABLE;
    END IF;
END
$xtrig$;

-- Function public.noddl
CREATE OR REPLACE FUNCTION public.noddl()
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
    -- on_error: deny. An error below stops the command.
    RAISE EXCEPTION USING
        MESSAGE = 'no',
        ERRCODE = 'insufficient_privilege';
END
$xtrig$;

REVOKE ALL ON FUNCTION public.noddl() FROM PUBLIC;

COMMENT ON FUNCTION public.noddl() IS 'xtrig:1:a0655c5d78607c1a:public';

-- Trigger noddl: ddl_command_start
DO $xtrig$
BEGIN
    -- enable: origin. It fires unless session_replication_role is replica.
    IF NOT EXISTS (
        SELECT FROM pg_event_trigger
        WHERE evtname = 'noddl' AND evtevent = 'ddl_command_start'
          AND evtfoid = to_regprocedure('public.noddl()') AND evttags IS NULL
    ) THEN
        DROP EVENT TRIGGER IF EXISTS noddl;
        CREATE EVENT TRIGGER noddl ON ddl_command_start
            EXECUTE FUNCTION public.noddl();
    END IF;
    IF (SELECT evtenabled FROM pg_event_trigger WHERE evtname = 'noddl') <> 'O' THEN
        ALTER EVENT TRIGGER noddl ENABLE;
    END IF;
END
$xtrig$;

COMMENT ON EVENT TRIGGER noddl IS 'xtrig:1:53870ca5b600a2a7:public';

COMMIT;

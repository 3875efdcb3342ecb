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
    WHERE evtname IN ('no_rewrite_allowed')
      AND coalesce(obj_description(oid, 'pg_event_trigger'), '') NOT LIKE 'xtrig:%';
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
    SELECT format('function %s exists and was not made by xtrig; rename one of the two', oid::regprocedure)
    INTO problem
    FROM pg_proc
    WHERE oid IN (to_regprocedure('public.no_rewrite_allowed()'))
      AND coalesce(obj_description(oid, 'pg_proc'), '') NOT LIKE 'xtrig:%';
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
    -- no_rewrite_allowed would fire on this script, and may deny it; it rests until the commit.
    IF EXISTS (SELECT FROM pg_event_trigger WHERE evtname = 'no_rewrite_allowed') THEN
        ALTER EVENT TRIGGER no_rewrite_allowed DISABLE;
    END IF;
END
$xtrig$;

-- Function public.no_rewrite_allowed
CREATE OR REPLACE FUNCTION public.no_rewrite_allowed()
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
    IF pg_event_trigger_table_rewrite_oid()::regclass::text = 'public.foo' THEN
        RAISE EXCEPTION USING
            MESSAGE = format('you''re not allowed to rewrite the table %s', pg_event_trigger_table_rewrite_oid()::regclass::text),
            ERRCODE = 'insufficient_privilege';
    END IF;
    IF (SELECT relpages FROM pg_class WHERE oid = pg_event_trigger_table_rewrite_oid()) > 100 THEN
        RAISE EXCEPTION USING
            MESSAGE = 'rewrites only allowed for table with less than 100 pages',
            ERRCODE = 'insufficient_privilege';
    END IF;
    IF extract(hour FROM clock_timestamp() AT TIME ZONE INTERVAL '0')::integer not between 1 and 6 THEN
        RAISE EXCEPTION USING
            MESSAGE = 'rewrites only allowed between 1am and 6am',
            ERRCODE = 'insufficient_privilege';
    END IF;
END
$xtrig$;

REVOKE ALL ON FUNCTION public.no_rewrite_allowed() FROM PUBLIC;

COMMENT ON FUNCTION public.no_rewrite_allowed() IS 'xtrig:1:6eaa6828621ee9e9:public';

-- Trigger no_rewrite_allowed: table_rewrite
DO $xtrig$
BEGIN
    -- enable: origin. It fires unless session_replication_role is replica.
    IF NOT EXISTS (
        SELECT FROM pg_event_trigger
        WHERE evtname = 'no_rewrite_allowed' AND evtevent = 'table_rewrite'
          AND evtfoid = to_regprocedure('public.no_rewrite_allowed()') AND evttags IS NULL
    ) THEN
        DROP EVENT TRIGGER IF EXISTS no_rewrite_allowed;
        CREATE EVENT TRIGGER no_rewrite_allowed ON table_rewrite
            EXECUTE FUNCTION public.no_rewrite_allowed();
    END IF;
    IF (SELECT evtenabled FROM pg_event_trigger WHERE evtname = 'no_rewrite_allowed') <> 'O' THEN
        ALTER EVENT TRIGGER no_rewrite_allowed ENABLE;
    END IF;
END
$xtrig$;

COMMENT ON EVENT TRIGGER no_rewrite_allowed IS 'xtrig:1:1ac3f35616964095:public';

COMMIT;

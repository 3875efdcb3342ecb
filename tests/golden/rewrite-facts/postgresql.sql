-- Rendered by xtrig for PostgreSQL 18: change the definition, not this text

BEGIN;

SET LOCAL search_path = pg_catalog, pg_temp;

SET LOCAL client_min_messages = warning;

-- Preflight: stop here, before any change, if something is missing or someone else's
DO $xtrig$
DECLARE
    problem text;
BEGIN
    SELECT format('event trigger %s exists and was not made by xtrig; rename one of the two', evtname) INTO problem
    FROM pg_event_trigger
    WHERE evtname IN ('rewrites')
      AND coalesce(obj_description(oid, 'pg_event_trigger'), '') NOT LIKE 'xtrig:%';
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
    SELECT format('function %s exists and was not made by xtrig; rename one of the two', oid::regprocedure) INTO problem
    FROM pg_proc
    WHERE oid IN (to_regprocedure('public.rewrites()'))
      AND coalesce(obj_description(oid, 'pg_proc'), '') NOT LIKE 'xtrig:%';
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
    -- rewrites would fire on this script, and may deny it; it rests until the commit.
    IF EXISTS (SELECT FROM pg_event_trigger WHERE evtname = 'rewrites') THEN
        ALTER EVENT TRIGGER rewrites DISABLE;
    END IF;
END
$xtrig$;

-- Function public.rewrites
CREATE OR REPLACE FUNCTION public.rewrites()
    RETURNS event_trigger
    LANGUAGE plpgsql
    -- security: definer. The pinned search_path keeps other people's objects out.
    SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $xtrig$
BEGIN
    -- on_error: deny. An error below stops the command.
    INSERT INTO public.facts (a, b, c, d)
    VALUES (
        pg_event_trigger_table_rewrite_oid()::regclass::text,
        pg_event_trigger_table_rewrite_oid(),
        (SELECT relpages FROM pg_class WHERE oid = pg_event_trigger_table_rewrite_oid()),
        pg_event_trigger_table_rewrite_reason()
    );
END
$xtrig$;

REVOKE ALL ON FUNCTION public.rewrites() FROM PUBLIC;

COMMENT ON FUNCTION public.rewrites() IS 'xtrig:1:9feea8555c1be063';

-- Trigger rewrites: table_rewrite
DO $xtrig$
BEGIN
    -- enable: origin. It fires unless session_replication_role is replica.
    IF NOT EXISTS (
        SELECT FROM pg_event_trigger
        WHERE evtname = 'rewrites' AND evtevent = 'table_rewrite'
          AND evtfoid = to_regprocedure('public.rewrites()') AND evttags = ARRAY['ALTER TABLE']
    ) THEN
        DROP EVENT TRIGGER IF EXISTS rewrites;
        CREATE EVENT TRIGGER rewrites ON table_rewrite
            WHEN TAG IN ('ALTER TABLE')
            EXECUTE FUNCTION public.rewrites();
    END IF;
    IF (SELECT evtenabled FROM pg_event_trigger WHERE evtname = 'rewrites') <> 'O' THEN
        ALTER EVENT TRIGGER rewrites ENABLE;
    END IF;
END
$xtrig$;

COMMENT ON EVENT TRIGGER rewrites IS 'xtrig:1:6eedd0ddc74a008f';

COMMIT;

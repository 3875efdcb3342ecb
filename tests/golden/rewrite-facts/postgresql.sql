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
    WHERE evtname IN ('rewrites')
      AND coalesce(obj_description(oid, 'pg_event_trigger'), '') NOT LIKE 'xtrig:%';
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
    SELECT format('function %s exists and was not made by xtrig; rename one of the two', oid::regprocedure)
    INTO problem
    FROM pg_proc
    WHERE oid IN (to_regprocedure('public.rewrites()'))
      AND coalesce(obj_description(oid, 'pg_proc'), '') NOT LIKE 'xtrig:%';
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
    -- The functions write with their owner's rights: only where nobody else can put a trigger.
    SELECT format('schema %I belongs to %I, who could become superuser by it; use a schema of your own', nspname, owner.rolname)
    INTO problem
    FROM pg_namespace JOIN pg_roles AS owner
      ON owner.oid = CASE WHEN nspowner = to_regrole('pg_database_owner') THEN (SELECT datdba FROM pg_database WHERE datname = current_database()) ELSE nspowner END
    WHERE nspname IN ('public') AND NOT (owner.rolsuper OR owner.rolname = current_user);
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
    SELECT format('table %s belongs to %I, who could become superuser by it; give it to a superuser', pg_class.oid::regclass, owner.rolname)
    INTO problem
    FROM pg_class JOIN pg_roles AS owner ON owner.oid = relowner
    WHERE pg_class.oid IN (SELECT c.oid FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE (nspname, relname) IN (('public', 'facts')))
      AND NOT (owner.rolsuper OR owner.rolname = current_user);
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
    -- A client chooses these before it logs in, and they change what the text below means.
    SET standard_conforming_strings = on
    SET quote_all_identifiers = off
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

COMMENT ON FUNCTION public.rewrites() IS 'xtrig:1:b11b9c64389210ef:public';

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

COMMENT ON EVENT TRIGGER rewrites IS 'xtrig:1:0fffdb48cc58d2b0:public';

COMMIT;

-- Rendered by xtrig for PostgreSQL 18: change the definition, not this text
-- warning: trigger 'drops': deny after insert: the refusal takes the row back, so none of those refused is recorded [XT213]

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
    WHERE evtname IN ('commands', 'drops')
      AND coalesce(obj_description(oid, 'pg_event_trigger'), '') NOT LIKE 'xtrig:%';
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
    SELECT format('function %s exists and was not made by xtrig; rename one of the two', oid::regprocedure)
    INTO problem
    FROM pg_proc
    WHERE oid IN (to_regprocedure('public.commands()'), to_regprocedure('public.drops()'))
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
    -- commands would fire on this script, and may deny it; it rests until the commit.
    IF EXISTS (SELECT FROM pg_event_trigger WHERE evtname = 'commands') THEN
        ALTER EVENT TRIGGER commands DISABLE;
    END IF;
    -- drops would fire on this script, and may deny it; it rests until the commit.
    IF EXISTS (SELECT FROM pg_event_trigger WHERE evtname = 'drops') THEN
        ALTER EVENT TRIGGER drops DISABLE;
    END IF;
END
$xtrig$;

-- Function public.commands
CREATE OR REPLACE FUNCTION public.commands()
    RETURNS event_trigger
    LANGUAGE plpgsql
    -- security: definer. The pinned search_path keeps other people's objects out.
    SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    -- A client chooses these before it logs in, and they change what the text below means.
    SET standard_conforming_strings = on
    SET quote_all_identifiers = off
AS $xtrig$
DECLARE
    ddl_command record;
BEGIN
    -- on_error: deny. An error below stops the command.
    IF session_user <> 'dba' THEN
        FOR ddl_command IN SELECT * FROM pg_event_trigger_ddl_commands() LOOP
            INSERT INTO public.facts (a, b, c, d, e, f)
            VALUES (
                ddl_command.command_tag,
                ddl_command.object_type,
                ddl_command.schema_name,
                ddl_command.object_identity,
                tg_tag,
                tg_event
            );
        END LOOP;
    END IF;
END
$xtrig$;

REVOKE ALL ON FUNCTION public.commands() FROM PUBLIC;

COMMENT ON FUNCTION public.commands() IS 'xtrig:1:70e91f362cc3f238:public';

-- Function public.drops
CREATE OR REPLACE FUNCTION public.drops()
    RETURNS event_trigger
    LANGUAGE plpgsql
    -- security: definer. The pinned search_path keeps other people's objects out.
    SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    -- A client chooses these before it logs in, and they change what the text below means.
    SET standard_conforming_strings = on
    SET quote_all_identifiers = off
AS $xtrig$
DECLARE
    dropped_object record;
BEGIN
    -- on_error: deny. An error below stops the command.
    FOR dropped_object IN SELECT * FROM pg_event_trigger_dropped_objects() LOOP
        IF dropped_object.object_type = 'table' THEN
            INSERT INTO public.facts (a, b, c, d)
            VALUES (
                tg_tag,
                dropped_object.object_type,
                dropped_object.schema_name,
                dropped_object.object_identity
            );
            IF dropped_object.schema_name = 'app' THEN
                RAISE EXCEPTION USING
                    MESSAGE = format('keep %s', dropped_object.object_identity),
                    ERRCODE = 'insufficient_privilege';
            END IF;
        END IF;
    END LOOP;
END
$xtrig$;

REVOKE ALL ON FUNCTION public.drops() FROM PUBLIC;

COMMENT ON FUNCTION public.drops() IS 'xtrig:1:1d88986c3ad60808:public';

-- Trigger commands: ddl_command_end
DO $xtrig$
BEGIN
    -- enable: origin. It fires unless session_replication_role is replica.
    IF NOT EXISTS (
        SELECT FROM pg_event_trigger
        WHERE evtname = 'commands' AND evtevent = 'ddl_command_end'
          AND evtfoid = to_regprocedure('public.commands()') AND evttags IS NULL
    ) THEN
        DROP EVENT TRIGGER IF EXISTS commands;
        CREATE EVENT TRIGGER commands ON ddl_command_end
            EXECUTE FUNCTION public.commands();
    END IF;
    IF (SELECT evtenabled FROM pg_event_trigger WHERE evtname = 'commands') <> 'O' THEN
        ALTER EVENT TRIGGER commands ENABLE;
    END IF;
END
$xtrig$;

COMMENT ON EVENT TRIGGER commands IS 'xtrig:1:931ec98bfefe1f67:public';

-- Trigger drops: sql_drop
DO $xtrig$
BEGIN
    -- enable: origin. It fires unless session_replication_role is replica.
    IF NOT EXISTS (
        SELECT FROM pg_event_trigger
        WHERE evtname = 'drops' AND evtevent = 'sql_drop'
          AND evtfoid = to_regprocedure('public.drops()') AND evttags = ARRAY['DROP TABLE']
    ) THEN
        DROP EVENT TRIGGER IF EXISTS drops;
        CREATE EVENT TRIGGER drops ON sql_drop
            WHEN TAG IN ('DROP TABLE')
            EXECUTE FUNCTION public.drops();
    END IF;
    IF (SELECT evtenabled FROM pg_event_trigger WHERE evtname = 'drops') <> 'O' THEN
        ALTER EVENT TRIGGER drops ENABLE;
    END IF;
END
$xtrig$;

COMMENT ON EVENT TRIGGER drops IS 'xtrig:1:96c7ebbc386a66c5:public';

COMMIT;

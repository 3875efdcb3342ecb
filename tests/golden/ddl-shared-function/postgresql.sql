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
    WHERE evtname IN ('at_start', 'at_drop')
      AND coalesce(obj_description(oid, 'pg_event_trigger'), '') NOT LIKE 'xtrig:%';
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
    SELECT format('function %s exists and was not made by xtrig; rename one of the two', oid::regprocedure)
    INTO problem
    FROM pg_proc
    WHERE oid IN (to_regprocedure('audit.record()'))
      AND coalesce(obj_description(oid, 'pg_proc'), '') NOT LIKE 'xtrig:%';
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
    SELECT format('table %s exists and was not made by xtrig; say create: false, or rename one of the two', oid::regclass)
    INTO problem
    FROM pg_class
    WHERE oid IN (SELECT c.oid FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE (nspname, relname) IN (('audit', 'log')))
      AND coalesce(obj_description(oid, 'pg_class'), '') NOT LIKE 'xtrig:%';
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
    -- The functions write with their owner's rights: only where nobody else can put a trigger.
    SELECT format('schema %I belongs to %I, who could become superuser by it; use a schema of your own', nspname, owner.rolname)
    INTO problem
    FROM pg_namespace JOIN pg_roles AS owner
      ON owner.oid = CASE WHEN nspowner = to_regrole('pg_database_owner') THEN (SELECT datdba FROM pg_database WHERE datname = current_database()) ELSE nspowner END
    WHERE nspname IN ('audit') AND NOT (owner.rolsuper OR owner.rolname = current_user);
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
    SELECT format('table %s belongs to %I, who could become superuser by it; give it to a superuser', pg_class.oid::regclass, owner.rolname)
    INTO problem
    FROM pg_class JOIN pg_roles AS owner ON owner.oid = relowner
    WHERE pg_class.oid IN (SELECT c.oid FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE (nspname, relname) IN (('audit', 'log')))
      AND NOT (owner.rolsuper OR owner.rolname = current_user);
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
    -- at_start would fire on this script, and may deny it; it rests until the commit.
    IF EXISTS (SELECT FROM pg_event_trigger WHERE evtname = 'at_start') THEN
        ALTER EVENT TRIGGER at_start DISABLE;
    END IF;
    -- at_drop would fire on this script, and may deny it; it rests until the commit.
    IF EXISTS (SELECT FROM pg_event_trigger WHERE evtname = 'at_drop') THEN
        ALTER EVENT TRIGGER at_drop DISABLE;
    END IF;
END
$xtrig$;

-- Schema audit
CREATE SCHEMA IF NOT EXISTS audit;

-- Table audit.log
CREATE TABLE IF NOT EXISTS audit.log (
    id bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL,
    who varchar(64),
    what text,
    PRIMARY KEY (id)
);

COMMENT ON TABLE audit.log IS 'xtrig:1:4d614ba24ed0a6ae:audit';

-- Function audit.record
CREATE OR REPLACE FUNCTION audit.record()
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
    INSERT INTO audit.log (at, who, what)
    VALUES (clock_timestamp(), session_user, tg_event || ' ' || tg_event);
END
$xtrig$;

REVOKE ALL ON FUNCTION audit.record() FROM PUBLIC;

COMMENT ON FUNCTION audit.record() IS 'xtrig:1:7e80e7570c71d877:audit';

-- Trigger at_start: ddl_command_start
DO $xtrig$
BEGIN
    -- enable: origin. It fires unless session_replication_role is replica.
    IF NOT EXISTS (
        SELECT FROM pg_event_trigger
        WHERE evtname = 'at_start' AND evtevent = 'ddl_command_start'
          AND evtfoid = to_regprocedure('audit.record()') AND evttags IS NULL
    ) THEN
        DROP EVENT TRIGGER IF EXISTS at_start;
        CREATE EVENT TRIGGER at_start ON ddl_command_start
            EXECUTE FUNCTION audit.record();
    END IF;
    IF (SELECT evtenabled FROM pg_event_trigger WHERE evtname = 'at_start') <> 'O' THEN
        ALTER EVENT TRIGGER at_start ENABLE;
    END IF;
END
$xtrig$;

COMMENT ON EVENT TRIGGER at_start IS 'xtrig:1:10582803dd608451:audit';

-- Trigger at_drop: sql_drop
DO $xtrig$
BEGIN
    -- enable: origin. It fires unless session_replication_role is replica.
    IF NOT EXISTS (
        SELECT FROM pg_event_trigger
        WHERE evtname = 'at_drop' AND evtevent = 'sql_drop'
          AND evtfoid = to_regprocedure('audit.record()') AND evttags IS NULL
    ) THEN
        DROP EVENT TRIGGER IF EXISTS at_drop;
        CREATE EVENT TRIGGER at_drop ON sql_drop
            EXECUTE FUNCTION audit.record();
    END IF;
    IF (SELECT evtenabled FROM pg_event_trigger WHERE evtname = 'at_drop') <> 'O' THEN
        ALTER EVENT TRIGGER at_drop ENABLE;
    END IF;
END
$xtrig$;

COMMENT ON EVENT TRIGGER at_drop IS 'xtrig:1:ed28985f8927a410:audit';

COMMIT;

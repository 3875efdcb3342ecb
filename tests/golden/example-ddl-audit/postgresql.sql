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
    WHERE evtname IN ('ddl_audit', 'drop_audit')
      AND coalesce(obj_description(oid, 'pg_event_trigger'), '') NOT LIKE 'xtrig:%';
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
    SELECT format('function %s exists and was not made by xtrig; rename one of the two', oid::regprocedure)
    INTO problem
    FROM pg_proc
    WHERE oid IN (to_regprocedure('audit.ddl_audit()'), to_regprocedure('audit.drop_audit()'))
      AND coalesce(obj_description(oid, 'pg_proc'), '') NOT LIKE 'xtrig:%';
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
    SELECT format('table %s exists and was not made by xtrig; say create: false, or rename one of the two', oid::regclass)
    INTO problem
    FROM pg_class
    WHERE oid IN (SELECT c.oid FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE (nspname, relname) IN (('audit', 'ddl_log')))
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
    WHERE pg_class.oid IN (SELECT c.oid FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE (nspname, relname) IN (('audit', 'ddl_log')))
      AND NOT (owner.rolsuper OR owner.rolname = current_user);
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
    -- ddl_audit would fire on this script, and may deny it; it rests until the commit.
    IF EXISTS (SELECT FROM pg_event_trigger WHERE evtname = 'ddl_audit') THEN
        ALTER EVENT TRIGGER ddl_audit DISABLE;
    END IF;
    -- drop_audit would fire on this script, and may deny it; it rests until the commit.
    IF EXISTS (SELECT FROM pg_event_trigger WHERE evtname = 'drop_audit') THEN
        ALTER EVENT TRIGGER drop_audit DISABLE;
    END IF;
END
$xtrig$;

-- Schema audit
CREATE SCHEMA IF NOT EXISTS audit;

-- Table audit.ddl_log
CREATE TABLE IF NOT EXISTS audit.ddl_log (
    id bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz,
    user_name varchar(64),
    event varchar(64),
    command_tag varchar(64),
    object_type varchar(64),
    object_identity text,
    PRIMARY KEY (id)
);

COMMENT ON TABLE audit.ddl_log IS 'xtrig:1:5a583a1e6de39bcd:audit';

-- Function audit.ddl_audit
CREATE OR REPLACE FUNCTION audit.ddl_audit()
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
    FOR ddl_command IN SELECT * FROM pg_event_trigger_ddl_commands() LOOP
        INSERT INTO audit.ddl_log (at, user_name, event, command_tag, object_type, object_identity)
        VALUES (
            clock_timestamp(),
            session_user,
            'ddl_command_end',
            ddl_command.command_tag,
            ddl_command.object_type,
            ddl_command.object_identity
        );
    END LOOP;
END
$xtrig$;

REVOKE ALL ON FUNCTION audit.ddl_audit() FROM PUBLIC;

COMMENT ON FUNCTION audit.ddl_audit() IS 'xtrig:1:453f2062da03c8bf:audit';

-- Function audit.drop_audit
CREATE OR REPLACE FUNCTION audit.drop_audit()
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
        INSERT INTO audit.ddl_log (at, user_name, event, command_tag, object_type, object_identity)
        VALUES (
            clock_timestamp(),
            session_user,
            'sql_drop',
            tg_tag,
            dropped_object.object_type,
            dropped_object.object_identity
        );
    END LOOP;
END
$xtrig$;

REVOKE ALL ON FUNCTION audit.drop_audit() FROM PUBLIC;

COMMENT ON FUNCTION audit.drop_audit() IS 'xtrig:1:9de9bf608276b0c3:audit';

-- Trigger ddl_audit: ddl_command_end
DO $xtrig$
BEGIN
    -- enable: origin. It fires unless session_replication_role is replica.
    IF NOT EXISTS (
        SELECT FROM pg_event_trigger
        WHERE evtname = 'ddl_audit' AND evtevent = 'ddl_command_end'
          AND evtfoid = to_regprocedure('audit.ddl_audit()') AND evttags = ARRAY['CREATE TABLE', 'ALTER TABLE', 'CREATE FUNCTION']
    ) THEN
        DROP EVENT TRIGGER IF EXISTS ddl_audit;
        CREATE EVENT TRIGGER ddl_audit ON ddl_command_end
            WHEN TAG IN ('CREATE TABLE', 'ALTER TABLE', 'CREATE FUNCTION')
            EXECUTE FUNCTION audit.ddl_audit();
    END IF;
    IF (SELECT evtenabled FROM pg_event_trigger WHERE evtname = 'ddl_audit') <> 'O' THEN
        ALTER EVENT TRIGGER ddl_audit ENABLE;
    END IF;
END
$xtrig$;

COMMENT ON EVENT TRIGGER ddl_audit IS 'xtrig:1:2d1a3f7f01d32f0d:audit';

-- Trigger drop_audit: sql_drop
DO $xtrig$
BEGIN
    -- enable: origin. It fires unless session_replication_role is replica.
    IF NOT EXISTS (
        SELECT FROM pg_event_trigger
        WHERE evtname = 'drop_audit' AND evtevent = 'sql_drop'
          AND evtfoid = to_regprocedure('audit.drop_audit()') AND evttags IS NULL
    ) THEN
        DROP EVENT TRIGGER IF EXISTS drop_audit;
        CREATE EVENT TRIGGER drop_audit ON sql_drop
            EXECUTE FUNCTION audit.drop_audit();
    END IF;
    IF (SELECT evtenabled FROM pg_event_trigger WHERE evtname = 'drop_audit') <> 'O' THEN
        ALTER EVENT TRIGGER drop_audit ENABLE;
    END IF;
END
$xtrig$;

COMMENT ON EVENT TRIGGER drop_audit IS 'xtrig:1:fd6b2bcba1f70b86:audit';

COMMIT;

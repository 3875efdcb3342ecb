-- Rendered by xtrig for PolarDB for PostgreSQL 14: change the definition, not this text

-- Trigger ddl_audit rests while its function is replaced
DROP EVENT TRIGGER IF EXISTS ddl_audit;

-- Trigger drop_audit rests while its function is replaced
DROP EVENT TRIGGER IF EXISTS drop_audit;

-- Schema audit
CREATE SCHEMA IF NOT EXISTS audit;

DO LANGUAGE plpgsql $xtrig$
BEGIN
    -- Marked only if it is new: without a comment, and empty.
    IF pg_catalog.obj_description(pg_catalog.to_regnamespace('audit'), 'pg_namespace') IS NULL
        AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend WHERE refobjid = pg_catalog.to_regnamespace('audit'))
    THEN
        COMMENT ON SCHEMA audit IS 'xtrig:1::audit';
    END IF;
END
$xtrig$;

-- Table audit.ddl_log
CREATE TABLE IF NOT EXISTS audit.ddl_log (
    id bigserial,
    "at" timestamptz,
    user_name varchar(64),
    event varchar(64),
    command_tag varchar(64),
    object_type varchar(64),
    object_identity text,
    PRIMARY KEY (id)
);

DO LANGUAGE plpgsql $xtrig$
BEGIN
    -- Marked only if it is new: without a comment, and empty.
    IF pg_catalog.obj_description(pg_catalog.to_regclass('audit.ddl_log'), 'pg_class') IS NULL
        AND NOT EXISTS (SELECT 1 FROM audit.ddl_log)
    THEN
        COMMENT ON TABLE audit.ddl_log IS 'xtrig:1:5a583a1e6de39bcd:audit';
    END IF;
END
$xtrig$;

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

COMMENT ON FUNCTION audit.ddl_audit() IS 'xtrig:1:90551f6b92be49e2:audit';

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

COMMENT ON FUNCTION audit.drop_audit() IS 'xtrig:1:380bbcb971bcdb0d:audit';

-- Trigger ddl_audit: ddl_command_end
CREATE EVENT TRIGGER ddl_audit ON ddl_command_end
    WHEN TAG IN ('CREATE TABLE', 'ALTER TABLE', 'CREATE FUNCTION')
    EXECUTE PROCEDURE audit.ddl_audit();

COMMENT ON EVENT TRIGGER ddl_audit IS 'xtrig:1:7818e3637b9e1b78:audit';

-- Trigger drop_audit: sql_drop
CREATE EVENT TRIGGER drop_audit ON sql_drop
    EXECUTE PROCEDURE audit.drop_audit();

COMMENT ON EVENT TRIGGER drop_audit IS 'xtrig:1:32bd92e9a2212107:audit';

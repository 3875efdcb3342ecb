-- Rendered by xtrig for PolarDB for PostgreSQL (compatible with Oracle) 2.0.14.15.31.0: change the definition, not this text
-- PL/SQL holds semicolons: send each statement whole, with a client that does not cut it there.
-- PostgreSQL's psql would cut a function in pieces and run its END as a COMMIT.
-- warning: trigger 'ddl_audit': ddl_command_end becomes a system trigger: it does not fire for GRANT, REVOKE, COMMENT and other commands than CREATE, ALTER and DROP, and what an error in it does is not documented [XT211]

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

-- Trigger ddl_audit: ddl_command_end, as a system trigger
CREATE OR REPLACE TRIGGER ddl_audit
AFTER CREATE OR ALTER ON DATABASE
BEGIN
    IF (ora_sysevent || ' ' || ora_dict_obj_type) IN ('CREATE TABLE', 'ALTER TABLE', 'CREATE FUNCTION') THEN
        INSERT INTO audit.ddl_log ("at", user_name, event, command_tag, object_type, object_identity)
        VALUES (
            CURRENT_TIMESTAMP,
            session_user,
            'ddl_command_end',
            (ora_sysevent || ' ' || ora_dict_obj_type),
            LOWER(ora_dict_obj_type),
            CASE WHEN ora_dict_obj_owner IS NULL THEN ora_dict_obj_name ELSE ora_dict_obj_owner || '.' || ora_dict_obj_name END
        );
    END IF;
END;

-- Trigger drop_audit: sql_drop
CREATE EVENT TRIGGER drop_audit ON sql_drop
    EXECUTE FUNCTION audit.drop_audit();

COMMENT ON EVENT TRIGGER drop_audit IS 'xtrig:1:62058a78419e5d79:audit';

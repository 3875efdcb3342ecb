-- Rendered by xtrig for PolarDB for PostgreSQL 14: change the definition, not this text

-- Trigger at_start rests while its function is replaced
DROP EVENT TRIGGER IF EXISTS at_start;

-- Trigger at_drop rests while its function is replaced
DROP EVENT TRIGGER IF EXISTS at_drop;

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

-- Table audit.log
CREATE TABLE IF NOT EXISTS audit.log (
    id bigserial,
    "at" timestamptz NOT NULL,
    who varchar(64),
    what text,
    PRIMARY KEY (id)
);

DO LANGUAGE plpgsql $xtrig$
BEGIN
    -- Marked only if it is new: without a comment, and empty.
    IF pg_catalog.obj_description(pg_catalog.to_regclass('audit.log'), 'pg_class') IS NULL
        AND NOT EXISTS (SELECT 1 FROM audit.log)
    THEN
        COMMENT ON TABLE audit.log IS 'xtrig:1:4d614ba24ed0a6ae:audit';
    END IF;
END
$xtrig$;

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

COMMENT ON FUNCTION audit.record() IS 'xtrig:1:5d488f1a58207b9b:audit';

-- Trigger at_start: ddl_command_start
CREATE EVENT TRIGGER at_start ON ddl_command_start
    EXECUTE PROCEDURE audit.record();

COMMENT ON EVENT TRIGGER at_start IS 'xtrig:1:87fad335a0ef6b6b:audit';

-- Trigger at_drop: sql_drop
CREATE EVENT TRIGGER at_drop ON sql_drop
    EXECUTE PROCEDURE audit.record();

COMMENT ON EVENT TRIGGER at_drop IS 'xtrig:1:79d3b7087714ece8:audit';

-- Rendered by xtrig for PolarDB for PostgreSQL 14: change the definition, not this text
-- PL/SQL holds semicolons: send each statement whole, with a client that does not cut it there.
-- PostgreSQL's psql would cut a function in pieces and run its END as a COMMIT.

-- Schema Audit Schema
CREATE SCHEMA IF NOT EXISTS "Audit Schema";

DO LANGUAGE plpgsql $xtrig$
BEGIN
    -- Marked only if it is new: without a comment, and empty.
    IF pg_catalog.obj_description(pg_catalog.to_regnamespace('"Audit Schema"'), 'pg_namespace') IS NULL
        AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend WHERE refobjid = pg_catalog.to_regnamespace('"Audit Schema"'))
    THEN
        COMMENT ON SCHEMA "Audit Schema" IS 'xtrig:1::Audit Schema';
    END IF;
END
$xtrig$;

-- Table "Audit Schema"."Log ""of"" logins"
CREATE TABLE IF NOT EXISTS "Audit Schema"."Log ""of"" logins" (
    "select" text,
    "Größe" integer NOT NULL DEFAULT 0,
    "$dollar" text
);

DO LANGUAGE plpgsql $xtrig$
BEGIN
    -- Marked only if it is new: without a comment, and empty.
    IF pg_catalog.obj_description(pg_catalog.to_regclass('"Audit Schema"."Log ""of"" logins"'), 'pg_class') IS NULL
        AND NOT EXISTS (SELECT 1 FROM "Audit Schema"."Log ""of"" logins")
    THEN
        COMMENT ON TABLE "Audit Schema"."Log ""of"" logins" IS 'xtrig:1:91f51448a2030f8c:Audit Schema';
    END IF;
END
$xtrig$;

-- Function "Audit Schema"."on logon; drop table x --"
CREATE OR REPLACE FUNCTION "Audit Schema"."on logon; drop table x --" RETURN event_trigger IS
    ignored text;
BEGIN
    -- security: this form has no clause for it and no SET clause; every name is qualified.
    -- on_error: allow. PolarDB logs an error raised here and lets the session in.
    -- lock_timeout: a lock held elsewhere may delay this, not hold it.
    ignored := pg_catalog.set_config('lock_timeout', '250ms', true);
    -- standby: skip. Nothing can be written on a read-only node or in a read-only session.
    IF NOT (pg_catalog.pg_is_in_recovery() OR pg_catalog.current_setting('transaction_read_only') = 'on') THEN
        INSERT INTO "Audit Schema"."Log ""of"" logins" ("select", "Größe", "$dollar")
        VALUES (polar_login_user, 1, 'it''s');
    END IF;
END;

COMMENT ON FUNCTION "Audit Schema"."on logon; drop table x --"() IS 'xtrig:1:89efb07842c304ae:Audit Schema';

DROP EVENT TRIGGER IF EXISTS "Trigger 'one'";

-- Trigger Trigger 'one': logon
CREATE EVENT TRIGGER "Trigger 'one'" ON after_user_logon
    EXECUTE PROCEDURE "Audit Schema"."on logon; drop table x --"();

COMMENT ON EVENT TRIGGER "Trigger 'one'" IS 'xtrig:1:1244e39cc05da7f0:Audit Schema';

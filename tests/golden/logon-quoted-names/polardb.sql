-- « polardb-script: PolarDB for PostgreSQL 14
-- Schema Audit Schema
CREATE SCHEMA IF NOT EXISTS "Audit Schema";

-- « polardb-mark-schema: "Audit Schema" | xtrig:1::Audit Schema
-- Table "Audit Schema"."Log ""of"" logins"
CREATE TABLE IF NOT EXISTS "Audit Schema"."Log ""of"" logins" (
    "select" text,
    "Größe" integer NOT NULL DEFAULT 0,
    "$dollar" text
);

-- Table "Audit Schema"."Log ""of"" logins", if an earlier definition made it
DO LANGUAGE plpgsql $xtrig$
BEGIN
    IF pg_catalog.obj_description(pg_catalog.to_regclass('"Audit Schema"."Log ""of"" logins"'), 'pg_class') LIKE 'xtrig:%' AND (
        pg_catalog.obj_description(pg_catalog.to_regclass('"Audit Schema"."Log ""of"" logins"'), 'pg_class') <> 'xtrig:1:91f51448a2030f8c:Audit Schema
{"Größe": "0"}' OR (SELECT count(*) FROM pg_catalog.pg_attribute WHERE attrelid = pg_catalog.to_regclass('"Audit Schema"."Log ""of"" logins"') AND attname IN ('select', 'Größe', '$dollar')) < 3
    ) THEN
        ALTER TABLE "Audit Schema"."Log ""of"" logins"
            ADD COLUMN IF NOT EXISTS "select" text,
            ADD COLUMN IF NOT EXISTS "Größe" integer NOT NULL DEFAULT 0,
            ADD COLUMN IF NOT EXISTS "$dollar" text,
            ALTER COLUMN "Größe" SET DEFAULT 0;
-- « end-if

DO LANGUAGE plpgsql $xtrig$
BEGIN
    -- Marked only if it is new: without a comment, and empty.
    IF pg_catalog.obj_description(pg_catalog.to_regclass('"Audit Schema"."Log ""of"" logins"'), 'pg_class') IS NULL
        AND NOT EXISTS (SELECT 1 FROM "Audit Schema"."Log ""of"" logins")
    THEN
        COMMENT ON TABLE "Audit Schema"."Log ""of"" logins" IS 'xtrig:1:91f51448a2030f8c:Audit Schema
{"Größe": "0"}';
-- « end-if

-- Function "Audit Schema"."on logon; drop table x --"
CREATE OR REPLACE FUNCTION "Audit Schema"."on logon; drop table x --" RETURN event_trigger IS
    ignored text;
BEGIN
    -- security: this form has no clause for it and no SET clause; every name is qualified.
    -- « polardb-guards: 250ms
    -- « polardb-standby
        INSERT INTO "Audit Schema"."Log ""of"" logins" ("select", "Größe", "$dollar")
        VALUES (polar_login_user, 1, 'it''s');
    END IF;
-- « polardb-end-of-function: "Audit Schema"."on logon; drop table x --" | xtrig:1:89efb07842c304ae:Audit Schema

DROP EVENT TRIGGER IF EXISTS "Trigger 'one'";

-- Trigger Trigger 'one': logon
CREATE EVENT TRIGGER "Trigger 'one'" ON after_user_logon
    EXECUTE PROCEDURE "Audit Schema"."on logon; drop table x --"();

COMMENT ON EVENT TRIGGER "Trigger 'one'" IS 'xtrig:1:1244e39cc05da7f0:Audit Schema';

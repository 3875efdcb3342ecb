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

-- « polardb-mark-table: "Audit Schema"."Log ""of"" logins" | xtrig:1:91f51448a2030f8c:Audit Schema
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

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
    IF pg_catalog.obj_description(pg_catalog.to_regclass('"Audit Schema"."Log ""of"" logins"')::oid, 'pg_class') LIKE 'xtrig:%' AND (
        pg_catalog.obj_description(pg_catalog.to_regclass('"Audit Schema"."Log ""of"" logins"')::oid, 'pg_class') <> 'xtrig:1:91f51448a2030f8c:Audit Schema
{"Größe": "0"}' OR (SELECT count(*) FROM pg_catalog.pg_attribute WHERE attrelid = pg_catalog.to_regclass('"Audit Schema"."Log ""of"" logins"')::oid AND attname IN ('select', 'Größe', '$dollar')) < 3
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
    IF pg_catalog.obj_description(pg_catalog.to_regclass('"Audit Schema"."Log ""of"" logins"')::oid, 'pg_class') IS NULL
        AND NOT EXISTS (SELECT 1 FROM "Audit Schema"."Log ""of"" logins")
    THEN
        COMMENT ON TABLE "Audit Schema"."Log ""of"" logins" IS 'xtrig:1:91f51448a2030f8c:Audit Schema
{"Größe": "0"}';
-- « end-if

-- « polardb-helper: "Audit Schema"."on logon; drop table x --"
    -- lock_timeout: a lock held elsewhere may delay this, not hold it.
    SET lock_timeout = '250ms'
AS $xtrig$
BEGIN
    -- Only the trigger calls this: else anybody could record what never was.
    IF has_function_privilege(session_user, '"Audit Schema"."on logon; drop table x --"(text, text, text, integer, text, text)', 'EXECUTE') AND (
        SELECT current_query() IS NOT NULL OR state IN ('active', 'fastpath function call')
          OR (polar_login_user <> session_user AND (state = 'disabled' OR query = '<insufficient privilege>'))
        FROM pg_stat_get_activity(pg_backend_pid())
    ) THEN
        RAISE EXCEPTION USING
            MESSAGE = 'function Audit Schema.on logon; drop table x -- is called by its trigger alone',
            ERRCODE = 'insufficient_privilege';
    END IF;
    BEGIN
        -- standby: skip. A write on a standby or in a read-only session would refuse the login.
        IF pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean THEN
            -- « log-line: not written | Audit Schema.on logon; drop table x -- | logon
                'Audit Schema.Log "of" logins', json_build_object(
                    'select', polar_login_user,
                    'Größe', 1,
                    '$dollar', 'it''s'
                )
            );
        ELSE
            INSERT INTO "Audit Schema"."Log ""of"" logins" ("select", "Größe", "$dollar")
            VALUES (polar_login_user, 1, 'it''s');
            SET CONSTRAINTS ALL IMMEDIATE;
        END IF;
    -- « error-is-logged: login | Audit Schema.on logon; drop table x -- | logon
-- « polardb-end-of-helper: "Audit Schema"."on logon; drop table x --" | xtrig:1:281ecbb0f5927a73:Audit Schema | xtrig:1:c1554892293241e3:Audit Schema | "Audit Schema"

DROP EVENT TRIGGER IF EXISTS "Trigger 'one'";

-- Trigger Trigger 'one': logon
CREATE EVENT TRIGGER "Trigger 'one'" ON after_user_logon
    EXECUTE PROCEDURE "Audit Schema"."on logon; drop table x --"();

COMMENT ON EVENT TRIGGER "Trigger 'one'" IS 'xtrig:1:1244e39cc05da7f0:Audit Schema';

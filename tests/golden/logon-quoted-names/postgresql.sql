-- « script: PostgreSQL 18
-- « preflight-usual: 'Trigger ''one''' | to_regprocedure('"Audit Schema"."on logon; drop table x --"()') | ('Audit Schema', 'Log "of" logins')
        ('Audit Schema', 'Log "of" logins', 'select', 'text', '', true),
        ('Audit Schema', 'Log "of" logins', 'Größe', 'integer', ' DEFAULT NOT NULL', true),
        ('Audit Schema', 'Log "of" logins', '$dollar', 'text', '', true)
    -- « preflight-columns-compared
        ('Audit Schema', 'Log "of" logins', ARRAY['select', 'Größe', '$dollar'])
    -- « preflight-columns-gone
    -- « preflight-timeouts
    -- « preflight-trust: ('Audit Schema', 'Log "of" logins'), ('Audit Schema', 'on logon; drop table x --') | 'Audit Schema' | privilege_type = 'TRIGGER'
    -- « preflight-default-privileges: ('Audit Schema', 'Log "of" logins') | defaclobjtype = 'r' AND privilege_type = 'TRIGGER' | NULL
    -- « preflight-end
END
$xtrig$;

-- Schema Audit Schema
DO $xtrig$
BEGIN
    IF to_regnamespace('"Audit Schema"') IS NULL THEN
        CREATE SCHEMA "Audit Schema";
        COMMENT ON SCHEMA "Audit Schema" IS 'xtrig:1::Audit Schema';
-- « end-if

-- Table "Audit Schema"."Log ""of"" logins"
CREATE TABLE IF NOT EXISTS "Audit Schema"."Log ""of"" logins" (
    "select" text,
    "Größe" integer NOT NULL DEFAULT 0,
    "$dollar" text
);

-- Table "Audit Schema"."Log ""of"" logins", if an earlier definition made it
DO $xtrig$
DECLARE
    problem text;
BEGIN
    IF pg_catalog.obj_description(pg_catalog.to_regclass('"Audit Schema"."Log ""of"" logins"'), 'pg_class') LIKE 'xtrig:%' AND (
        pg_catalog.obj_description(pg_catalog.to_regclass('"Audit Schema"."Log ""of"" logins"'), 'pg_class') <> 'xtrig:1:91f51448a2030f8c:Audit Schema
{"Größe": "0"}' OR (SELECT count(*) FROM pg_catalog.pg_attribute WHERE attrelid = pg_catalog.to_regclass('"Audit Schema"."Log ""of"" logins"') AND attname IN ('select', 'Größe', '$dollar')) < 3
    ) THEN
        EXECUTE current_setting('xtrig.untrusted') INTO problem;
        IF problem IS NOT NULL THEN
            RAISE EXCEPTION '%', problem;
        END IF;
        ALTER TABLE "Audit Schema"."Log ""of"" logins"
            ADD COLUMN IF NOT EXISTS "select" text,
            ADD COLUMN IF NOT EXISTS "Größe" integer NOT NULL DEFAULT 0,
            ADD COLUMN IF NOT EXISTS "$dollar" text,
            ALTER COLUMN "Größe" SET DEFAULT 0;
-- « end-if

COMMENT ON TABLE "Audit Schema"."Log ""of"" logins" IS 'xtrig:1:91f51448a2030f8c:Audit Schema
{"Größe": "0"}';

-- « definer: "Audit Schema"."on logon; drop table x --"
    -- No client makes this wait for him by asking for debug messages and reading none of them.
    SET client_min_messages = notice
    -- « bounds: 250ms | 5s
AS $xtrig$
BEGIN
    BEGIN
        -- standby: skip. A write on a standby or in a read-only session would refuse the login.
        IF pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean THEN
            -- « log-line: not written | Audit Schema.on logon; drop table x -- | logon
                'Audit Schema.Log "of" logins', json_build_object(
                    'select', session_user,
                    'Größe', 1,
                    '$dollar', 'it''s'
                )
            );
        ELSE
            INSERT INTO "Audit Schema"."Log ""of"" logins" ("select", "Größe", "$dollar")
            VALUES (session_user, 1, 'it''s');
            SET CONSTRAINTS ALL IMMEDIATE;
        END IF;
    -- « error-is-logged: login | Audit Schema.on logon; drop table x -- | logon
-- « end-of-function: "Audit Schema"."on logon; drop table x --" | xtrig:1:c5b9f569beab8848:Audit Schema

-- « preflight-again

-- Trigger Trigger 'one': logon
DO $xtrig$
BEGIN
    -- enable: origin. It fires unless session_replication_role is replica.
    IF NOT EXISTS (
        SELECT FROM pg_event_trigger
        WHERE evtname = 'Trigger ''one''' AND evtevent = 'login'
          AND evtfoid = to_regprocedure('"Audit Schema"."on logon; drop table x --"()') AND evttags IS NULL
    ) THEN
        DROP EVENT TRIGGER IF EXISTS "Trigger 'one'";
        CREATE EVENT TRIGGER "Trigger 'one'" ON login
            EXECUTE FUNCTION "Audit Schema"."on logon; drop table x --"();
    END IF;
    IF (SELECT evtenabled FROM pg_event_trigger WHERE evtname = 'Trigger ''one''') <> 'O' THEN
        ALTER EVENT TRIGGER "Trigger 'one'" ENABLE;
-- « end-if

COMMENT ON EVENT TRIGGER "Trigger 'one'" IS 'xtrig:1:e2e3dbc39e4680d8:Audit Schema';

COMMIT;

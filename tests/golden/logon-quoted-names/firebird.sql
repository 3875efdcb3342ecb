-- Rendered by xtrig for Firebird 5.0: change the definition, not this text
-- Run it with isql -charset UTF8 -input FILE DATABASE; another client leaves out the SET lines, and commits itself.
-- Sessions that are open keep the triggers they began with.

SET BAIL ON;
SET AUTODDL OFF;
SET TERM ^ ;

-- Preflight: stop here, before any change, if something is missing or someone else's
EXECUTE BLOCK AS
    DECLARE problem VARCHAR(300);
    DECLARE stopped BOOLEAN;
BEGIN
    FOR
        SELECT 'table ' || trim(rdb$relation_name) || ' is there, and this set did not make it'
        FROM rdb$relations WHERE rdb$relation_name IN ('Log "of" logins')
          AND coalesce(substring(rdb$description FROM 1 FOR 500), '') NOT SIMILAR TO 'xtrig:%:Audit Schema' ESCAPE '#'
        UNION ALL
        SELECT 'trigger ' || trim(rdb$trigger_name) || ' is there, and this set did not make it'
        FROM rdb$triggers WHERE rdb$trigger_name IN ('Trigger ''one''')
          AND coalesce(substring(rdb$description FROM 1 FOR 500), '') NOT SIMILAR TO 'xtrig:%:Audit Schema' ESCAPE '#'
        INTO problem
    DO
        stopped = CAST('xtrig: ' || problem AS BOOLEAN);
END^

-- Table "Log ""of"" logins"
EXECUTE BLOCK AS
BEGIN
    IF (NOT EXISTS(SELECT 1 FROM rdb$relations WHERE rdb$relation_name = 'Log "of" logins')) THEN
        EXECUTE STATEMENT 'CREATE TABLE "Log ""of"" logins" (
    "SELECT" BLOB SUB_TYPE TEXT CHARACTER SET UTF8,
    "Größe" INTEGER DEFAULT 0 NOT NULL,
    "$dollar" BLOB SUB_TYPE TEXT CHARACTER SET UTF8
)';
    IF (NOT EXISTS(SELECT 1 FROM rdb$relation_fields WHERE rdb$relation_name = 'Log "of" logins'
      AND rdb$field_name = 'SELECT')) THEN
        EXECUTE STATEMENT 'ALTER TABLE "Log ""of"" logins" ADD "SELECT" BLOB SUB_TYPE TEXT CHARACTER SET UTF8';
    IF (NOT EXISTS(SELECT 1 FROM rdb$relation_fields WHERE rdb$relation_name = 'Log "of" logins'
      AND rdb$field_name = '$dollar')) THEN
        EXECUTE STATEMENT 'ALTER TABLE "Log ""of"" logins" ADD "$dollar" BLOB SUB_TYPE TEXT CHARACTER SET UTF8';
END^

COMMENT ON TABLE "Log ""of"" logins" IS 'xtrig:1:d42d40ad40cdd9bf:Audit Schema'^

COMMIT^

-- Trigger "Trigger 'one'"
CREATE OR ALTER TRIGGER "Trigger 'one'"
ACTIVE ON CONNECT POSITION 0
AS
BEGIN
    -- ALTER SESSION RESET ends no session and begins none.
    IF (resetting) THEN
        EXIT;
    -- on_error: allow. The login goes on after an error.
    -- standby: skip. Nothing is written on a read-only database or replica.
    BEGIN
        IF (rdb$get_context('SYSTEM', 'READ_ONLY') <> 'TRUE'
        AND coalesce(rdb$get_context('SYSTEM', 'REPLICA_MODE'), '') <> 'READ-ONLY') THEN
        BEGIN
            INSERT INTO "Log ""of"" logins" ("SELECT", "Größe", "$dollar")
            VALUES (current_user, 1, 'it''s');
        END
    WHEN ANY DO
        BEGIN
        END
    END
END^

COMMENT ON TRIGGER "Trigger 'one'" IS 'xtrig:1:17a7e12e2da11162:Audit Schema'^

COMMIT^

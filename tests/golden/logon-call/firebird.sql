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
        SELECT 'trigger ' || trim(rdb$trigger_name) || ' is there, and this set did not make it'
        FROM rdb$triggers WHERE rdb$trigger_name IN ('NOTIFY')
          AND coalesce(substring(rdb$description FROM 1 FOR 500), '') NOT SIMILAR TO 'xtrig:%:public' ESCAPE '#'
        INTO problem
    DO
        stopped = CAST('xtrig: ' || problem AS BOOLEAN);
END^

COMMIT^

-- Trigger notify
CREATE OR ALTER TRIGGER notify
ACTIVE ON CONNECT POSITION 0
AS
    DECLARE ignored INTEGER;
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
            EXECUTE STATEMENT ('SELECT iif(app.on_login(?, ?, ?, ?) IS NULL, 0, 1) FROM rdb$database') (current_user, 1, NULL, 'x') WITH CALLER PRIVILEGES INTO :ignored;
            EXECUTE STATEMENT ('EXECUTE PROCEDURE app.sync') WITH CALLER PRIVILEGES;
        END
    WHEN ANY DO
        BEGIN
        END
    END
END^

GRANT EXECUTE ON PACKAGE app TO TRIGGER notify^

COMMENT ON TRIGGER notify IS 'xtrig:1:9c156ed492db960e:public'^

COMMIT^

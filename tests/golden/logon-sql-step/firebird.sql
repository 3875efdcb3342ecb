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
        FROM rdb$triggers WHERE rdb$trigger_name IN ('COUNTER')
          AND coalesce(substring(rdb$description FROM 1 FOR 500), '') NOT SIMILAR TO 'xtrig:%:audit' ESCAPE '#'
        INTO problem
    DO
        stopped = CAST('xtrig: ' || problem AS BOOLEAN);
END^

COMMIT^

-- Trigger counter
CREATE OR ALTER TRIGGER counter
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
            update audit.counters set logins = logins + 1 where who = current_user
;
        END
    WHEN ANY DO
        BEGIN
        END
    END
END^

COMMENT ON TRIGGER counter IS 'xtrig:1:4b3dbc08ac7032ce:audit'^

COMMIT^

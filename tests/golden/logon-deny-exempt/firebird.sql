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
        FROM rdb$triggers WHERE rdb$trigger_name IN ('MAINTENANCE')
          AND coalesce(substring(rdb$description FROM 1 FOR 500), '') NOT SIMILAR TO 'xtrig:%:public' ESCAPE '#'
        INTO problem
    DO
        stopped = CAST('xtrig: ' || problem AS BOOLEAN);
END^

-- What a refusal is raised as
CREATE OR ALTER EXCEPTION xtrig_denied 'refused'^

COMMIT^

-- Trigger maintenance
CREATE OR ALTER TRIGGER maintenance
ACTIVE ON CONNECT POSITION 0
AS
BEGIN
    -- exempt_roles: nothing below can stop these users.
    IF (current_user IN ('DBA', 'o''brien')) THEN
        EXIT;
    -- ALTER SESSION RESET ends no session and begins none.
    IF (resetting) THEN
        EXIT;
    IF (extract(hour from cast('now' as timestamp with time zone) at time zone 'UTC') < 6) THEN
    BEGIN
        EXCEPTION xtrig_denied
            'closed for ' || coalesce(current_user, '') || ' until 6:00 (100%)';
    END
END^

COMMENT ON TRIGGER maintenance IS 'xtrig:1:a83de1e955e34fb7:public'^

COMMIT^

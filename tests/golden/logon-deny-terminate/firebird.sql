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
        FROM rdb$triggers WHERE rdb$trigger_name IN ('FIREWALL')
          AND coalesce(substring(rdb$description FROM 1 FOR 500), '') NOT SIMILAR TO 'xtrig:%:public' ESCAPE '#'
        INTO problem
    DO
        stopped = CAST('xtrig: ' || problem AS BOOLEAN);
END^

-- What a refusal is raised as
CREATE OR ALTER EXCEPTION xtrig_denied 'refused'^

COMMIT^

-- Trigger firewall
CREATE OR ALTER TRIGGER firewall
ACTIVE ON CONNECT POSITION 0
AS
BEGIN
    -- exempt_roles: nothing below can stop these users.
    IF (current_user IN ('DBA')) THEN
        EXIT;
    -- ALTER SESSION RESET ends no session and begins none.
    IF (resetting) THEN
        EXIT;
    -- on_error: allow. The login goes on after an error.
    BEGIN
        IF (left(cast(rdb$get_context('SYSTEM', 'CLIENT_PROCESS') as varchar(8191) character set utf8), 255) = 'badapp') THEN
        BEGIN
            EXCEPTION xtrig_denied
                'not from ' || coalesce(substring(rdb$get_context('SYSTEM', 'CLIENT_ADDRESS') from 1 for position('/' in rdb$get_context('SYSTEM', 'CLIENT_ADDRESS') || '/') - 1), '');
        END
    WHEN EXCEPTION xtrig_denied DO
        EXCEPTION;
    WHEN ANY DO
        BEGIN
        END
    END
END^

COMMENT ON TRIGGER firewall IS 'xtrig:1:e3c6155346613b8f:public'^

COMMIT^

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
        FROM rdb$triggers WHERE rdb$trigger_name IN ('NODDL')
          AND coalesce(substring(rdb$description FROM 1 FOR 500), '') NOT SIMILAR TO 'xtrig:%:public' ESCAPE '#'
        INTO problem
    DO
        stopped = CAST('xtrig: ' || problem AS BOOLEAN);
END^

-- What a refusal is raised as
CREATE OR ALTER EXCEPTION xtrig_denied 'refused'^

COMMIT^

-- Trigger noddl
CREATE OR ALTER TRIGGER noddl
ACTIVE BEFORE ANY DDL STATEMENT POSITION 0
AS
BEGIN
    EXCEPTION xtrig_denied
        'command "' || coalesce(rdb$get_context('DDL_TRIGGER', 'DDL_EVENT'), '') || '" denied';
END^

COMMENT ON TRIGGER noddl IS 'xtrig:1:16927cb86b331594:public'^

COMMIT^

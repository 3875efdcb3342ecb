-- Rendered by xtrig for Firebird 5.0: change the definition, not this text
-- Run it with isql -charset UTF8 -input FILE DATABASE; another client leaves out the SET lines, and commits itself.
-- Sessions that are open keep the triggers they began with.
-- warning: trigger 'commands': 'dba' is compared with a user's name, which Firebird keeps in capitals [XT250]

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
        FROM rdb$triggers WHERE rdb$trigger_name IN ('COMMANDS', 'DROPS')
          AND coalesce(substring(rdb$description FROM 1 FOR 500), '') NOT SIMILAR TO 'xtrig:%:public' ESCAPE '#'
        UNION ALL
        SELECT 'table FACTS is missing' FROM rdb$database
        WHERE NOT EXISTS(SELECT 1 FROM rdb$relations WHERE rdb$relation_name = 'FACTS')
        INTO problem
    DO
        stopped = CAST('xtrig: ' || problem AS BOOLEAN);
END^

-- What a refusal is raised as
CREATE OR ALTER EXCEPTION xtrig_denied 'refused'^

COMMIT^

-- Trigger commands
CREATE OR ALTER TRIGGER commands
ACTIVE AFTER ANY DDL STATEMENT POSITION 0
AS
BEGIN
    IF (current_user <> 'dba') THEN
    BEGIN
        INSERT INTO facts (a, b, c, d, e, f)
        VALUES (
            rdb$get_context('DDL_TRIGGER', 'DDL_EVENT'),
            lower(rdb$get_context('DDL_TRIGGER', 'OBJECT_TYPE')),
            cast(null as varchar(63)),
            rdb$get_context('DDL_TRIGGER', 'OBJECT_NAME'),
            rdb$get_context('DDL_TRIGGER', 'DDL_EVENT'),
            'AFTER DDL'
        );
    END
END^

COMMENT ON TRIGGER commands IS 'xtrig:1:32a7ac04327a3b85:public'^

-- Trigger drops
CREATE OR ALTER TRIGGER drops
ACTIVE AFTER DROP TABLE POSITION 0
AS
BEGIN
    IF (lower(rdb$get_context('DDL_TRIGGER', 'OBJECT_TYPE')) = 'table') THEN
    BEGIN
        INSERT INTO facts (a, b, c, d)
        VALUES (
            rdb$get_context('DDL_TRIGGER', 'DDL_EVENT'),
            lower(rdb$get_context('DDL_TRIGGER', 'OBJECT_TYPE')),
            cast(null as varchar(63)),
            rdb$get_context('DDL_TRIGGER', 'OBJECT_NAME')
        );
        IF (cast(null as varchar(63)) = 'app') THEN
        BEGIN
            EXCEPTION xtrig_denied
                'keep ' || coalesce(rdb$get_context('DDL_TRIGGER', 'OBJECT_NAME'), '');
        END
    END
END^

COMMENT ON TRIGGER drops IS 'xtrig:1:a72ed89db23019c1:public'^

COMMIT^

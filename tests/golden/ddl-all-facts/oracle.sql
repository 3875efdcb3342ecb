-- Rendered by xtrig for Oracle Database 19: change the definition, not this text
-- Run it in SQL*Plus or SQLcl, not as SYS, with ADMINISTER DATABASE TRIGGER and, for the schemas of others, CREATE ANY TRIGGER and CREATE ANY TABLE.
-- Keep a session of somebody with ADMINISTER DATABASE TRIGGER open meanwhile. Sessions that are open are not asked.

SET DEFINE OFF
SET SQLBLANKLINES ON
WHENEVER SQLERROR EXIT FAILURE ROLLBACK

-- Trigger commands: ddl_command_end
CREATE OR REPLACE TRIGGER commands
AFTER DDL ON DATABASE
DISABLE
BEGIN
    IF SYS_CONTEXT('USERENV', 'SESSION_USER') <> 'DBA' THEN
        INSERT INTO facts (a, b, c, d, e, f)
        VALUES (
            (ORA_SYSEVENT || ' ' || ORA_DICT_OBJ_TYPE),
            LOWER(ORA_DICT_OBJ_TYPE),
            ORA_DICT_OBJ_OWNER,
            (CASE WHEN ORA_DICT_OBJ_OWNER IS NOT NULL THEN ORA_DICT_OBJ_OWNER || '.' END || ORA_DICT_OBJ_NAME),
            (ORA_SYSEVENT || ' ' || ORA_DICT_OBJ_TYPE),
            ORA_SYSEVENT
        );
    END IF;
END;
/

-- Trigger drops: sql_drop
CREATE OR REPLACE TRIGGER drops
AFTER DROP ON DATABASE
DISABLE
BEGIN
    -- tags: only these commands.
    IF ORA_SYSEVENT || ' ' || ORA_DICT_OBJ_TYPE IN ('DROP TABLE') THEN
        IF LOWER(ORA_DICT_OBJ_TYPE) = 'table' THEN
            INSERT INTO facts (a, b, c, d)
            VALUES (
                (ORA_SYSEVENT || ' ' || ORA_DICT_OBJ_TYPE),
                LOWER(ORA_DICT_OBJ_TYPE),
                ORA_DICT_OBJ_OWNER,
                (CASE WHEN ORA_DICT_OBJ_OWNER IS NOT NULL THEN ORA_DICT_OBJ_OWNER || '.' END || ORA_DICT_OBJ_NAME)
            );
            IF ORA_DICT_OBJ_OWNER = 'APP' THEN
                RAISE_APPLICATION_ERROR(-20000, SUBSTRB('keep ' || (CASE WHEN ORA_DICT_OBJ_OWNER IS NOT NULL THEN ORA_DICT_OBJ_OWNER || '.' END || ORA_DICT_OBJ_NAME), 1, 2048));
            END IF;
        END IF;
    END IF;
END;
/

-- Enable trigger commands, if it compiles
DECLARE
    problems PLS_INTEGER;
BEGIN
    SELECT COUNT(*) INTO problems FROM ALL_ERRORS
    WHERE OWNER = SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA') AND NAME = 'COMMANDS'
        AND TYPE = 'TRIGGER' AND ATTRIBUTE = 'ERROR';
    IF problems > 0 THEN
        RAISE_APPLICATION_ERROR(-20000, 'commands does not compile and stays disabled: see ALL_ERRORS');
    END IF;
    EXECUTE IMMEDIATE 'ALTER TRIGGER commands ENABLE';
END;
/

-- Enable trigger drops, if it compiles
DECLARE
    problems PLS_INTEGER;
BEGIN
    SELECT COUNT(*) INTO problems FROM ALL_ERRORS
    WHERE OWNER = SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA') AND NAME = 'DROPS'
        AND TYPE = 'TRIGGER' AND ATTRIBUTE = 'ERROR';
    IF problems > 0 THEN
        RAISE_APPLICATION_ERROR(-20000, 'drops does not compile and stays disabled: see ALL_ERRORS');
    END IF;
    EXECUTE IMMEDIATE 'ALTER TRIGGER drops ENABLE';
END;
/

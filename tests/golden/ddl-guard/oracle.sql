-- Rendered by xtrig for Oracle Database 19: change the definition, not this text
-- Run it in SQL*Plus or SQLcl, not as SYS, with ADMINISTER DATABASE TRIGGER and, for the schemas of others, CREATE ANY TRIGGER and CREATE ANY TABLE.
-- Keep a session of somebody with ADMINISTER DATABASE TRIGGER open meanwhile. Sessions that are open are not asked.
-- A schema is a user, who has to be there, with a quota: guard

SET DEFINE OFF
SET SQLBLANKLINES ON
WHENEVER SQLERROR EXIT FAILURE ROLLBACK

-- Table guard.refused
BEGIN
    EXECUTE IMMEDIATE 'CREATE TABLE guard.refused (
    at TIMESTAMP WITH TIME ZONE,
    who VARCHAR2(128 CHAR),
    command VARCHAR2(100 CHAR)
)';
EXCEPTION
    WHEN OTHERS THEN
        IF SQLCODE <> -955 THEN
            RAISE;
        END IF;
END;
/

-- Trigger guard.no_drop_by_day: ddl_command_start
CREATE OR REPLACE TRIGGER guard.no_drop_by_day
BEFORE DROP OR ALTER OR COMMENT ON DATABASE
DISABLE
BEGIN
    -- exempt_roles: nothing is done for these users.
    IF SYS_CONTEXT('USERENV', 'SESSION_USER') NOT IN ('RELEASE', 'Emergency') THEN
        -- tags: only these commands.
        IF ORA_SYSEVENT || ' ' || ORA_DICT_OBJ_TYPE IN ('DROP TABLE', 'ALTER TABLE') OR ORA_SYSEVENT IN ('COMMENT') THEN
            IF EXTRACT(HOUR FROM SYS_EXTRACT_UTC(SYSTIMESTAMP)) BETWEEN 8 AND 19 OR SYS_CONTEXT('USERENV', 'SESSION_USER') LIKE 'APP\_%' ESCAPE '\' THEN
                RAISE_APPLICATION_ERROR(-20000, SUBSTRB((ORA_SYSEVENT || ' ' || ORA_DICT_OBJ_TYPE) || ' by ' || SYS_CONTEXT('USERENV', 'SESSION_USER') || ' only at night', 1, 2048));
            END IF;
        END IF;
    END IF;
END;
/

-- Trigger guard.drops: sql_drop
CREATE OR REPLACE TRIGGER guard.drops
AFTER DROP ON DATABASE
DISABLE
BEGIN
    IF ORA_DICT_OBJ_OWNER NOT IN ('SCRATCH', 'TMP') THEN
        INSERT INTO guard.refused (at, who, command)
        VALUES (
            SYSTIMESTAMP,
            SYS_CONTEXT('USERENV', 'SESSION_USER'),
            (ORA_SYSEVENT || ' ' || ORA_DICT_OBJ_TYPE) || ' ' || (CASE WHEN ORA_DICT_OBJ_OWNER IS NOT NULL THEN ORA_DICT_OBJ_OWNER || '.' END || ORA_DICT_OBJ_NAME)
        );
    END IF;
EXCEPTION
    WHEN OTHERS THEN
        -- on_error: allow. Oracle would refuse the login, or the command.
        NULL;
END;
/

-- Enable trigger guard.no_drop_by_day, if it compiles
DECLARE
    problems PLS_INTEGER;
BEGIN
    SELECT COUNT(*) INTO problems FROM ALL_ERRORS
    WHERE OWNER = 'GUARD' AND NAME = 'NO_DROP_BY_DAY'
        AND TYPE = 'TRIGGER' AND ATTRIBUTE = 'ERROR';
    IF problems > 0 THEN
        RAISE_APPLICATION_ERROR(-20000, 'guard.no_drop_by_day does not compile and stays disabled: see ALL_ERRORS');
    END IF;
    EXECUTE IMMEDIATE 'ALTER TRIGGER guard.no_drop_by_day ENABLE';
END;
/

-- Enable trigger guard.drops, if it compiles
DECLARE
    problems PLS_INTEGER;
BEGIN
    SELECT COUNT(*) INTO problems FROM ALL_ERRORS
    WHERE OWNER = 'GUARD' AND NAME = 'DROPS'
        AND TYPE = 'TRIGGER' AND ATTRIBUTE = 'ERROR';
    IF problems > 0 THEN
        RAISE_APPLICATION_ERROR(-20000, 'guard.drops does not compile and stays disabled: see ALL_ERRORS');
    END IF;
    EXECUTE IMMEDIATE 'ALTER TRIGGER guard.drops ENABLE';
END;
/

-- Rendered by xtrig for Oracle Database 19: change the definition, not this text
-- Run it in SQL*Plus or SQLcl, not as SYS, with ADMINISTER DATABASE TRIGGER and, for the schemas of others, CREATE ANY TRIGGER and CREATE ANY TABLE.
-- Keep a session of somebody with ADMINISTER DATABASE TRIGGER open meanwhile. Sessions that are open are not asked.

SET DEFINE OFF
SET SQLBLANKLINES ON
WHENEVER SQLERROR EXIT FAILURE ROLLBACK

-- Trigger noddl: ddl_command_start
CREATE OR REPLACE TRIGGER noddl
BEFORE DDL ON DATABASE
DISABLE
BEGIN
    RAISE_APPLICATION_ERROR(-20000, 'no');
END;
/

-- Enable trigger noddl, if it compiles
DECLARE
    problems PLS_INTEGER;
BEGIN
    SELECT COUNT(*) INTO problems FROM ALL_ERRORS
    WHERE OWNER = SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA') AND NAME = 'NODDL'
        AND TYPE = 'TRIGGER' AND ATTRIBUTE = 'ERROR';
    IF problems > 0 THEN
        RAISE_APPLICATION_ERROR(-20000, 'noddl does not compile and stays disabled: see ALL_ERRORS');
    END IF;
    EXECUTE IMMEDIATE 'ALTER TRIGGER noddl ENABLE';
END;
/

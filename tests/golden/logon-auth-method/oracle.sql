-- Rendered by xtrig for Oracle Database 19: change the definition, not this text
-- Run it in SQL*Plus or SQLcl, not as SYS, with ADMINISTER DATABASE TRIGGER and, for the schemas of others, CREATE ANY TRIGGER and CREATE ANY TABLE.
-- Keep a session of somebody with ADMINISTER DATABASE TRIGGER open meanwhile. Sessions that are open are not asked.

SET DEFINE OFF
SET SQLBLANKLINES ON
WHENEVER SQLERROR EXIT FAILURE ROLLBACK

-- Trigger how: logon
CREATE OR REPLACE TRIGGER how
AFTER LOGON ON DATABASE
DISABLE
BEGIN
    -- standby: skip. Nothing can be written on a physical standby.
    IF SYS_CONTEXT('USERENV', 'DATABASE_ROLE') <> 'PHYSICAL STANDBY' THEN
        INSERT INTO facts (how)
        VALUES (SYS_CONTEXT('USERENV', 'AUTHENTICATION_METHOD'));
    END IF;
EXCEPTION
    WHEN OTHERS THEN
        -- on_error: allow. Oracle would refuse the login, or the command.
        NULL;
END;
/

-- Enable trigger how, if it compiles
DECLARE
    problems PLS_INTEGER;
BEGIN
    SELECT COUNT(*) INTO problems FROM ALL_ERRORS
    WHERE OWNER = SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA') AND NAME = 'HOW'
        AND TYPE = 'TRIGGER' AND ATTRIBUTE = 'ERROR';
    IF problems > 0 THEN
        RAISE_APPLICATION_ERROR(-20000, 'how does not compile and stays disabled: see ALL_ERRORS');
    END IF;
    EXECUTE IMMEDIATE 'ALTER TRIGGER how ENABLE';
END;
/

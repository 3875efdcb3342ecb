-- Rendered by xtrig for Oracle Database 19: change the definition, not this text
-- Run it in SQL*Plus or SQLcl, not as SYS, with ADMINISTER DATABASE TRIGGER and, for the schemas of others, CREATE ANY TRIGGER and CREATE ANY TABLE.
-- Keep a session of somebody with ADMINISTER DATABASE TRIGGER open meanwhile. Sessions that are open are not asked.

SET DEFINE OFF
SET SQLBLANKLINES ON
WHENEVER SQLERROR EXIT FAILURE ROLLBACK

-- Trigger maintenance: logon
CREATE OR REPLACE TRIGGER maintenance
AFTER LOGON ON DATABASE
DISABLE
BEGIN
    -- exempt_roles: nothing is done for these users.
    IF SYS_CONTEXT('USERENV', 'SESSION_USER') NOT IN ('DBA', 'o''brien') THEN
        IF EXTRACT(HOUR FROM SYS_EXTRACT_UTC(SYSTIMESTAMP)) < 6 THEN
            RAISE_APPLICATION_ERROR(-20000, SUBSTRB('closed for ' || SYS_CONTEXT('USERENV', 'SESSION_USER') || ' until 6:00 (100%)', 1, 2048));
        END IF;
    END IF;
END;
/

-- Enable trigger maintenance, if it compiles
DECLARE
    problems PLS_INTEGER;
BEGIN
    SELECT COUNT(*) INTO problems FROM ALL_ERRORS
    WHERE OWNER = SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA') AND NAME = 'MAINTENANCE'
        AND TYPE = 'TRIGGER' AND ATTRIBUTE = 'ERROR';
    IF problems > 0 THEN
        RAISE_APPLICATION_ERROR(-20000, 'maintenance does not compile and stays disabled: see ALL_ERRORS');
    END IF;
    EXECUTE IMMEDIATE 'ALTER TRIGGER maintenance ENABLE';
END;
/

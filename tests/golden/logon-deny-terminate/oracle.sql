-- Rendered by xtrig for Oracle Database 19: change the definition, not this text
-- Run it in SQL*Plus or SQLcl, not as SYS, with ADMINISTER DATABASE TRIGGER and, for the schemas of others, CREATE ANY TRIGGER and CREATE ANY TABLE.
-- Keep a session of somebody with ADMINISTER DATABASE TRIGGER open meanwhile. Sessions that are open are not asked.

SET DEFINE OFF
SET SQLBLANKLINES ON
WHENEVER SQLERROR EXIT FAILURE ROLLBACK

-- Trigger firewall: logon
CREATE OR REPLACE TRIGGER firewall
AFTER LOGON ON DATABASE
DISABLE
DECLARE
    denied EXCEPTION;
    denial VARCHAR2(2048 BYTE);
BEGIN
    -- exempt_roles: nothing is done for these users.
    IF SYS_CONTEXT('USERENV', 'SESSION_USER') NOT IN ('DBA') THEN
        BEGIN
            IF SYS_CONTEXT('USERENV', 'CLIENT_PROGRAM_NAME') = 'badapp' THEN
                denial := SUBSTRB('not from ' || SYS_CONTEXT('USERENV', 'IP_ADDRESS'), 1, 2048);
                RAISE denied;
            END IF;
        EXCEPTION
            WHEN denied THEN
                RAISE;
            WHEN OTHERS THEN
                NULL;
        END;
    END IF;
EXCEPTION
    WHEN denied THEN
        RAISE_APPLICATION_ERROR(-20000, denial);
    WHEN OTHERS THEN
        -- on_error: allow. Oracle would refuse the login, or the command.
        NULL;
END;
/

-- Enable trigger firewall, if it compiles
DECLARE
    problems PLS_INTEGER;
BEGIN
    SELECT COUNT(*) INTO problems FROM ALL_ERRORS
    WHERE OWNER = SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA') AND NAME = 'FIREWALL'
        AND TYPE = 'TRIGGER' AND ATTRIBUTE = 'ERROR';
    IF problems > 0 THEN
        RAISE_APPLICATION_ERROR(-20000, 'firewall does not compile and stays disabled: see ALL_ERRORS');
    END IF;
    EXECUTE IMMEDIATE 'ALTER TRIGGER firewall ENABLE';
END;
/

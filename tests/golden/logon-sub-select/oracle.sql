-- Rendered by xtrig for Oracle Database 19: change the definition, not this text
-- Run it in SQL*Plus or SQLcl, not as SYS, with ADMINISTER DATABASE TRIGGER and, for the schemas of others, CREATE ANY TRIGGER and CREATE ANY TABLE.
-- Keep a session of somebody with ADMINISTER DATABASE TRIGGER open meanwhile. Sessions that are open are not asked.
-- A schema is a user, who has to be there, with a quota: sec

SET DEFINE OFF
SET SQLBLANKLINES ON
WHENEVER SQLERROR EXIT FAILURE ROLLBACK

-- Table sec.allowed
BEGIN
    EXECUTE IMMEDIATE 'CREATE TABLE sec.allowed (
    who VARCHAR2(128 CHAR),
    program VARCHAR2(64 CHAR),
    until TIMESTAMP WITH TIME ZONE
)';
EXCEPTION
    WHEN OTHERS THEN
        IF SQLCODE <> -955 THEN
            RAISE;
        END IF;
END;
/

-- Table sec.logins
BEGIN
    EXECUTE IMMEDIATE 'CREATE TABLE sec.logins (
    at TIMESTAMP WITH TIME ZONE,
    who VARCHAR2(128 CHAR),
    place VARCHAR2(4000 BYTE)
)';
EXCEPTION
    WHEN OTHERS THEN
        IF SQLCODE <> -955 THEN
            RAISE;
        END IF;
END;
/

-- Trigger sec.allow_list: logon
CREATE OR REPLACE TRIGGER sec.allow_list
AFTER LOGON ON DATABASE
DISABLE
DECLARE
    denied EXCEPTION;
    denial VARCHAR2(2048 BYTE);
    held PLS_INTEGER;
BEGIN
    -- exempt_roles: nothing is done for these users.
    IF SYS_CONTEXT('USERENV', 'SESSION_USER') NOT IN ('DBA') THEN
        -- standby: skip. Nothing can be written on a physical standby.
        BEGIN
            IF SYS_CONTEXT('USERENV', 'DATABASE_ROLE') <> 'PHYSICAL STANDBY' THEN
                INSERT INTO sec.logins (at, who, place)
                VALUES (
                    SYSTIMESTAMP,
                    SYS_CONTEXT('USERENV', 'SESSION_USER'),
                    SYS_CONTEXT('USERENV', 'CLIENT_PROGRAM_NAME') || ' at ' || COALESCE(SYS_CONTEXT('USERENV', 'IP_ADDRESS'), 'here')
                );
            END IF;
        EXCEPTION
            WHEN OTHERS THEN
                NULL;
        END;
        BEGIN
            SELECT CASE WHEN NOT EXISTS (SELECT 1 FROM sec.allowed WHERE allowed.who = LOWER(SYS_CONTEXT('USERENV', 'SESSION_USER')) AND (allowed.program IS NULL OR SYS_CONTEXT('USERENV', 'CLIENT_PROGRAM_NAME') LIKE allowed.program ESCAPE '\') AND allowed.until > SYSTIMESTAMP) THEN 1 ELSE 0 END INTO held FROM DUAL;
            IF held = 1 THEN
                denial := SUBSTRB(SYS_CONTEXT('USERENV', 'SESSION_USER') || ' may not use ' || SYS_CONTEXT('USERENV', 'CLIENT_PROGRAM_NAME'), 1, 2048);
                RAISE denied;
            END IF;
        EXCEPTION
            WHEN denied THEN
                RAISE;
            WHEN OTHERS THEN
                NULL;
        END;
        BEGIN
            IF SYS_CONTEXT('USERENV', 'SESSION_USER') = 'REPORTS' OR SYS_CONTEXT('USERENV', 'SESSION_USER') LIKE 'APP\_%' ESCAPE '\' THEN
                DBMS_APPLICATION_INFO.SET_MODULE('xtrig', NULL);
            END IF;
        EXCEPTION
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

-- Enable trigger sec.allow_list, if it compiles
DECLARE
    problems PLS_INTEGER;
BEGIN
    SELECT COUNT(*) INTO problems FROM ALL_ERRORS
    WHERE OWNER = 'SEC' AND NAME = 'ALLOW_LIST'
        AND TYPE = 'TRIGGER' AND ATTRIBUTE = 'ERROR';
    IF problems > 0 THEN
        RAISE_APPLICATION_ERROR(-20000, 'sec.allow_list does not compile and stays disabled: see ALL_ERRORS');
    END IF;
    EXECUTE IMMEDIATE 'ALTER TRIGGER sec.allow_list ENABLE';
END;
/

-- Rendered by xtrig for Oracle Database 19: change the definition, not this text
-- Run it in SQL*Plus or SQLcl, not as SYS, with ADMINISTER DATABASE TRIGGER and, for the schemas of others, CREATE ANY TRIGGER and CREATE ANY TABLE.
-- Keep a session of somebody with ADMINISTER DATABASE TRIGGER open meanwhile. Sessions that are open are not asked.
-- A schema is a user, who has to be there, with a quota: "audit"

SET DEFINE OFF
SET SQLBLANKLINES ON
WHENEVER SQLERROR EXIT FAILURE ROLLBACK

-- Table "audit".log
BEGIN
    EXECUTE IMMEDIATE 'CREATE TABLE "audit".log (
    id NUMBER(19) GENERATED ALWAYS AS IDENTITY,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    who VARCHAR2(64 CHAR),
    what VARCHAR2(4000 BYTE),
    PRIMARY KEY (id)
)';
EXCEPTION
    WHEN OTHERS THEN
        IF SQLCODE <> -955 THEN
            RAISE;
        END IF;
END;
/

-- Trigger "audit".on_logon: logon
CREATE OR REPLACE TRIGGER "audit".on_logon
AFTER LOGON ON DATABASE
DISABLE
BEGIN
    -- standby: skip. Nothing can be written on a physical standby.
    IF SYS_CONTEXT('USERENV', 'DATABASE_ROLE') <> 'PHYSICAL STANDBY' THEN
        INSERT INTO "audit".log (at, who, what)
        VALUES (SYSTIMESTAMP, SYS_CONTEXT('USERENV', 'SESSION_USER'), 'logon');
    END IF;
EXCEPTION
    WHEN OTHERS THEN
        -- on_error: allow. Oracle would refuse the login, or the command.
        NULL;
END;
/

-- Enable trigger "audit".on_logon, if it compiles
DECLARE
    problems PLS_INTEGER;
BEGIN
    SELECT COUNT(*) INTO problems FROM ALL_ERRORS
    WHERE OWNER = 'audit' AND NAME = 'ON_LOGON'
        AND TYPE = 'TRIGGER' AND ATTRIBUTE = 'ERROR';
    IF problems > 0 THEN
        RAISE_APPLICATION_ERROR(-20000, '"audit".on_logon does not compile and stays disabled: see ALL_ERRORS');
    END IF;
    EXECUTE IMMEDIATE 'ALTER TRIGGER "audit".on_logon ENABLE';
END;
/

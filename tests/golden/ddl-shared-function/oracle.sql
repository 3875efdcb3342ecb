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

-- Trigger "audit".at_start: ddl_command_start
CREATE OR REPLACE TRIGGER "audit".at_start
BEFORE DDL ON DATABASE
DISABLE
BEGIN
    INSERT INTO "audit".log (at, who, what)
    VALUES (SYSTIMESTAMP, SYS_CONTEXT('USERENV', 'SESSION_USER'), 'ddl_command_start' || ' ' || ORA_SYSEVENT);
END;
/

-- Trigger "audit".at_drop: sql_drop
CREATE OR REPLACE TRIGGER "audit".at_drop
AFTER DROP ON DATABASE
DISABLE
BEGIN
    INSERT INTO "audit".log (at, who, what)
    VALUES (SYSTIMESTAMP, SYS_CONTEXT('USERENV', 'SESSION_USER'), 'sql_drop' || ' ' || ORA_SYSEVENT);
END;
/

-- Enable trigger "audit".at_start, if it compiles
DECLARE
    problems PLS_INTEGER;
BEGIN
    SELECT COUNT(*) INTO problems FROM ALL_ERRORS
    WHERE OWNER = 'audit' AND NAME = 'AT_START'
        AND TYPE = 'TRIGGER' AND ATTRIBUTE = 'ERROR';
    IF problems > 0 THEN
        RAISE_APPLICATION_ERROR(-20000, '"audit".at_start does not compile and stays disabled: see ALL_ERRORS');
    END IF;
    EXECUTE IMMEDIATE 'ALTER TRIGGER "audit".at_start ENABLE';
END;
/

-- Enable trigger "audit".at_drop, if it compiles
DECLARE
    problems PLS_INTEGER;
BEGIN
    SELECT COUNT(*) INTO problems FROM ALL_ERRORS
    WHERE OWNER = 'audit' AND NAME = 'AT_DROP'
        AND TYPE = 'TRIGGER' AND ATTRIBUTE = 'ERROR';
    IF problems > 0 THEN
        RAISE_APPLICATION_ERROR(-20000, '"audit".at_drop does not compile and stays disabled: see ALL_ERRORS');
    END IF;
    EXECUTE IMMEDIATE 'ALTER TRIGGER "audit".at_drop ENABLE';
END;
/

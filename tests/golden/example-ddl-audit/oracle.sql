-- Rendered by xtrig for Oracle Database 19: change the definition, not this text
-- Run it in SQL*Plus or SQLcl, not as SYS, with ADMINISTER DATABASE TRIGGER and, for the schemas of others, CREATE ANY TRIGGER and CREATE ANY TABLE.
-- Keep a session of somebody with ADMINISTER DATABASE TRIGGER open meanwhile. Sessions that are open are not asked.
-- A schema is a user, who has to be there, with a quota: "audit"

SET DEFINE OFF
SET SQLBLANKLINES ON
WHENEVER SQLERROR EXIT FAILURE ROLLBACK

-- Table "audit".ddl_log
BEGIN
    EXECUTE IMMEDIATE 'CREATE TABLE "audit".ddl_log (
    id NUMBER(19) GENERATED ALWAYS AS IDENTITY,
    at TIMESTAMP WITH TIME ZONE,
    user_name VARCHAR2(64 CHAR),
    event VARCHAR2(64 CHAR),
    command_tag VARCHAR2(64 CHAR),
    object_type VARCHAR2(64 CHAR),
    object_identity VARCHAR2(4000 BYTE),
    PRIMARY KEY (id)
)';
EXCEPTION
    WHEN OTHERS THEN
        IF SQLCODE <> -955 THEN
            RAISE;
        END IF;
END;
/

-- Trigger "audit".ddl_audit: ddl_command_end
CREATE OR REPLACE TRIGGER "audit".ddl_audit
AFTER CREATE OR ALTER ON DATABASE
DISABLE
BEGIN
    -- tags: only these commands.
    IF ORA_SYSEVENT || ' ' || ORA_DICT_OBJ_TYPE IN ('CREATE TABLE', 'ALTER TABLE', 'CREATE FUNCTION') THEN
        INSERT INTO "audit".ddl_log (at, user_name, event, command_tag, object_type, object_identity)
        VALUES (
            SYSTIMESTAMP,
            SYS_CONTEXT('USERENV', 'SESSION_USER'),
            'ddl_command_end',
            (ORA_SYSEVENT || ' ' || ORA_DICT_OBJ_TYPE),
            LOWER(ORA_DICT_OBJ_TYPE),
            (CASE WHEN ORA_DICT_OBJ_OWNER IS NOT NULL THEN ORA_DICT_OBJ_OWNER || '.' END || ORA_DICT_OBJ_NAME)
        );
    END IF;
END;
/

-- Trigger "audit".drop_audit: sql_drop
CREATE OR REPLACE TRIGGER "audit".drop_audit
AFTER DROP ON DATABASE
DISABLE
BEGIN
    INSERT INTO "audit".ddl_log (at, user_name, event, command_tag, object_type, object_identity)
    VALUES (
        SYSTIMESTAMP,
        SYS_CONTEXT('USERENV', 'SESSION_USER'),
        'sql_drop',
        (ORA_SYSEVENT || ' ' || ORA_DICT_OBJ_TYPE),
        LOWER(ORA_DICT_OBJ_TYPE),
        (CASE WHEN ORA_DICT_OBJ_OWNER IS NOT NULL THEN ORA_DICT_OBJ_OWNER || '.' END || ORA_DICT_OBJ_NAME)
    );
END;
/

-- Enable trigger "audit".ddl_audit, if it compiles
DECLARE
    problems PLS_INTEGER;
BEGIN
    SELECT COUNT(*) INTO problems FROM ALL_ERRORS
    WHERE OWNER = 'audit' AND NAME = 'DDL_AUDIT'
        AND TYPE = 'TRIGGER' AND ATTRIBUTE = 'ERROR';
    IF problems > 0 THEN
        RAISE_APPLICATION_ERROR(-20000, '"audit".ddl_audit does not compile and stays disabled: see ALL_ERRORS');
    END IF;
    EXECUTE IMMEDIATE 'ALTER TRIGGER "audit".ddl_audit ENABLE';
END;
/

-- Enable trigger "audit".drop_audit, if it compiles
DECLARE
    problems PLS_INTEGER;
BEGIN
    SELECT COUNT(*) INTO problems FROM ALL_ERRORS
    WHERE OWNER = 'audit' AND NAME = 'DROP_AUDIT'
        AND TYPE = 'TRIGGER' AND ATTRIBUTE = 'ERROR';
    IF problems > 0 THEN
        RAISE_APPLICATION_ERROR(-20000, '"audit".drop_audit does not compile and stays disabled: see ALL_ERRORS');
    END IF;
    EXECUTE IMMEDIATE 'ALTER TRIGGER "audit".drop_audit ENABLE';
END;
/

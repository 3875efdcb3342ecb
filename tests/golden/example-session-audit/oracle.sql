-- Rendered by xtrig for Oracle Database 19: change the definition, not this text
-- Run it in SQL*Plus or SQLcl, not as SYS, with ADMINISTER DATABASE TRIGGER and, for the schemas of others, CREATE ANY TRIGGER and CREATE ANY TABLE.
-- Keep a session of somebody with ADMINISTER DATABASE TRIGGER open meanwhile. Sessions that are open are not asked.
-- A schema is a user, who has to be there, with a quota: "audit"

SET DEFINE OFF
SET SQLBLANKLINES ON
WHENEVER SQLERROR EXIT FAILURE ROLLBACK

-- Table "audit".users_log
BEGIN
    EXECUTE IMMEDIATE 'CREATE TABLE "audit".users_log (
    id NUMBER(19) GENERATED ALWAYS AS IDENTITY,
    user_name VARCHAR2(64 CHAR),
    database_name VARCHAR2(64 CHAR),
    event VARCHAR2(64 CHAR),
    client_ip VARCHAR2(64 CHAR),
    tag VARCHAR2(64 CHAR),
    instance_num NUMBER(10),
    PRIMARY KEY (id)
)';
EXCEPTION
    WHEN OTHERS THEN
        IF SQLCODE <> -955 THEN
            RAISE;
        END IF;
END;
/

-- Trigger "audit".login_event_trigger: logon
CREATE OR REPLACE TRIGGER "audit".login_event_trigger
AFTER LOGON ON DATABASE
DISABLE
BEGIN
    -- standby: skip. Nothing can be written on a physical standby.
    IF SYS_CONTEXT('USERENV', 'DATABASE_ROLE') <> 'PHYSICAL STANDBY' THEN
        INSERT INTO "audit".users_log (user_name, database_name, event, client_ip, tag, instance_num)
        VALUES (
            SYS_CONTEXT('USERENV', 'SESSION_USER'),
            ORA_DATABASE_NAME,
            'logon',
            SYS_CONTEXT('USERENV', 'IP_ADDRESS'),
            ORA_SYSEVENT,
            ORA_INSTANCE_NUM
        );
    END IF;
EXCEPTION
    WHEN OTHERS THEN
        -- on_error: allow. Oracle would refuse the login, or the command.
        NULL;
END;
/

-- Trigger "audit".logout_event_trigger: logoff
CREATE OR REPLACE TRIGGER "audit".logout_event_trigger
BEFORE LOGOFF ON DATABASE
DISABLE
BEGIN
    -- standby: skip. Nothing can be written on a physical standby.
    IF SYS_CONTEXT('USERENV', 'DATABASE_ROLE') <> 'PHYSICAL STANDBY' THEN
        INSERT INTO "audit".users_log (user_name, database_name, event, client_ip, tag, instance_num)
        VALUES (
            SYS_CONTEXT('USERENV', 'SESSION_USER'),
            ORA_DATABASE_NAME,
            'logoff',
            SYS_CONTEXT('USERENV', 'IP_ADDRESS'),
            ORA_SYSEVENT,
            ORA_INSTANCE_NUM
        );
    END IF;
EXCEPTION
    WHEN OTHERS THEN
        -- on_error: allow. Oracle would refuse the login, or the command.
        NULL;
END;
/

-- Enable trigger "audit".login_event_trigger, if it compiles
DECLARE
    problems PLS_INTEGER;
BEGIN
    SELECT COUNT(*) INTO problems FROM ALL_ERRORS
    WHERE OWNER = 'audit' AND NAME = 'LOGIN_EVENT_TRIGGER'
        AND TYPE = 'TRIGGER' AND ATTRIBUTE = 'ERROR';
    IF problems > 0 THEN
        RAISE_APPLICATION_ERROR(-20000, '"audit".login_event_trigger does not compile and stays disabled: see ALL_ERRORS');
    END IF;
    EXECUTE IMMEDIATE 'ALTER TRIGGER "audit".login_event_trigger ENABLE';
END;
/

-- Enable trigger "audit".logout_event_trigger, if it compiles
DECLARE
    problems PLS_INTEGER;
BEGIN
    SELECT COUNT(*) INTO problems FROM ALL_ERRORS
    WHERE OWNER = 'audit' AND NAME = 'LOGOUT_EVENT_TRIGGER'
        AND TYPE = 'TRIGGER' AND ATTRIBUTE = 'ERROR';
    IF problems > 0 THEN
        RAISE_APPLICATION_ERROR(-20000, '"audit".logout_event_trigger does not compile and stays disabled: see ALL_ERRORS');
    END IF;
    EXECUTE IMMEDIATE 'ALTER TRIGGER "audit".logout_event_trigger ENABLE';
END;
/

-- Rendered by xtrig for Oracle Database 19: change the definition, not this text
-- Run it in SQL*Plus or SQLcl, not as SYS, with ADMINISTER DATABASE TRIGGER and, for the schemas of others, CREATE ANY TRIGGER and CREATE ANY TABLE.
-- Keep a session of somebody with ADMINISTER DATABASE TRIGGER open meanwhile. Sessions that are open are not asked.
-- A schema is a user, who has to be there, with a quota: "audit"

SET DEFINE OFF
SET SQLBLANKLINES ON
WHENEVER SQLERROR EXIT FAILURE ROLLBACK

-- Trigger "audit".counter: logon
CREATE OR REPLACE TRIGGER "audit".counter
AFTER LOGON ON DATABASE
DISABLE
BEGIN
    -- standby: skip. Nothing can be written on a physical standby.
    IF SYS_CONTEXT('USERENV', 'DATABASE_ROLE') <> 'PHYSICAL STANDBY' THEN
        update audit.counters set logins = logins + 1 where who = SYS_CONTEXT('USERENV', 'SESSION_USER');
    END IF;
EXCEPTION
    WHEN OTHERS THEN
        -- on_error: allow. Oracle would refuse the login, or the command.
        NULL;
END;
/

-- Enable trigger "audit".counter, if it compiles
DECLARE
    problems PLS_INTEGER;
BEGIN
    SELECT COUNT(*) INTO problems FROM ALL_ERRORS
    WHERE OWNER = 'audit' AND NAME = 'COUNTER'
        AND TYPE = 'TRIGGER' AND ATTRIBUTE = 'ERROR';
    IF problems > 0 THEN
        RAISE_APPLICATION_ERROR(-20000, '"audit".counter does not compile and stays disabled: see ALL_ERRORS');
    END IF;
    EXECUTE IMMEDIATE 'ALTER TRIGGER "audit".counter ENABLE';
END;
/

-- oracle
-- Triggers on a schema: one user's logins and commands.
CREATE TABLE hr.visits (who VARCHAR2(30), at DATE, event VARCHAR2(20));
CREATE OR REPLACE TRIGGER hr.visit AFTER LOGON ON hr.SCHEMA
BEGIN
    INSERT INTO hr.visits VALUES (USER, SYSDATE, ora_sysevent);
END;
/
CREATE OR REPLACE TRIGGER hr.no_drops BEFORE DROP ON SCHEMA
BEGIN
    RAISE_APPLICATION_ERROR(-20000, 'Nothing is dropped here');
END;
/
CREATE OR REPLACE TRIGGER hr.keep_out AFTER LOGON ON SCHEMA
BEGIN
    RAISE_APPLICATION_ERROR(-20000, 'Oracle lets the owner in all the same');
END;
/
CREATE TRIGGER whose AFTER LOGON ON SCHEMA
BEGIN
    NULL;
END;
/

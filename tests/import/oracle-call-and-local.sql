-- oracle
-- A trigger that calls a procedure, with and without arguments; a procedure of its own; a package before it.
CREATE OR REPLACE PACKAGE sec.logon_pkg AS
    PROCEDURE note(p_user VARCHAR2);
END logon_pkg;
/
CREATE OR REPLACE PACKAGE BODY sec.logon_pkg AS
    PROCEDURE note(p_user VARCHAR2) IS
    BEGIN
        NULL;
    END;
END logon_pkg;
/
CREATE OR REPLACE TRIGGER sec.calls AFTER LOGON ON DATABASE
CALL sec.note_login(USER, 'logon')
/
CREATE OR REPLACE TRIGGER sec.local_one AFTER LOGON ON DATABASE
DECLARE
    PROCEDURE log_it(p VARCHAR2) IS
        PRAGMA AUTONOMOUS_TRANSACTION;
    BEGIN
        INSERT INTO sec.log VALUES (p);
        COMMIT;
    END;
BEGIN
    log_it(USER);
END;
/

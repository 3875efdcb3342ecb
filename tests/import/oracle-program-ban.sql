-- oracle
-- Programs that some users may not use; the refusal passes the handler for everything else.
CREATE OR REPLACE TRIGGER sec.ban_programs AFTER LOGON ON DATABASE
DECLARE
    v_program VARCHAR2(64) := UPPER(SYS_CONTEXT('USERENV', 'MODULE'));
    v_user    CONSTANT VARCHAR2(128) := SYS_CONTEXT('USERENV', 'SESSION_USER');
BEGIN
    IF v_user NOT IN ('SYS', 'SYSTEM') THEN
        IF v_program LIKE 'TOAD%' OR v_program LIKE 'SQL DEVELOPER%' OR INSTR(v_program, 'EXCEL') > 0 THEN
            RAISE_APPLICATION_ERROR(-20001, 'User ' || v_user || ' may not use this program.');
        END IF;
    END IF;
EXCEPTION
    WHEN OTHERS THEN
        IF SQLCODE = -20001 THEN
            RAISE;
        END IF;
END;
/

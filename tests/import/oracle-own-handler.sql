-- oracle
-- Handlers that do something: one catches the refusal, one writes a row, one covers only a part.
CREATE TABLE sec.errors (what VARCHAR2(200));
CREATE OR REPLACE TRIGGER sec.refuses_nobody AFTER LOGON ON DATABASE
BEGIN
    IF USER = 'GUEST' THEN RAISE_APPLICATION_ERROR(-20001, 'no guests'); END IF;
EXCEPTION
    WHEN OTHERS THEN NULL;
END;
/
CREATE OR REPLACE TRIGGER sec.records_errors AFTER LOGON ON DATABASE
BEGIN
    sec.greet(USER);
EXCEPTION
    WHEN OTHERS THEN
        INSERT INTO sec.errors (what) VALUES (SQLERRM);
END;
/
CREATE OR REPLACE TRIGGER sec.covers_a_part AFTER LOGON ON DATABASE
BEGIN
    BEGIN
        sec.greet(USER);
    EXCEPTION
        WHEN OTHERS THEN NULL;
    END;
    sec.count_visit(USER);
END;
/

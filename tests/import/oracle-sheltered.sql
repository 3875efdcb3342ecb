-- oracle
-- The row may fail, the refusal may not.
CREATE TABLE sec.tries (who VARCHAR2(128), at TIMESTAMP WITH TIME ZONE);
CREATE OR REPLACE TRIGGER sec.guests AFTER LOGON ON DATABASE
BEGIN
    BEGIN
        INSERT INTO sec.tries VALUES (USER, SYSTIMESTAMP);
    EXCEPTION
        WHEN OTHERS THEN NULL;
    END;
    IF USER = 'GUEST' THEN
        RAISE_APPLICATION_ERROR(-20001, 'no guests');
    END IF;
END;
/

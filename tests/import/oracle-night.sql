-- oracle
-- The server's clock and its NLS settings: which zone is meant is not in the script.
CREATE OR REPLACE TRIGGER sec.no_nights AFTER LOGON ON DATABASE
BEGIN
    IF TO_NUMBER(TO_CHAR(SYSDATE, 'HH24')) NOT BETWEEN 7 AND 20
       OR TO_CHAR(SYSDATE, 'DY', 'NLS_DATE_LANGUAGE=ENGLISH') IN ('SAT', 'SUN')
    THEN
        RAISE_APPLICATION_ERROR(-20020, 'Come back by day');
    END IF;
END;
/

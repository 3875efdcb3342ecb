-- oracle
-- Only who is in the table gets in, from where the table says.
CREATE TABLE sec.allowed (username VARCHAR2(128), ip_prefix VARCHAR2(45), CONSTRAINT allowed_uq UNIQUE (username, ip_prefix));
CREATE OR REPLACE TRIGGER sec.allow_list AFTER LOGON ON DATABASE
DECLARE
    n        PLS_INTEGER := 0;
    e_denied EXCEPTION;
BEGIN
    SELECT COUNT(*) INTO n FROM sec.allowed WHERE username = SYS_CONTEXT('USERENV', 'SESSION_USER');
    IF n = 0 THEN
        RAISE e_denied;
    END IF;
EXCEPTION
    WHEN e_denied THEN
        RAISE_APPLICATION_ERROR(-20010, 'You are not on the list, ' || USER);
    WHEN OTHERS THEN
        NULL;
END;
/

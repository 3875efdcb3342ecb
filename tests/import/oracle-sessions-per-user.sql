-- oracle
-- Five sessions for each user, but for the batch.
CREATE OR REPLACE TRIGGER sec.limit_sessions AFTER LOGON ON DATABASE
WHEN (USER <> 'BATCH')
DECLARE
    n NUMBER;
BEGIN
    SELECT COUNT(*) INTO n FROM v$session WHERE username = USER AND type = 'USER';
    IF n > 5 THEN
        RAISE_APPLICATION_ERROR(-20005, USER || ' has too many sessions');
    END IF;
END;
/

-- oracle
-- A unit that is not closed does not hide the one after it.
CREATE OR REPLACE TRIGGER sec.not_closed AFTER LOGON ON DATABASE
BEGIN
    IF USER = 'A' THEN
        NULL;
CREATE OR REPLACE TRIGGER sec.whole AFTER LOGON ON DATABASE
BEGIN
    sec.greet(USER);
END;
/

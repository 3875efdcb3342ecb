-- oracle
-- Names in quotes, in capitals and not, and users that no name without quotes is.
CREATE TABLE "SEC"."LOGINS" ("WHO" VARCHAR2(128), "When" TIMESTAMP WITH TIME ZONE);
CREATE OR REPLACE TRIGGER "SEC"."AUDIT" AFTER LOGON ON DATABASE
BEGIN
    INSERT INTO sec.logins (who, "When") VALUES (USER, SYSTIMESTAMP);
END;
/
CREATE OR REPLACE TRIGGER sec.small_letters AFTER LOGON ON DATABASE
BEGIN
    IF USER = 'scott' THEN
        INSERT INTO sec.logins (who) VALUES (USER);
    END IF;
END;
/

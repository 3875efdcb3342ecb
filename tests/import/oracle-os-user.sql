-- oracle
-- Nothing but Oracle's clients sends the user of the operating system and the terminal: the body is kept.
CREATE TABLE logon_trail (who VARCHAR2(128), os_user VARCHAR2(128), terminal VARCHAR2(64), host VARCHAR2(64));
CREATE OR REPLACE TRIGGER trail AFTER LOGON ON DATABASE
BEGIN
    INSERT INTO logon_trail (who, os_user, terminal, host)
    VALUES (USER,
            SYS_CONTEXT('USERENV', 'OS_USER'),
            SYS_CONTEXT('USERENV', 'TERMINAL'),
            SYS_CONTEXT('USERENV', 'HOST'));
END;
/

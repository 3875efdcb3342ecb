-- oracle
-- Events of the instance are none of a definition; each is named, and the login trigger after them is not lost.
CREATE OR REPLACE TRIGGER sys.start_services AFTER STARTUP ON DATABASE
BEGIN
    DBMS_SERVICE.START_SERVICE('app');
END;
/
CREATE OR REPLACE TRIGGER note_errors AFTER SERVERERROR ON DATABASE
BEGIN
    IF ora_is_servererror(1017) THEN NULL; END IF;
END;
/
CREATE OR REPLACE TRIGGER both AFTER STARTUP OR LOGON ON DATABASE CALL admin_pkg.hello
/
CREATE OR REPLACE TRIGGER hr.emp_bi BEFORE INSERT ON hr.employees FOR EACH ROW
BEGIN
    :NEW.id := hr.emp_seq.NEXTVAL;
END;
/
CREATE OR REPLACE TRIGGER app.hello AFTER LOGON ON PLUGGABLE DATABASE
BEGIN
    app.welcome(USER);
END;
/

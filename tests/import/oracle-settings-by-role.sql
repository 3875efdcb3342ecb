-- oracle
-- What a session gets: its schema, its zone, its label, by the roles of the user.
CREATE OR REPLACE TRIGGER app.session_settings AFTER LOGON ON DATABASE
DECLARE
    n_reports PLS_INTEGER;
BEGIN
    SELECT COUNT(*) INTO n_reports FROM dba_role_privs WHERE grantee = USER AND granted_role = 'REPORTING';
    IF n_reports > 0 THEN
        EXECUTE IMMEDIATE 'ALTER SESSION SET CURRENT_SCHEMA = reports';
        DBMS_APPLICATION_INFO.SET_MODULE(module_name => 'reporting', action_name => NULL);
    ELSE
        EXECUTE IMMEDIATE 'ALTER SESSION SET CURRENT_SCHEMA = app TIME_ZONE = ''Asia/Seoul''';
    END IF;
    DBMS_SESSION.SET_IDENTIFIER(USER || '@' || SYS_CONTEXT('USERENV', 'IP_ADDRESS'));
END;
/

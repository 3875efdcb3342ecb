-- oracle
-- What is put together at run time, Oracle's packages, and statements without a step.
CREATE OR REPLACE TRIGGER sec.many_things AFTER LOGON ON DATABASE
DECLARE
    v_sql VARCHAR2(200);
BEGIN
    v_sql := 'GRANT app_role TO ' || USER;
    EXECUTE IMMEDIATE v_sql;
    DBMS_SESSION.SET_ROLE('app_role');
    DBMS_SESSION.SET_CONTEXT('app_ctx', 'user', USER);
    DBMS_OUTPUT.PUT_LINE('hello');
    UPDATE sec.users SET last_login = SYSDATE WHERE name = USER;
    FOR r IN (SELECT sid, serial# FROM v$session WHERE username = USER) LOOP
        NULL;
    END LOOP;
    COMMIT;
END;
/

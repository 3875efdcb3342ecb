-- oracle
-- Variables that branches set, DECODE, CASE, and a loop over the session's own row.
CREATE TABLE app.arrivals (who VARCHAR2(128), kind VARCHAR2(20), origin VARCHAR2(64), program VARCHAR2(64));
CREATE OR REPLACE TRIGGER app.arrival AFTER LOGON ON DATABASE
DECLARE
    v_kind VARCHAR2(20) := 'person';
    v_from VARCHAR2(64);
BEGIN
    IF USER LIKE 'SVC\_%' ESCAPE '\' THEN
        v_kind := 'service';
    ELSIF USER IN ('BATCH', 'ETL') THEN
        v_kind := 'batch';
    END IF;
    v_from := DECODE(SYS_CONTEXT('USERENV', 'IP_ADDRESS'), NULL, 'here', '127.0.0.1', 'here', 'away');
    FOR r IN (SELECT s.program, s.machine FROM v$session s WHERE s.sid = SYS_CONTEXT('USERENV', 'SID')) LOOP
        INSERT INTO app.arrivals (who, kind, origin, program)
        VALUES (USER, v_kind, v_from || ' ' || r.machine, r.program);
    END LOOP;
    CASE v_kind
        WHEN 'batch' THEN DBMS_APPLICATION_INFO.SET_CLIENT_INFO('batch');
        ELSE NULL;
    END CASE;
EXCEPTION
    WHEN NO_DATA_FOUND THEN NULL;
END;
/

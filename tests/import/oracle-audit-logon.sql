-- oracle
-- The usual audit of logins: a table, a sequence, and the row of the session in V$SESSION.
SET ECHO ON
PROMPT Don't run this twice
CREATE SEQUENCE sec.logon_seq START WITH 1 CACHE 20;
CREATE TABLE sec.logon_audit (
    id        NUMBER(19) NOT NULL,
    username  VARCHAR2(128 CHAR) NOT NULL,
    program   VARCHAR2(64),
    ip        VARCHAR2(45),
    db_name   VARCHAR2(64),
    logged_at TIMESTAMP WITH TIME ZONE DEFAULT SYSTIMESTAMP NOT NULL,
    CONSTRAINT logon_audit_pk PRIMARY KEY (id)
);
CREATE OR REPLACE TRIGGER sec.audit_logon
AFTER LOGON ON DATABASE
DECLARE
    PRAGMA AUTONOMOUS_TRANSACTION;
    v_program v$session.program%TYPE;
BEGIN
    IF USER IN ('SYS', 'SYSTEM', 'DBSNMP') THEN
        RETURN;
    END IF;
    SELECT s.program INTO v_program
      FROM v$session s
     WHERE s.audsid = SYS_CONTEXT('USERENV', 'SESSIONID') AND ROWNUM = 1;
    INSERT INTO sec.logon_audit (id, username, program, ip, db_name, logged_at)
    VALUES (sec.logon_seq.NEXTVAL, USER, v_program, NVL(SYS_CONTEXT('USERENV', 'IP_ADDRESS'), 'local'),
            ora_database_name, SYSTIMESTAMP);
    COMMIT;
EXCEPTION
    WHEN OTHERS THEN NULL;
END audit_logon;
/
SHOW ERRORS

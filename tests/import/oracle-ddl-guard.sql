-- oracle
-- No command may touch the tables of HR; attempts are recorded, which here outlives the refusal.
CREATE TABLE sec.refused_ddl (at TIMESTAMP(6) WITH TIME ZONE, who VARCHAR2(128), what VARCHAR2(30), object VARCHAR2(261));
CREATE OR REPLACE TRIGGER sec.protect_hr
BEFORE DROP OR ALTER OR TRUNCATE ON DATABASE
DECLARE
    PRAGMA AUTONOMOUS_TRANSACTION;
BEGIN
    IF ora_dict_obj_owner = 'HR' AND ora_dict_obj_type IN ('TABLE', 'VIEW', 'SYNONYM')
       AND ora_login_user NOT IN ('RELEASE', 'SYS')
    THEN
        INSERT INTO sec.refused_ddl (at, who, what, object)
        VALUES (SYSTIMESTAMP, ora_login_user, ora_sysevent, ora_dict_obj_owner || '.' || ora_dict_obj_name);
        COMMIT;
        RAISE_APPLICATION_ERROR(-20100, q'[It's forbidden to change ]' || ora_dict_obj_type);
    END IF;
END;
/

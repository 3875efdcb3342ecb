-- oracle
-- Every command, with what it was about.
CREATE TABLE audit_ddl (d DATE, osuser VARCHAR2(255), sysevent VARCHAR2(30), owner VARCHAR2(128), name VARCHAR2(128), type VARCHAR2(30));
CREATE OR REPLACE TRIGGER audit_ddl_trg AFTER DDL ON DATABASE
BEGIN
    IF ora_sysevent = 'TRUNCATE' THEN
        NULL;
    ELSE
        INSERT INTO audit_ddl (d, sysevent, owner, name, type)
        VALUES (SYSDATE, ora_sysevent, ora_dict_obj_owner, ora_dict_obj_name, ora_dict_obj_type);
    END IF;
END;
/

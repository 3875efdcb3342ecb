-- oracle
-- Commands by their verb and the kind of their object, without its name: known before the command.
CREATE OR REPLACE TRIGGER dba1.no_indexes BEFORE CREATE OR ALTER ON DATABASE
BEGIN
    IF ora_dict_obj_type = 'INDEX' AND ora_sysevent = 'CREATE' AND ora_login_user = 'APP' THEN
        RAISE_APPLICATION_ERROR(-20000, 'Ask for the ' || ora_dict_obj_type || ' first');
    END IF;
END;
/
CREATE OR REPLACE TRIGGER dba1.no_grants BEFORE GRANT OR REVOKE ON DATABASE
BEGIN
    IF ora_login_user <> 'SECADM' THEN
        RAISE_APPLICATION_ERROR(-20000, ora_sysevent || ' is not for ' || ora_login_user);
    END IF;
END;
/
CREATE OR REPLACE TRIGGER dba1.no_truncate BEFORE TRUNCATE ON DATABASE
BEGIN
    RAISE_APPLICATION_ERROR(-20000, 'no');
END;
/
CREATE OR REPLACE TRIGGER dba1.instead_of INSTEAD OF CREATE ON SCHEMA
BEGIN
    NULL;
END;
/

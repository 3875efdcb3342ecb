-- polardb-oracle
CREATE TABLE hr.session_log (at timestamptz, who VARCHAR2(64), event VARCHAR2(16));
CREATE TABLE hr.ddl_log (at timestamptz, who VARCHAR2(64), tag VARCHAR2(64), object VARCHAR2(128));

CREATE OR REPLACE FUNCTION hr.note_session RETURN event_trigger AUTHID DEFINER AS
  result VARCHAR2(64);
BEGIN
  result := pg_catalog.set_config('app.user', polar_login_user, false);
  IF polar_login_user NOT IN ('pool', 'monitor') THEN
    INSERT INTO hr.session_log (at, who, event)
    VALUES (CURRENT_TIMESTAMP, polar_login_user, CASE WHEN LOWER(tg_event) LIKE '%logoff%' THEN 'logoff' ELSE 'logon' END);
  END IF;
END note_session;
/

CREATE EVENT TRIGGER hr.logon_trigger AFTER LOGON ON DATABASE EXECUTE FUNCTION hr.note_session();
CREATE EVENT TRIGGER hr.logoff_trigger BEFORE LOGOFF
  ON DATABASE EXECUTE FUNCTION hr.note_session();

CREATE OR REPLACE TRIGGER hr.note_ddl AFTER CREATE OR DROP ON DATABASE
DECLARE
  nobody VARCHAR2(64);
BEGIN
  INSERT INTO hr.ddl_log (at, who, tag, object)
  VALUES (CURRENT_TIMESTAMP, session_user, ora_sysevent || ' ' || ora_dict_obj_type,
          CASE WHEN ora_dict_obj_owner IS NULL THEN ora_dict_obj_name ELSE ora_dict_obj_owner || '.' || ora_dict_obj_name END);
END;
/

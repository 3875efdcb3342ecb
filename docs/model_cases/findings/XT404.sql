-- dialect: polardb
CREATE TABLE users_log (user_name VARCHAR2(64));
CREATE FUNCTION note RETURN event_trigger IS BEGIN
  INSERT INTO polar_loginout.users_log (user_name) VALUES (polar_login_user);
END;
CREATE EVENT TRIGGER note ON after_user_logon EXECUTE PROCEDURE public.note();

-- polardb
-- The example of PolarDB for PostgreSQL's documentation, "Logon and logoff triggers", statement for statement.
-- No server here runs it; it is compared in form.

CREATE TABLE users_log (
id serial,
user_name VARCHAR2(64),
database_name VARCHAR2(64),
event VARCHAR2(64),
client_ip VARCHAR2(64),
tag VARCHAR2(64),
instance_num int
);

CREATE FUNCTION sample_event_trigger RETURN event_trigger IS BEGIN
INSERT INTO polar_loginout.users_log (user_name, database_name, event, client_ip, tag, instance_num)
VALUES (polar_login_user, polar_database_name, tg_event, polar_client_ip, tg_tag, polar_instance_num);
END;

-- Fires after each user connects
CREATE EVENT TRIGGER login_event_trigger on after_user_logon
EXECUTE PROCEDURE public.sample_event_trigger();

-- Fires before each user disconnects
CREATE EVENT TRIGGER logout_event_trigger on before_user_logoff
EXECUTE PROCEDURE public.sample_event_trigger();

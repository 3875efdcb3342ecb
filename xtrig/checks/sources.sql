-- XT401 on postgresql
CREATE TABLE audit.log (who text;

-- XT402 on postgresql
CREATE ROLE auditor;
CREATE TABLE audit.log (who text);
CREATE FUNCTION audit.note() RETURNS event_trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO audit.log (who) VALUES (session_user);
END $$;
CREATE EVENT TRIGGER note ON login EXECUTE FUNCTION audit.note();

-- XT403 on postgresql
CREATE EVENT TRIGGER note ON login EXECUTE FUNCTION audit.note();

-- XT404 on polardb
CREATE TABLE users_log (user_name VARCHAR2(64));
CREATE FUNCTION note RETURN event_trigger IS BEGIN
  INSERT INTO polar_loginout.users_log (user_name) VALUES (polar_login_user);
END;
CREATE EVENT TRIGGER note ON after_user_logon EXECUTE PROCEDURE public.note();

-- XT405 on postgresql
CREATE FUNCTION audit.note() RETURNS event_trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE NOTICE 'welcome, %', upper(session_user);
END $$;
CREATE EVENT TRIGGER note ON login EXECUTE FUNCTION audit.note();

-- XT406 on postgresql
CREATE TABLE audit.log (who text CHECK (who <> ''));
CREATE FUNCTION audit.note() RETURNS event_trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO audit.log (who) VALUES (session_user);
END $$;
CREATE EVENT TRIGGER note ON login EXECUTE FUNCTION audit.note();

-- XT407 on postgresql
CREATE TABLE audit.log (who text);
CREATE FUNCTION audit.note() RETURNS event_trigger LANGUAGE plpgsql
  SECURITY DEFINER AS $$
BEGIN
  INSERT INTO audit.log (who) VALUES (session_user);
END $$;
CREATE EVENT TRIGGER note ON login EXECUTE FUNCTION audit.note();

-- XT408 on postgresql
CREATE TABLE audit.log (who text);
CREATE FUNCTION audit.note() RETURNS event_trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO audit.log (who) VALUES (session_user);
END $$;
CREATE EVENT TRIGGER note ON login EXECUTE FUNCTION audit.note();

-- XT409 on postgresql
CREATE FUNCTION audit.note() RETURNS event_trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE LOG 'a login from port %', inet_client_port();
END $$;
CREATE EVENT TRIGGER note ON login EXECUTE FUNCTION audit.note();

-- XT410 on postgresql
CREATE FUNCTION audit.note() RETURNS event_trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO audit.log (who) VALUES (session_user);
END $$;
CREATE EVENT TRIGGER note ON login EXECUTE FUNCTION audit.note();

-- dialect: postgresql
CREATE FUNCTION audit.note() RETURNS event_trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE NOTICE 'welcome, %', session_user;
END $$;
CREATE EVENT TRIGGER note ON login EXECUTE FUNCTION audit.note();

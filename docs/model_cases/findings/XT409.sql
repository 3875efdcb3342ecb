-- dialect: postgresql
CREATE FUNCTION audit.note() RETURNS event_trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF inet_client_port() = 6543 THEN
    RAISE EXCEPTION 'not from that port';
  END IF;
END $$;
CREATE EVENT TRIGGER note ON login EXECUTE FUNCTION audit.note();

-- dialect: postgresql
CREATE EVENT TRIGGER note ON login EXECUTE FUNCTION audit.note();

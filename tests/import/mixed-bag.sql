-- postgresql
-- What a script grows into: several schemas, a caught error, an exempt role, a body that no step can say.
BEGIN;
CREATE SCHEMA IF NOT EXISTS audit;
SET client_min_messages = warning;
DROP EVENT TRIGGER IF EXISTS note_logon;

CREATE TABLE audit."Sessions" (
    id bigserial PRIMARY KEY,
    who name NOT NULL DEFAULT session_user,
    "at" timestamp with time zone DEFAULT now(),
    addr inet CHECK (addr IS NOT NULL),
    note varchar(20)
);
COMMENT ON TABLE audit."Sessions" IS 'who came';

CREATE FUNCTION audit.note_logon() RETURNS event_trigger AS $$
BEGIN
    IF session_user IN ('postgres', 'backup') THEN
        RETURN;
    END IF;
    IF pg_is_in_recovery() THEN
        RETURN;
    END IF;
    INSERT INTO "Sessions" (who, note) VALUES (session_user, $q$it's$q$ || E'\n');
    IF current_setting('application_name') = 'psql' THEN
        RAISE LOG 'psql by % (100%%)', session_user;
    ELSIF inet_client_addr() IS NULL THEN
        PERFORM audit.seen(session_user, 1, true);
    END IF;
EXCEPTION WHEN OTHERS THEN
    RAISE WARNING 'no audit: %', SQLERRM;
END $$ LANGUAGE plpgsql SECURITY DEFINER SET search_path = audit, pg_temp SET lock_timeout = '2s' COST 7;

CREATE FUNCTION watch_ddl() RETURNS event_trigger LANGUAGE plpgsql SET work_mem = '1MB' AS '
DECLARE
    r record;
    n integer := 0;
BEGIN
    FOR r IN SELECT * FROM pg_event_trigger_ddl_commands() LOOP
        n := n + 1;
    END LOOP;
    RAISE LOG ''% commands'', n;
END';

CREATE FUNCTION audit.unused() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE FUNCTION audit.seen(name, integer, boolean) RETURNS void LANGUAGE sql AS 'SELECT';
CREATE EVENT TRIGGER note_logon ON login EXECUTE FUNCTION audit.note_logon();
CREATE EVENT TRIGGER watch ON ddl_command_end WHEN TAG IN ('create table', 'DROP TABLE')
    EXECUTE PROCEDURE watch_ddl();
ALTER EVENT TRIGGER watch DISABLE;
COMMIT;

"""What somebody could do to a record by the catalogs, extensions, publications and statistics; and to its database."""

from __future__ import annotations

from collections.abc import Mapping

TABLE: Mapping[str, str] = {
    "a publication of all tables": "CREATE PUBLICATION trap FOR ALL TABLES",
    "a publication of the schema": "CREATE PUBLICATION trap FOR TABLES IN SCHEMA {schema}",
    "a publication of some rows": "CREATE PUBLICATION trap FOR TABLE {o} WHERE ({first} IS NOT NULL)",
    "REPLICA IDENTITY NOTHING": "ALTER TABLE {o} REPLICA IDENTITY NOTHING",
    "REPLICA IDENTITY FULL": "ALTER TABLE {o} REPLICA IDENTITY FULL",
    "pages left empty": "ALTER TABLE {o} SET (fillfactor = 30)",
    "no autovacuum of TOAST": "ALTER TABLE {o} SET (toast.autovacuum_enabled = off)",
    "autovacuum in a thousand years": "ALTER TABLE {o} SET (autovacuum_vacuum_threshold = 2000000000, "
    "autovacuum_vacuum_insert_threshold = -1)",
    "statistics of a function": "CREATE STATISTICS lair.trap ON (lair.same({first}::text)) FROM {o}",
    "statistics of columns": "CREATE STATISTICS lair.trap ON {first}, (({first} IS NULL)) FROM {o}",
    "no statistics": "ALTER TABLE {o} ALTER COLUMN {first} SET STATISTICS 0",
    "statistics that are wrong": "ALTER TABLE {o} ALTER COLUMN {first} SET (n_distinct = 1)",
    "in an extension": "ALTER EXTENSION plpgsql ADD TABLE {o}",
    "an index that is not kept": "DO $$ BEGIN UPDATE pg_index SET indisready = false, indisvalid = false WHERE "
    "indrelid = '{o}'::regclass; IF NOT FOUND THEN RAISE EXCEPTION 'none'; END IF; END $$",
    "a check that is not validated": "DO $$ BEGIN UPDATE pg_constraint SET convalidated = false WHERE conrelid = "
    "'{o}'::regclass AND contype = 'c'; IF NOT FOUND THEN RAISE EXCEPTION 'none'; END IF; END $$",
    "a foreign key to it": "DO $$ DECLARE t text; BEGIN SELECT format_type(atttypid, atttypmod) INTO STRICT t FROM "
    "pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1] WHERE conrelid = '{o}'::regclass "
    "AND contype = 'p'; EXECUTE format('CREATE TABLE lair.f (a %s REFERENCES {o})', t); END $$",
    "a view on it": "CREATE VIEW lair.v AS SELECT * FROM {o}",
    "a column's comment": "COMMENT ON COLUMN {o}.{first} IS 'x'",
    "MAINTAIN to mallory": "GRANT MAINTAIN ON {o} TO mallory",
    "no relhasindex": "DO $$ BEGIN UPDATE pg_class SET relhasindex = false WHERE oid = '{o}'::regclass AND "
    "relhasindex; IF NOT FOUND THEN RAISE EXCEPTION 'none'; END IF; END $$",
    "a trigger of replicas": "CREATE TRIGGER trap BEFORE INSERT ON {o} FOR EACH ROW EXECUTE FUNCTION lair.skip(); "
    "ALTER TABLE {o} ENABLE REPLICA TRIGGER trap",
    "clustered": "DO $$ BEGIN UPDATE pg_index SET indisclustered = true WHERE indrelid = '{o}'::regclass; IF NOT FOUND "
    "THEN RAISE EXCEPTION 'none'; END IF; END $$",
    "another index with its name": "DO $$ DECLARE i record; BEGIN SELECT relname, relnamespace::regnamespace AS s INTO "
    "STRICT i FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid WHERE indrelid = '{o}'::regclass AND NOT "
    "indisprimary LIMIT 1; EXECUTE format('DROP INDEX %s.%I', i.s, i.relname); EXECUTE format('CREATE INDEX %I ON "
    "{o} ({first} DESC)', i.relname); END $$",
    "stored as it comes": "ALTER TABLE {o} ALTER COLUMN login_user SET STORAGE PLAIN",
}
FUNCTION: Mapping[str, str] = {
    "in an extension": "ALTER EXTENSION plpgsql ADD FUNCTION {o}",
    "depends on an extension": "ALTER FUNCTION {o} DEPENDS ON EXTENSION plpgsql",
    "another body, in the catalog": "UPDATE pg_proc SET prosrc = replace(prosrc, 'BEGIN', 'BEGIN ') WHERE oid = "
    "'{o}'::regprocedure",
    "a support function": "UPDATE pg_proc SET prosupport = 'pg_catalog.textlike_support'::regproc WHERE oid = "
    "'{o}'::regprocedure",
    "another estimate": "UPDATE pg_proc SET prorows = 5 WHERE oid = '{o}'::regprocedure AND prorows <> 5",
    "a procedure of it": "UPDATE pg_proc SET prokind = 'p' WHERE oid = '{o}'::regprocedure",
    "transforms": "UPDATE pg_proc SET protrftypes = '{{25}}' WHERE oid = '{o}'::regprocedure",
}
VIEW: Mapping[str, str] = {
    "in an extension": "ALTER EXTENSION plpgsql ADD VIEW {o}",
    "another schema": "ALTER VIEW {o} SET SCHEMA lair",
    "another name": "ALTER VIEW {o} RENAME TO elsewhere",
    "for others, too": "GRANT SELECT ON {o} TO audit_reader WITH GRANT OPTION",
    "its rule disabled": "UPDATE pg_rewrite SET ev_enabled = 'D' WHERE ev_class = '{o}'::regclass",
    "a view on it": "CREATE VIEW lair.v AS SELECT * FROM {o}",
    "a column's comment": "COMMENT ON COLUMN {o}.{first} IS 'x'",
}
ROLE: Mapping[str, str] = {
    "no INHERIT of pg_monitor": "DO $$ BEGIN IF NOT pg_has_role('{o}', 'pg_monitor', 'USAGE') THEN RAISE EXCEPTION "
    "'not'; END IF; REVOKE INHERIT OPTION FOR pg_monitor FROM {o}; END $$",
    "NOINHERIT": "ALTER ROLE {o} NOINHERIT",
    "another name": "ALTER ROLE {o} RENAME TO elsewhere",
    "a limit of connections": "ALTER ROLE {o} CONNECTION LIMIT 0",
    "a day until which it is valid": "ALTER ROLE {o} VALID UNTIL 'yesterday'",
    "a parameter": "GRANT SET ON PARAMETER log_min_messages TO {o}",
    "a setting in this database": "ALTER ROLE {o} IN DATABASE {database} SET work_mem = '1MB'",
    "a schema of its own": "CREATE SCHEMA trap AUTHORIZATION {o}",
    "owns the database": "ALTER DATABASE {database} OWNER TO {o}",
}
SCHEMA: Mapping[str, str] = {
    "in an extension": "ALTER EXTENSION plpgsql ADD SCHEMA {o}",
    "an operator of mallory's": "CREATE OPERATOR {o}.= (FUNCTION = lair.never, LEFTARG = name, RIGHTARG = text); ALTER "
    "OPERATOR {o}.= (name, text) OWNER TO mallory",
    "a type of mallory's": "CREATE DOMAIN {o}.text AS pg_catalog.text; ALTER DOMAIN {o}.text OWNER TO mallory",
    "a publication": "CREATE PUBLICATION trap FOR TABLES IN SCHEMA {o}",
    "functions that come": "ALTER DEFAULT PRIVILEGES FOR ROLE audit_owner IN SCHEMA {o} GRANT EXECUTE ON FUNCTIONS TO "
    "mallory",
    "a collation of mallory's": 'CREATE COLLATION {o}.c FROM "C"; ALTER COLLATION {o}.c OWNER TO mallory',
}
EVENT_TRIGGER: Mapping[str, str] = {
    "tags": "UPDATE pg_event_trigger SET evttags = '{{DROP TABLE}}' WHERE evtname = '{n}'",
    "another event": "UPDATE pg_event_trigger SET evtevent = 'ddl_command_end' WHERE evtname = '{n}'",
    "another function in the catalog": "CREATE FUNCTION lair.empty() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN "
    "END'; UPDATE pg_event_trigger SET evtfoid = 'lair.empty'::regproc WHERE evtname = '{n}'",
    "in an extension": "ALTER EXTENSION plpgsql ADD EVENT TRIGGER {o}",
    "a second one with a mark": "CREATE FUNCTION lair.deletes() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN "
    "DELETE FROM {schema}.session_inbox WHERE login_user = $q$mallory$q$; END'; CREATE EVENT TRIGGER zz ON login "
    "EXECUTE FUNCTION lair.deletes(); COMMENT ON EVENT TRIGGER zz IS 'xtrig:1:0000000000000000:other'",
    "one that fires before, and refuses": "CREATE FUNCTION lair.refuses() RETURNS event_trigger LANGUAGE plpgsql AS "
    "'BEGIN RAISE EXCEPTION $q$no$q$; END'; CREATE EVENT TRIGGER aa ON login EXECUTE FUNCTION lair.refuses()",
    "a second one as a replica": "CREATE FUNCTION lair.deletes() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN "
    "END'; CREATE EVENT TRIGGER zz ON login EXECUTE FUNCTION lair.deletes(); ALTER EVENT TRIGGER zz ENABLE REPLICA",
}
DATABASE: Mapping[str, str] = {
    "a limit of connections": "ALTER DATABASE {database} CONNECTION LIMIT 0",
    "no connections": "UPDATE pg_database SET datallowconn = false WHERE datname = current_database()",
    "no CONNECT": "REVOKE CONNECT ON DATABASE {database} FROM PUBLIC",
    "a template": "UPDATE pg_database SET datistemplate = true WHERE datname = current_database()",
    "a library": "ALTER DATABASE {database} SET session_preload_libraries = 'auto_explain'",
    "a library of a role's": "ALTER ROLE mallory SET session_preload_libraries = 'auto_explain'",
    "log_min_error_statement": "ALTER DATABASE {database} SET log_min_error_statement = panic",
    "log_min_messages of a role": "ALTER ROLE mallory SET log_min_messages = panic",
    "read-only of a role": "ALTER ROLE mallory SET default_transaction_read_only = on",
    "lock_timeout": "ALTER DATABASE {database} SET lock_timeout = '1ms'",
    "client_min_messages": "ALTER DATABASE {database} SET client_min_messages = debug5",
    "another collation version": "UPDATE pg_database SET datcollversion = '0' WHERE datname = current_database()",
    "mallory is in pg_maintain": "GRANT pg_maintain TO mallory",
    "mallory is in pg_signal_backend": "GRANT pg_signal_backend TO mallory",
    "mallory is in pg_read_server_files": "GRANT pg_read_server_files TO mallory",
    "mallory is in pg_monitor": "GRANT pg_monitor TO mallory",
    "mallory is in pg_create_subscription": "GRANT pg_create_subscription TO mallory",
    "mallory replicates": "ALTER ROLE mallory REPLICATION",
    "mallory passes row security": "ALTER ROLE mallory BYPASSRLS",
    "another function of the server's": "CREATE OR REPLACE FUNCTION pg_catalog.pg_ls_logdir(OUT name text, OUT size "
    "bigint, OUT modification timestamptz) RETURNS SETOF record LANGUAGE sql VOLATILE AS 'SELECT NULL::text, "
    "0::bigint, now() WHERE false'",
    "mallory says where the log goes": "GRANT ALTER SYSTEM ON PARAMETER log_destination TO mallory",
    "mallory may switch triggers off for all": "GRANT ALTER SYSTEM ON PARAMETER event_triggers TO mallory",
    "mallory rotates the log": "GRANT EXECUTE ON FUNCTION pg_rotate_logfile() TO mallory",
    "mallory reads the server's files": "GRANT EXECUTE ON FUNCTION pg_read_binary_file(text) TO mallory",
    "mallory writes the server's files": "GRANT EXECUTE ON FUNCTION lo_export(oid, text) TO mallory",
    "statistics reset": "SELECT pg_stat_reset()",
    "mallory resets statistics": "GRANT EXECUTE ON FUNCTION pg_stat_reset() TO mallory",
    "a cast": "CREATE FUNCTION lair.cast(name) RETURNS integer LANGUAGE sql AS 'SELECT 1'; CREATE CAST (name AS "
    "integer) WITH FUNCTION lair.cast(name) AS IMPLICIT",
    "another handler of the language": "UPDATE pg_language SET lanplcallfoid = "
    "'pg_catalog.plpgsql_call_handler'::regproc, laninline = 0 WHERE lanname = 'plpgsql'",
    "mallory may UPDATE pg_database": "GRANT UPDATE ON pg_catalog.pg_database TO mallory",
    "mallory may INSERT into pg_event_trigger": "GRANT INSERT ON pg_catalog.pg_event_trigger TO mallory",
    "mallory is in a role that writes": "CREATE ROLE between; GRANT pg_write_all_data TO between; GRANT between TO "
    "mallory",
}

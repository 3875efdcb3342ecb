"""What somebody with rights could do to what xtrig has deployed: for each object each manipulation of its kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg

from tests.server.attacks import catalog_manipulations

# {o} is the object as SQL, {n} its bare name, {schema} the set's schema, {first} a table's first column, {database}
# the database. Superusers, the owner of a table and roles that were given a right could all run these.
TABLE: Mapping[str, str] = {
    "a trigger before each row": "CREATE TRIGGER trap BEFORE INSERT ON {o} FOR EACH ROW EXECUTE FUNCTION lair.skip()",
    "a trigger after each row": "CREATE TRIGGER trap AFTER INSERT ON {o} FOR EACH ROW EXECUTE FUNCTION lair.skip()",
    "a trigger of a statement": "CREATE TRIGGER trap BEFORE INSERT OR DELETE ON {o} EXECUTE FUNCTION lair.skip()",
    "a rule instead": "CREATE RULE trap AS ON INSERT TO {o} DO INSTEAD NOTHING",
    "a rule also": "CREATE RULE trap AS ON INSERT TO {o} DO ALSO SELECT lair.text()",
    "a check": "ALTER TABLE {o} ADD CHECK ({first}::text <> 'mallory') NOT VALID",
    "a default": "ALTER TABLE {o} ALTER COLUMN {first} SET DEFAULT NULL; "
    "ALTER TABLE {o} ADD COLUMN more text DEFAULT lair.text()",
    "a column": "ALTER TABLE {o} ADD COLUMN more text",
    "a generated column": "ALTER TABLE {o} ADD COLUMN more text GENERATED ALWAYS AS (lair.text()) STORED",
    "no first column": "ALTER TABLE {o} DROP COLUMN {first} CASCADE",
    "a unique index": "CREATE UNIQUE INDEX trap ON {o} (({first}::text)) WHERE {first} IS NULL",
    "an index with a function": "CREATE INDEX trap ON {o} (lair.same({first}::text))",
    "no constraint": "DO $$ DECLARE c name; BEGIN SELECT conname INTO STRICT c FROM pg_constraint "
    "WHERE conrelid = '{o}'::regclass AND contype IN ('c', 'p') LIMIT 1; "
    "EXECUTE format('ALTER TABLE {o} DROP CONSTRAINT %I', c); END $$",
    "no index": "DO $$ DECLARE c text; BEGIN SELECT indexrelid::regclass INTO STRICT c FROM pg_index "
    "WHERE indrelid = '{o}'::regclass AND NOT indisprimary LIMIT 1; EXECUTE 'DROP INDEX ' || c; END $$",
    "nullable": "DO $$ DECLARE c name; BEGIN SELECT attname INTO STRICT c FROM pg_attribute WHERE attrelid = "
    "'{o}'::regclass AND attnum > 0 AND attnotnull AND attnum <> ALL (coalesce((SELECT conkey FROM pg_constraint "
    "WHERE conrelid = attrelid AND contype = 'p'), '{{}}')) LIMIT 1; "
    "EXECUTE format('ALTER TABLE {o} ALTER COLUMN %I DROP NOT NULL', c); END $$",
    "row security": "ALTER TABLE {o} ENABLE ROW LEVEL SECURITY",
    "forced row security": "ALTER TABLE {o} FORCE ROW LEVEL SECURITY",
    "a policy": "CREATE POLICY trap ON {o} USING (false)",
    "a child with forged rows": "CREATE TABLE lair.child (); ALTER TABLE lair.child OWNER TO mallory; "
    "DROP TABLE lair.child; CREATE TABLE lair.child () INHERITS ({o})",
    "a partition": "CREATE TABLE lair.part PARTITION OF {o} DEFAULT",
    "another owner": "ALTER TABLE {o} OWNER TO mallory",
    "the superuser as owner": "ALTER TABLE {o} OWNER TO postgres",
    "SELECT to mallory": "GRANT SELECT ON {o} TO mallory",
    "INSERT to mallory": "GRANT INSERT ON {o} TO mallory",
    "TRIGGER to mallory": "GRANT TRIGGER ON {o} TO mallory",
    "DELETE to PUBLIC": "GRANT DELETE ON {o} TO PUBLIC",
    "a column's SELECT to mallory": "GRANT SELECT ({first}) ON {o} TO mallory",
    "a column's UPDATE to mallory": "GRANT UPDATE ({first}) ON {o} TO mallory",
    "no right for those who had one": "DO $$ DECLARE r text; BEGIN SELECT grantee::regrole INTO STRICT r "
    "FROM pg_class, aclexplode(relacl) WHERE pg_class.oid = '{o}'::regclass AND grantee <> relowner LIMIT 1; "
    "EXECUTE format('REVOKE ALL ON {o} FROM %s', r); END $$",
    "a right with grant option": "DO $$ DECLARE r text; BEGIN SELECT grantee::regrole INTO STRICT r "
    "FROM pg_class, aclexplode(relacl) WHERE pg_class.oid = '{o}'::regclass AND grantee <> relowner LIMIT 1; "
    "EXECUTE format('GRANT SELECT, INSERT ON {o} TO %s WITH GRANT OPTION', r); END $$",
    "unlogged": "DO $$ BEGIN ALTER TABLE {o} SET UNLOGGED; "  # which 17 takes for a partitioned table, and does nothing
    "IF NOT EXISTS (SELECT FROM pg_class WHERE oid = '{o}'::regclass AND relpersistence = 'u') THEN "
    "RAISE EXCEPTION 'it is as it was'; END IF; END $$",
    "no autovacuum": "ALTER TABLE {o} SET (autovacuum_enabled = off)",
    "a publication": "CREATE PUBLICATION trap FOR TABLE {o}",
    "another mark": "COMMENT ON TABLE {o} IS 'xtrig:1:0000000000000000:other'",
    "no mark": "COMMENT ON TABLE {o} IS NULL",
    "another name": "ALTER TABLE {o} RENAME TO elsewhere",
    "another schema": "ALTER TABLE {o} SET SCHEMA lair",
    "no table": "DROP TABLE {o} CASCADE",
    "no rows": "DO $$ DECLARE n bigint; BEGIN DELETE FROM {o}; GET DIAGNOSTICS n = ROW_COUNT; "
    "IF n = 0 THEN RAISE EXCEPTION 'there was no row'; END IF; END $$",
    "TRUNCATE": "DO $$ BEGIN IF NOT EXISTS (SELECT FROM {o}) THEN RAISE EXCEPTION 'there was no row'; END IF; "
    "TRUNCATE {o}; END $$",
}
OF_A_DEFINITION: Mapping[str, str] = {
    **TABLE,
    "a default": "ALTER TABLE {o} ADD COLUMN more text DEFAULT lair.text()",
    "a unique constraint": "ALTER TABLE {o} ADD UNIQUE (id, who)",
    "an exclusion": "ALTER TABLE {o} ADD EXCLUDE USING btree (id WITH =, who WITH =)",
    "a foreign key": "CREATE TABLE lair.people (who text PRIMARY KEY); "
    "ALTER TABLE {o} ADD FOREIGN KEY (who) REFERENCES lair.people NOT VALID",
    "another default": "ALTER TABLE {o} ALTER COLUMN who SET DEFAULT 'somebody'",
    "must have a value": "ALTER TABLE {o} ALTER COLUMN who SET NOT NULL",
    "another type": "ALTER TABLE {o} ALTER COLUMN who TYPE varchar(300)",
    "a number": "ALTER TABLE {o} ADD COLUMN more bigint GENERATED ALWAYS AS IDENTITY",
    "an index with a condition": "CREATE INDEX trap ON {o} (who) WHERE lair.same(who) IS NULL",
    "a plain index": "CREATE INDEX more ON {o} (who)",
    "REFERENCES to mallory": "GRANT REFERENCES ON {o} TO mallory",
    "a column's INSERT to PUBLIC": "GRANT INSERT (who) ON {o} TO PUBLIC",
    "a parent": "CREATE TABLE lair.parent (who text); ALTER TABLE {o} INHERIT lair.parent",
}
"""Of a table that steps fill: those of a record's, and what a column of such a table can have."""
ROWS: Mapping[str, str] = {
    "session_inbox: a forged row": "INSERT INTO {schema}.session_inbox (login_user, started_at, backend_pid) "
    "VALUES ('mallory', now() - interval '1 day', 1)",
    "session_inbox: another user": "UPDATE {schema}.session_inbox SET login_user = 'somebody'",
    "session_log: a forged row": "INSERT INTO {schema}.session_log (recorded_at, instance, database_name, ended_by, "
    "source) SELECT now(), '1', 'd', 'unknown', ''",
    "session_log: a row less": "DELETE FROM {schema}.session_log WHERE ctid = (SELECT ctid FROM {schema}.session_log "
    "LIMIT 1)",
    "session_log: another user": "UPDATE {schema}.session_log SET login_user = 'somebody'",
    "refused_login: rows deleted": "DELETE FROM {schema}.refused_login",
    "refused_login: another user": "UPDATE {schema}.refused_login SET login_user = 'somebody'",
    "coverage: rows deleted": "DELETE FROM {schema}.coverage",
    "coverage: another reason": "UPDATE {schema}.coverage SET reason = 'forged'",
    "coverage: until the end of time": "UPDATE {schema}.coverage SET until = 'infinity'",
    "seal: the last with its batch": "WITH s AS (DELETE FROM {schema}.seal WHERE n = (SELECT max(n) FROM "
    "{schema}.seal) RETURNING recorded_at) DELETE FROM {schema}.session_log AS l USING s "
    "WHERE l.recorded_at = s.recorded_at",
    "seal: another digest": "UPDATE {schema}.seal SET digest = sha256(digest)",
    "session_state: never due": "UPDATE {schema}.session_state SET reap_due = 'infinity'",
    "session_state: installed later": "UPDATE {schema}.session_state SET installed_at = now() + interval '1 year'",
    "session_state: seen later": "UPDATE {schema}.session_state SET complete_at = now() + interval '1 year'",
    "session_state: another block": "UPDATE {schema}.session_state SET next_block = 4000000000",
    "session_state: another timeline": "UPDATE {schema}.session_state SET timeline = '000000FF'",
    "session_state: two rows": "INSERT INTO {schema}.session_state SELECT * FROM {schema}.session_state",
    "log_position: all is read": "UPDATE {schema}.log_position SET done = 9000000000000000000",
    "log_position: rows deleted": "DELETE FROM {schema}.log_position",
}
FUNCTION: Mapping[str, str] = {
    "another body": "DO $$ BEGIN EXECUTE regexp_replace(pg_get_functiondef('{o}'::regprocedure), 'BEGIN', "
    "'BEGIN PERFORM 1; '); END $$",
    "security invoker": "ALTER FUNCTION {o} SECURITY INVOKER",
    "another search_path": "ALTER FUNCTION {o} SET search_path = lair, pg_catalog",
    "no settings": "ALTER FUNCTION {o} RESET ALL",
    "one more setting": "ALTER FUNCTION {o} SET row_security = off",
    "another owner": "ALTER FUNCTION {o} OWNER TO mallory",
    "the superuser as owner": "ALTER FUNCTION {o} OWNER TO postgres",
    "EXECUTE to mallory": "GRANT EXECUTE ON FUNCTION {o} TO mallory",
    "EXECUTE to PUBLIC": "GRANT EXECUTE ON FUNCTION {o} TO PUBLIC",
    "no right for those who had one": "DO $$ DECLARE r text; BEGIN SELECT grantee::regrole INTO STRICT r "
    "FROM pg_proc, aclexplode(proacl) WHERE pg_proc.oid = '{o}'::regprocedure AND grantee <> proowner LIMIT 1; "
    "EXECUTE format('REVOKE ALL ON FUNCTION {o} FROM %s', r); END $$",
    "immutable": "ALTER FUNCTION {o} IMMUTABLE",
    "strict": "ALTER FUNCTION {o} STRICT",
    "leakproof": "ALTER FUNCTION {o} LEAKPROOF",
    "parallel safe": "ALTER FUNCTION {o} PARALLEL SAFE",
    "another cost": "ALTER FUNCTION {o} COST 1000000",
    "another mark": "COMMENT ON FUNCTION {o} IS 'xtrig:1:0000000000000000:other'",
    "another name": "ALTER FUNCTION {o} RENAME TO elsewhere",
    "another schema": "ALTER FUNCTION {o} SET SCHEMA lair",
    "no function": "DROP FUNCTION {o} CASCADE",
    "a second one of the name": "CREATE FUNCTION {schema}.{n}(trap text DEFAULT '') RETURNS text LANGUAGE sql "
    "AS 'SELECT $1'",
}
VIEW: Mapping[str, str] = {
    "another query": "DO $$ BEGIN EXECUTE 'CREATE OR REPLACE VIEW {o} AS SELECT * FROM (' || "
    "rtrim(pg_get_viewdef('{o}'::regclass), ';') || ') AS x WHERE false'; END $$",
    "security_invoker": "ALTER VIEW {o} SET (security_invoker = on)",
    "security_barrier": "ALTER VIEW {o} SET (security_barrier = on)",
    "another owner": "ALTER VIEW {o} OWNER TO mallory",
    "SELECT to mallory": "GRANT SELECT ON {o} TO mallory",
    "a column's SELECT to mallory": "GRANT SELECT ({first}) ON {o} TO mallory",
    "no right for the reader": "REVOKE ALL ON {o} FROM audit_reader",
    "a trigger instead": "CREATE TRIGGER trap INSTEAD OF DELETE ON {o} FOR EACH ROW EXECUTE FUNCTION lair.skip()",
    "a rule": "CREATE RULE trap AS ON DELETE TO {o} DO INSTEAD SELECT lair.text()",
    "a column's default": "ALTER VIEW {o} ALTER COLUMN {first} SET DEFAULT NULL",
    "another mark": "COMMENT ON VIEW {o} IS 'xtrig:1:0000000000000000:other'",
    "a column's name": "ALTER VIEW {o} RENAME COLUMN {first} TO elsewhere",
    "no view": "DROP VIEW {o} CASCADE",
}
ROLE: Mapping[str, str] = {
    "LOGIN": "ALTER ROLE {o} LOGIN PASSWORD 'x'",
    "a password": "ALTER ROLE {o} PASSWORD 'x'",
    "SUPERUSER": "ALTER ROLE {o} SUPERUSER",
    "CREATEROLE": "ALTER ROLE {o} CREATEROLE",
    "CREATEDB": "ALTER ROLE {o} CREATEDB",
    "REPLICATION": "ALTER ROLE {o} REPLICATION",
    "BYPASSRLS": "ALTER ROLE {o} BYPASSRLS",
    "a member": "GRANT {o} TO mallory",
    "a member by ADMIN alone": "GRANT {o} TO mallory WITH ADMIN TRUE, INHERIT FALSE, SET FALSE",
    "a member of a member": "CREATE ROLE between; GRANT {o} TO between; GRANT between TO mallory",
    "is in pg_write_all_data": "GRANT pg_write_all_data TO {o}",
    "is in pg_execute_server_program": "GRANT pg_execute_server_program TO {o}",
    "is in mallory": "GRANT mallory TO {o}",
    "a setting": "ALTER ROLE {o} SET search_path = lair",
    "no pg_monitor": "DO $$ BEGIN IF NOT pg_has_role('{o}', 'pg_monitor', 'USAGE') THEN RAISE EXCEPTION 'it has not'; "
    "END IF; REVOKE pg_monitor FROM {o}; END $$",
    "no right to read the log": "DO $$ BEGIN IF NOT has_function_privilege('{o}', "
    "'pg_read_binary_file(text, bigint, bigint, boolean)', 'EXECUTE') THEN RAISE EXCEPTION 'it has not'; END IF; "
    "REVOKE EXECUTE ON FUNCTION pg_read_binary_file(text, bigint, bigint, boolean) FROM {o}; END $$",
    "a right on the database": "GRANT CREATE ON DATABASE {database} TO {o}",
    "another mark": "COMMENT ON ROLE {o} IS 'xtrig:1::other'",
}
SCHEMA: Mapping[str, str] = {
    "another owner": "ALTER SCHEMA {o} OWNER TO mallory",
    "the record's owner as owner": "ALTER SCHEMA {o} OWNER TO audit_owner",
    "CREATE to mallory": "GRANT CREATE ON SCHEMA {o} TO mallory",
    "CREATE to PUBLIC": "GRANT CREATE ON SCHEMA {o} TO PUBLIC",
    "USAGE to mallory": "GRANT USAGE ON SCHEMA {o} TO mallory",
    "USAGE with grant option": "GRANT USAGE ON SCHEMA {o} TO audit_reader WITH GRANT OPTION",
    "no USAGE for the writer": "REVOKE USAGE ON SCHEMA {o} FROM audit_writer",
    "no USAGE for the reader": "REVOKE USAGE ON SCHEMA {o} FROM audit_reader",
    "no CREATE for the owner": "REVOKE CREATE ON SCHEMA {o} FROM audit_owner",
    "rights on what comes": "ALTER DEFAULT PRIVILEGES FOR ROLE audit_owner IN SCHEMA {o} "
    "GRANT ALL ON TABLES TO mallory",
    "a table of mallory's": "CREATE TABLE {o}.mine (a integer); ALTER TABLE {o}.mine OWNER TO mallory",
    "a function of mallory's": "CREATE FUNCTION {o}.mine() RETURNS text LANGUAGE sql AS 'SELECT NULL::text'; "
    "GRANT CREATE ON SCHEMA {o} TO mallory; ALTER FUNCTION {o}.mine() OWNER TO mallory; "
    "REVOKE CREATE ON SCHEMA {o} FROM mallory",
    "another mark": "COMMENT ON SCHEMA {o} IS 'xtrig:1::other'",
    "another name": "ALTER SCHEMA {o} RENAME TO elsewhere",
}
EVENT_TRIGGER: Mapping[str, str] = {
    "disabled": "ALTER EVENT TRIGGER {o} DISABLE",
    "ENABLE": "ALTER EVENT TRIGGER {o} ENABLE",
    "ENABLE REPLICA": "ALTER EVENT TRIGGER {o} ENABLE REPLICA",
    "another owner": "CREATE ROLE other SUPERUSER; ALTER EVENT TRIGGER {o} OWNER TO other",
    "an owner who is demoted": "CREATE ROLE other SUPERUSER; ALTER EVENT TRIGGER {o} OWNER TO other; "
    "ALTER ROLE other NOSUPERUSER",
    "another name": "ALTER EVENT TRIGGER {o} RENAME TO elsewhere",
    "another mark": "COMMENT ON EVENT TRIGGER {o} IS 'xtrig:1:0000000000000000:other'",
    "another function": "CREATE FUNCTION lair.empty() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; "
    "DROP EVENT TRIGGER {o}; CREATE EVENT TRIGGER {o} ON login EXECUTE FUNCTION lair.empty()",
    "no trigger": "DROP EVENT TRIGGER {o}",
    "a second one, which deletes": "CREATE FUNCTION lair.deletes() RETURNS event_trigger LANGUAGE plpgsql AS "
    "'BEGIN DELETE FROM {schema}.session_inbox WHERE login_user = $q$mallory$q$; END'; "
    "CREATE EVENT TRIGGER zz ON login EXECUTE FUNCTION lair.deletes(); ALTER EVENT TRIGGER zz ENABLE ALWAYS",
    "one on DDL, which denies": "CREATE FUNCTION lair.denies() RETURNS event_trigger LANGUAGE plpgsql AS "
    "'BEGIN RAISE EXCEPTION $q$no$q$; END'; "
    "CREATE EVENT TRIGGER zz ON ddl_command_start WHEN TAG IN ('DROP TABLE') EXECUTE FUNCTION lair.denies()",
}
DATABASE: Mapping[str, str] = {
    "logins look for no trigger": "UPDATE pg_database SET dathasloginevt = false WHERE datname = current_database()",
    "event_triggers off": "ALTER DATABASE {database} SET event_triggers = off",
    "session_replication_role": "ALTER DATABASE {database} SET session_replication_role = replica",
    "read-only": "ALTER DATABASE {database} SET default_transaction_read_only = on",
    "serializable": "ALTER DATABASE {database} SET default_transaction_isolation = serializable",
    "search_path": "ALTER DATABASE {database} SET search_path = lair",
    "log_min_messages": "ALTER DATABASE {database} SET log_min_messages = panic",
    "transaction_timeout": "ALTER DATABASE {database} SET transaction_timeout = '1ms'",
    "another owner": "ALTER DATABASE {database} OWNER TO mallory",
    "CREATE to mallory": "GRANT CREATE ON DATABASE {database} TO mallory",
    "mallory without triggers": "ALTER ROLE mallory SET event_triggers = off",
    "mallory as a replica": "ALTER ROLE mallory IN DATABASE {database} SET session_replication_role = replica",
    "mallory may switch triggers off": "GRANT SET ON PARAMETER event_triggers TO mallory",
    "mallory may be a replica": "GRANT SET ON PARAMETER session_replication_role TO mallory",
    "mallory is in pg_write_all_data": "GRANT pg_write_all_data TO mallory",
    "mallory is in pg_read_all_data": "GRANT pg_read_all_data TO mallory",
    "mallory is in pg_write_server_files": "GRANT pg_write_server_files TO mallory",
    "mallory is superuser": "ALTER ROLE mallory SUPERUSER",
    "mallory makes roles": "ALTER ROLE mallory CREATEROLE",
    "a function of the server's": "CREATE OR REPLACE FUNCTION pg_catalog.inet_client_addr() RETURNS inet LANGUAGE sql "
    "STABLE PARALLEL RESTRICTED AS 'SELECT NULL::inet'",
}
PREPARED = """
CREATE SCHEMA lair;
GRANT ALL ON SCHEMA lair TO PUBLIC;
CREATE FUNCTION lair.skip() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE FUNCTION lair.text() RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT NULL::text';
CREATE FUNCTION lair.same(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1';
CREATE FUNCTION lair.never(name, text) RETURNS boolean LANGUAGE sql AS 'SELECT false';
"""
"""What manipulations use. It is there before the set is deployed."""
_OBJECTS = """
SELECT CASE relkind WHEN 'v' THEN 'view' ELSE 'table' END, c.oid::regclass::text, relname::text, quote_ident(attname)
FROM pg_class AS c JOIN pg_attribute ON attrelid = c.oid AND attnum = 1
WHERE relnamespace = to_regnamespace(%(schema)s::text) AND relkind IN ('r', 'p', 'v') AND NOT relispartition
UNION ALL
SELECT 'function', oid::regprocedure::text, proname::text, '' FROM pg_proc
WHERE pronamespace = to_regnamespace(%(schema)s::text)
UNION ALL
SELECT 'event trigger', quote_ident(evtname), evtname::text, '' FROM pg_event_trigger
UNION ALL
SELECT 'role', quote_ident(rolname), rolname::text, '' FROM pg_roles WHERE rolname LIKE 'audit\\_%%'
UNION ALL
SELECT 'schema', quote_ident(%(schema)s::text), %(schema)s::text, ''
UNION ALL
SELECT 'database', quote_ident(current_database()), '', ''
ORDER BY 1, 2
"""
KINDS: Mapping[str, Mapping[str, str]] = {
    "table": {**TABLE, **catalog_manipulations.TABLE},
    "function": {**FUNCTION, **catalog_manipulations.FUNCTION},
    "view": {**VIEW, **catalog_manipulations.VIEW},
    "role": {**ROLE, **catalog_manipulations.ROLE},
    "schema": {**SCHEMA, **catalog_manipulations.SCHEMA},
    "event trigger": {**EVENT_TRIGGER, **catalog_manipulations.EVENT_TRIGGER},
    "database": {**DATABASE, **catalog_manipulations.DATABASE},
}


@dataclass(frozen=True)
class Manipulation:
    """Something done to one object: ``what`` names the manipulation, ``name`` the object."""

    kind: str
    what: str
    name: str
    sql: str


def manipulations(
    admin: psycopg.Connection[Any], schema: str, kinds: Mapping[str, Mapping[str, str]] = KINDS
) -> Iterator[Manipulation]:
    """Yield every manipulation of every object of the set in a schema, which is deployed in the database."""
    database = admin.execute("SELECT quote_ident(current_database())").fetchone()
    assert database is not None
    for kind, called, name, first in admin.execute(_OBJECTS, {"schema": schema}).fetchall():
        for what, sql in kinds.get(kind, {}).items():
            words = {"o": called, "n": name, "first": first, "schema": schema, "database": database[0]}
            yield Manipulation(kind, what, name, sql.format(**words))
    for what, sql in ROWS.items() if kinds is KINDS else ():
        yield Manipulation("rows", what, what.partition(":")[0], sql.format(schema=schema))

"""A DDL command of each kind, on objects that a rehearsal makes and rolls back.

Everything is in one schema, so that no lock is taken on what others use. What cannot be tried so has no command here:
what needs another server (subscriptions, foreign tables to import), a library of C (access methods, parsers), or
would lock what others use (DROP OWNED).
"""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.dialect.deployment import Command
from xtrig.plugin import Lines, Statement, literal
from xtrig_pgfamily.statements import do_block

SCHEMA = "xtrig_rehearsal"

OPENING = (
    Statement(f"CREATE SCHEMA {SCHEMA}", "A schema for the commands of the rehearsal"),
    Statement(f"GRANT ALL ON SCHEMA {SCHEMA} TO PUBLIC", ""),
)

_OBJECTS = """
CREATE TABLE @.kept (id integer PRIMARY KEY, text text, number integer CONSTRAINT positive CHECK (number > 0))
CREATE TABLE @.gone (id integer)
CREATE TABLE @.other (id integer)
CREATE INDEX kept_number ON @.kept (number)
CREATE SEQUENCE @.counter
CREATE VIEW @.view AS SELECT id FROM @.kept
CREATE MATERIALIZED VIEW @.matview AS SELECT id FROM @.kept
CREATE FUNCTION @.fun() RETURNS integer LANGUAGE sql AS 'SELECT 1'
CREATE FUNCTION @.fired() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'
CREATE PROCEDURE @.proc() LANGUAGE sql AS 'SELECT 1'
CREATE AGGREGATE @.agg(integer) (SFUNC = int4pl, STYPE = integer)
CREATE OPERATOR @.=== (LEFTARG = integer, RIGHTARG = integer, FUNCTION = int4eq)
CREATE OPERATOR FAMILY @.opfamily USING btree
CREATE OPERATOR CLASS @.opclass FOR TYPE integer USING btree AS OPERATOR 1 <
CREATE TYPE @.enum AS ENUM ('a')
CREATE TYPE @.pair AS (one integer, two integer)
CREATE DOMAIN @.domain AS integer
CREATE CAST (@.pair AS @.enum) WITH INOUT
CREATE TRIGGER fires BEFORE INSERT ON @.kept FOR EACH ROW EXECUTE FUNCTION @.fired()
CREATE RULE rule AS ON DELETE TO @.other DO INSTEAD NOTHING
CREATE POLICY policy ON @.kept
CREATE STATISTICS @.statistics ON id, number FROM @.kept
CREATE COLLATION @.collation FROM "C"
CREATE CONVERSION @.conversion FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8
CREATE TEXT SEARCH DICTIONARY @.dictionary (TEMPLATE = simple)
CREATE TEXT SEARCH CONFIGURATION @.configuration (PARSER = "default")
CREATE SCHEMA xtrig_rehearsal_gone
CREATE FOREIGN DATA WRAPPER xtrig_rehearsal
CREATE SERVER xtrig_rehearsal FOREIGN DATA WRAPPER xtrig_rehearsal
CREATE USER MAPPING FOR PUBLIC SERVER xtrig_rehearsal
CREATE FOREIGN TABLE @.foreign (id integer) SERVER xtrig_rehearsal
CREATE LANGUAGE xtrig_rehearsal HANDLER plpgsql_call_handler
CREATE PUBLICATION xtrig_rehearsal FOR TABLE @.kept
"""

# The frequent ones first: messages name only some.
_COMMANDS = """
CREATE TABLE: CREATE TABLE @.made (id integer PRIMARY KEY, number serial, parent integer REFERENCES @.kept)
CREATE TABLE: CREATE TEMPORARY TABLE made (id integer)
ALTER TABLE: ALTER TABLE @.kept ADD COLUMN more integer
ALTER TABLE: ALTER TABLE @.kept DROP COLUMN number
ALTER TABLE: ALTER TABLE @.other ALTER COLUMN id TYPE bigint
ALTER TABLE: ALTER TABLE @.gone RENAME TO renamed
ALTER TABLE: ALTER TABLE @.kept ENABLE ROW LEVEL SECURITY
DROP TABLE: DROP TABLE @.gone
DROP TABLE: DROP TABLE @.kept CASCADE
CREATE VIEW: CREATE VIEW @.made AS SELECT id FROM @.kept
CREATE FUNCTION: CREATE FUNCTION @.made() RETURNS integer LANGUAGE sql AS 'SELECT 1'
CREATE FUNCTION: CREATE OR REPLACE FUNCTION @.fun() RETURNS integer LANGUAGE sql AS 'SELECT 2'
COMMENT: COMMENT ON TABLE @.kept IS 'a comment'
GRANT: GRANT SELECT ON @.kept TO PUBLIC
ALTER AGGREGATE: ALTER AGGREGATE @.agg(integer) RENAME TO renamed
ALTER COLLATION: ALTER COLLATION @.collation RENAME TO renamed
ALTER CONVERSION: ALTER CONVERSION @.conversion RENAME TO renamed
ALTER DEFAULT PRIVILEGES: ALTER DEFAULT PRIVILEGES IN SCHEMA @ GRANT SELECT ON TABLES TO PUBLIC
ALTER DOMAIN: ALTER DOMAIN @.domain SET NOT NULL
ALTER FOREIGN DATA WRAPPER: ALTER FOREIGN DATA WRAPPER xtrig_rehearsal RENAME TO xtrig_renamed
ALTER FOREIGN TABLE: ALTER FOREIGN TABLE @.foreign ADD COLUMN more integer
ALTER FUNCTION: ALTER FUNCTION @.fun() STABLE
ALTER INDEX: ALTER INDEX @.kept_number RENAME TO renamed
ALTER LANGUAGE: ALTER LANGUAGE xtrig_rehearsal RENAME TO xtrig_renamed
ALTER MATERIALIZED VIEW: ALTER MATERIALIZED VIEW @.matview RENAME TO renamed
ALTER OPERATOR: ALTER OPERATOR @.=== (integer, integer) SET (RESTRICT = eqsel)
ALTER OPERATOR CLASS: ALTER OPERATOR CLASS @.opclass USING btree RENAME TO renamed
ALTER OPERATOR FAMILY: ALTER OPERATOR FAMILY @.opfamily USING btree RENAME TO renamed
ALTER POLICY: ALTER POLICY policy ON @.kept USING (true)
ALTER PROCEDURE: ALTER PROCEDURE @.proc() SECURITY DEFINER
ALTER PUBLICATION: ALTER PUBLICATION xtrig_rehearsal ADD TABLE @.other
ALTER ROUTINE: ALTER ROUTINE @.fun() RENAME TO renamed
ALTER RULE: ALTER RULE rule ON @.other RENAME TO renamed
ALTER SCHEMA: ALTER SCHEMA xtrig_rehearsal_gone RENAME TO xtrig_renamed
ALTER SEQUENCE: ALTER SEQUENCE @.counter INCREMENT BY 2
ALTER SERVER: ALTER SERVER xtrig_rehearsal VERSION '2'
ALTER STATISTICS: ALTER STATISTICS @.statistics RENAME TO renamed
ALTER TEXT SEARCH CONFIGURATION: ALTER TEXT SEARCH CONFIGURATION @.configuration RENAME TO renamed
ALTER TEXT SEARCH DICTIONARY: ALTER TEXT SEARCH DICTIONARY @.dictionary RENAME TO renamed
ALTER TRIGGER: ALTER TRIGGER fires ON @.kept RENAME TO renamed
ALTER TYPE: ALTER TYPE @.pair ADD ATTRIBUTE three integer
ALTER USER MAPPING: ALTER USER MAPPING FOR PUBLIC SERVER xtrig_rehearsal OPTIONS (user 'nobody')
ALTER VIEW: ALTER VIEW @.view RENAME TO renamed
CREATE AGGREGATE: CREATE AGGREGATE @.made(integer) (SFUNC = int4pl, STYPE = integer)
CREATE CAST: CREATE CAST (@.enum AS @.pair) WITH INOUT
CREATE COLLATION: CREATE COLLATION @.made FROM "C"
CREATE CONVERSION: CREATE CONVERSION @.made FOR 'UTF8' TO 'LATIN1' FROM utf8_to_iso8859_1
CREATE DOMAIN: CREATE DOMAIN @.made AS text
CREATE FOREIGN DATA WRAPPER: CREATE FOREIGN DATA WRAPPER xtrig_made
CREATE FOREIGN TABLE: CREATE FOREIGN TABLE @.made (id integer) SERVER xtrig_rehearsal
CREATE INDEX: CREATE INDEX made ON @.kept (id)
CREATE LANGUAGE: CREATE LANGUAGE xtrig_made HANDLER plpgsql_call_handler
CREATE MATERIALIZED VIEW: CREATE MATERIALIZED VIEW @.made AS SELECT id FROM @.kept
CREATE OPERATOR: CREATE OPERATOR @.==== (LEFTARG = integer, RIGHTARG = integer, FUNCTION = int4eq)
CREATE OPERATOR CLASS: CREATE OPERATOR CLASS @.made FOR TYPE integer USING btree AS OPERATOR 1 <
CREATE OPERATOR FAMILY: CREATE OPERATOR FAMILY @.made USING btree
CREATE POLICY: CREATE POLICY made ON @.kept
CREATE PROCEDURE: CREATE PROCEDURE @.made() LANGUAGE sql AS 'SELECT 1'
CREATE PUBLICATION: CREATE PUBLICATION xtrig_made FOR TABLE @.kept
CREATE RULE: CREATE RULE made AS ON UPDATE TO @.other DO INSTEAD NOTHING
CREATE SCHEMA: CREATE SCHEMA xtrig_made
CREATE SEQUENCE: CREATE SEQUENCE @.made
CREATE SERVER: CREATE SERVER xtrig_made FOREIGN DATA WRAPPER xtrig_rehearsal
CREATE STATISTICS: CREATE STATISTICS @.made ON id, text FROM @.kept
CREATE TABLE AS: CREATE TABLE @.made AS SELECT id FROM @.kept
CREATE TEXT SEARCH CONFIGURATION: CREATE TEXT SEARCH CONFIGURATION @.made (PARSER = "default")
CREATE TEXT SEARCH DICTIONARY: CREATE TEXT SEARCH DICTIONARY @.made (TEMPLATE = simple)
CREATE TRIGGER: CREATE TRIGGER made AFTER INSERT ON @.kept FOR EACH ROW EXECUTE FUNCTION @.fired()
CREATE TYPE: CREATE TYPE @.made AS (one integer)
CREATE USER MAPPING: CREATE USER MAPPING FOR CURRENT_USER SERVER xtrig_rehearsal
DROP AGGREGATE: DROP AGGREGATE @.agg(integer)
DROP CAST: DROP CAST (@.pair AS @.enum)
DROP COLLATION: DROP COLLATION @.collation
DROP CONVERSION: DROP CONVERSION @.conversion
DROP DOMAIN: DROP DOMAIN @.domain
DROP FOREIGN DATA WRAPPER: DROP FOREIGN DATA WRAPPER xtrig_rehearsal CASCADE
DROP FOREIGN TABLE: DROP FOREIGN TABLE @.foreign
DROP FUNCTION: DROP FUNCTION @.fun()
DROP INDEX: DROP INDEX @.kept_number
DROP LANGUAGE: DROP LANGUAGE xtrig_rehearsal
DROP MATERIALIZED VIEW: DROP MATERIALIZED VIEW @.matview
DROP OPERATOR: DROP OPERATOR @.=== (integer, integer)
DROP OPERATOR CLASS: DROP OPERATOR CLASS @.opclass USING btree
DROP OPERATOR FAMILY: DROP OPERATOR FAMILY @.opfamily USING btree
DROP POLICY: DROP POLICY policy ON @.kept
DROP PROCEDURE: DROP PROCEDURE @.proc()
DROP PUBLICATION: DROP PUBLICATION xtrig_rehearsal
DROP ROUTINE: DROP ROUTINE @.fun()
DROP RULE: DROP RULE rule ON @.other
DROP SCHEMA: DROP SCHEMA xtrig_rehearsal_gone
DROP SEQUENCE: DROP SEQUENCE @.counter
DROP SERVER: DROP SERVER xtrig_rehearsal CASCADE
DROP STATISTICS: DROP STATISTICS @.statistics
DROP TEXT SEARCH CONFIGURATION: DROP TEXT SEARCH CONFIGURATION @.configuration
DROP TEXT SEARCH DICTIONARY: DROP TEXT SEARCH DICTIONARY @.dictionary
DROP TRIGGER: DROP TRIGGER fires ON @.kept
DROP TYPE: DROP TYPE @.pair CASCADE
DROP USER MAPPING: DROP USER MAPPING FOR PUBLIC SERVER xtrig_rehearsal
DROP VIEW: DROP VIEW @.view
REFRESH MATERIALIZED VIEW: REFRESH MATERIALIZED VIEW @.matview
REINDEX: REINDEX TABLE @.kept
REVOKE: REVOKE ALL ON @.kept FROM PUBLIC
SELECT INTO: SELECT id INTO @.made FROM @.kept
"""


def objects() -> Statement:
    """Return the block that makes the objects, each of them only if the role may."""
    lines: Lines = []
    for sql in _OBJECTS.strip().splitlines():
        lines += [
            "BEGIN",
            [f"EXECUTE {literal(_placed(sql))};"],
            "EXCEPTION WHEN OTHERS THEN",
            ["NULL;"],
            "END;",
        ]
    return Statement(do_block(lines), "Objects for the commands of the rehearsal")


def commands() -> Iterator[Command]:
    """Yield the commands, at least one of each kind that can be tried."""
    for line in _COMMANDS.strip().splitlines():
        kind, _, sql = line.partition(": ")
        yield Command(kind, _placed(sql))


def _placed(sql: str) -> str:
    return sql.replace("@", SCHEMA)

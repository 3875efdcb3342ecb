"""The manual's `noddl`, which is C there, and ours: what is denied, how, and what stays possible."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.server.sides import Side, emptied, example, rendered, roles, side

if TYPE_CHECKING:
    from xtrig_pgfamily.embedded.server import EmbeddedServer

pytestmark = pytest.mark.server

# PostgreSQL manual, chapter "Event Triggers", A Complete Event Trigger Example:
#     ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
#                     errmsg("command \"%s\" denied", GetCommandTagName(trigdata->tag))));
SEED_SQLSTATE = "42501"
SEED_MESSAGE = 'command "{tag}" denied'
# and its psql session: =# CREATE TABLE foo(id serial);
SEED_SHOWN = 'command "CREATE TABLE" denied'

OBJECTS = """
    CREATE TABLE public.t (id integer PRIMARY KEY, note text);
    CREATE MATERIALIZED VIEW public.m AS SELECT 1 AS one;
    CREATE SEQUENCE public.s;
    CREATE TYPE public.mood AS ENUM ('sad');
    GRANT ALL ON SCHEMA public TO dora;
    ALTER TABLE public.t OWNER TO dora;
"""
DENIED = {
    "CREATE TABLE foo (id serial)": "CREATE TABLE",
    "CREATE TABLE copy AS SELECT 1 AS one": "CREATE TABLE AS",
    "SELECT 1 AS one INTO copy": "SELECT INTO",
    "CREATE TEMP TABLE own (a integer)": "CREATE TABLE",
    "CREATE SCHEMA s": "CREATE SCHEMA",
    "CREATE VIEW v AS SELECT 1 AS one": "CREATE VIEW",
    "CREATE INDEX ON t (note)": "CREATE INDEX",
    "CREATE FUNCTION f() RETURNS integer RETURN 1": "CREATE FUNCTION",
    "ALTER TABLE t ADD COLUMN more text": "ALTER TABLE",
    "ALTER TABLE t RENAME TO u": "ALTER TABLE",
    "ALTER TYPE mood ADD VALUE 'glad'": "ALTER TYPE",
    "ALTER FUNCTION noddl() OWNER TO dora": "ALTER FUNCTION",
    "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO dora": "ALTER DEFAULT PRIVILEGES",
    "DROP TABLE t": "DROP TABLE",
    "DROP TABLE IF EXISTS nothing": "DROP TABLE",
    "DROP FUNCTION noddl()": "DROP FUNCTION",
    "DROP OWNED BY dora": "DROP OWNED",
    "GRANT SELECT ON t TO PUBLIC": "GRANT",
    "REVOKE ALL ON t FROM PUBLIC": "REVOKE",
    "COMMENT ON TABLE t IS 'note'": "COMMENT",
    "REINDEX TABLE t": "REINDEX",
    "REFRESH MATERIALIZED VIEW m": "REFRESH MATERIALIZED VIEW",
    "SECURITY LABEL ON TABLE t IS 'secret'": "SECURITY LABEL",
}
# Each with what takes it back.
PASSING = [
    ("CREATE ROLE frank", "DROP ROLE frank"),
    ("GRANT pg_monitor TO dora", "REVOKE pg_monitor FROM dora"),
    ("ALTER ROLE dora CREATEDB", "ALTER ROLE dora NOCREATEDB"),
    ("CREATE DATABASE other TEMPLATE template0", "DROP DATABASE other"),
    ("COMMENT ON ROLE dora IS 'note'", "COMMENT ON ROLE dora IS NULL"),
    ("GRANT SET ON PARAMETER work_mem TO dora", "REVOKE SET ON PARAMETER work_mem FROM dora"),
    ("ALTER SYSTEM SET work_mem = '5MB'", "ALTER SYSTEM RESET work_mem"),
    ("INSERT INTO t VALUES (1)", "TRUNCATE t"),
    ("VACUUM t", "ANALYZE t"),
]
SCRIPT = rendered(example("no_ddl"))
DROP_SCRIPT = rendered(example("no_ddl"), drop=True)


@pytest.fixture(scope="module")
def place(server18: EmbeddedServer) -> Iterator[Side]:
    with side(server18, "place") as place:
        yield place


@pytest.fixture
def noddl(place: Side) -> Iterator[Side]:
    with roles(place.database.server, dora="LOGIN"), emptied(place):
        place.admin.execute(OBJECTS)
        place.admin.execute(SCRIPT)
        yield place


def assert_denied(session: psycopg.Connection, command: str, tag: str) -> None:
    with pytest.raises(psycopg.Error) as caught:
        session.execute(command)
    said = caught.value.diag
    assert (caught.value.sqlstate, said.message_primary) == (SEED_SQLSTATE, SEED_MESSAGE.format(tag=tag)), command


def state(side: Side) -> object:
    return side.admin.execute("""
        SELECT to_jsonb(t), to_jsonb(p), obj_description(t.oid, 'pg_event_trigger'), obj_description(p.oid, 'pg_proc')
        FROM pg_event_trigger AS t JOIN pg_proc AS p ON p.oid = evtfoid
    """).fetchall()


def test_the_message_is_the_one_that_the_manual_shows() -> None:
    assert SEED_MESSAGE.format(tag="CREATE TABLE") == SEED_SHOWN


def test_ddl_is_denied_as_the_seed_denies_it(noddl: Side) -> None:
    for command, tag in DENIED.items():
        assert_denied(noddl.admin, command, tag)


def test_an_ordinary_user_gets_the_same_answer(noddl: Side) -> None:
    with noddl.database.connect("dora") as dora:
        for command in ("CREATE TABLE foo (id serial)", "DROP TABLE t", "CREATE TEMP TABLE own (a integer)"):
            assert_denied(dora, command, " ".join(command.replace("TEMP ", "").split()[:2]))


def test_what_the_event_does_not_cover_is_not_denied(noddl: Side) -> None:
    for command, undo in PASSING:
        noddl.admin.execute(command)
        noddl.admin.execute(undo)


def test_commands_on_event_triggers_are_not_denied(noddl: Side) -> None:
    admin = noddl.admin
    admin.execute("ALTER EVENT TRIGGER noddl DISABLE")
    admin.execute("CREATE TABLE foo (id serial)")
    admin.execute("ALTER EVENT TRIGGER noddl ENABLE")
    assert_denied(admin, "DROP TABLE foo", "DROP TABLE")
    admin.execute("CREATE EVENT TRIGGER other ON ddl_command_end EXECUTE FUNCTION noddl()")
    admin.execute("DROP EVENT TRIGGER other")
    admin.execute("DROP EVENT TRIGGER noddl")
    admin.execute("DROP TABLE foo")


def test_the_manuals_transaction_lets_ddl_through_and_nobody_elses(noddl: Side) -> None:
    with noddl.admin.transaction():
        noddl.admin.execute("ALTER EVENT TRIGGER noddl DISABLE")
        noddl.admin.execute("CREATE TABLE foo (id serial)")
        with noddl.database.connect("dora") as dora:
            assert_denied(dora, "CREATE TABLE other (id serial)", "CREATE TABLE")
        noddl.admin.execute("ALTER EVENT TRIGGER noddl ENABLE")
    assert noddl.admin.execute("SELECT count(*) FROM foo").fetchone() == (0,)
    assert_denied(noddl.admin, "DROP TABLE foo", "DROP TABLE")


def test_replica_sessions_are_free_as_with_the_seed(noddl: Side) -> None:
    with noddl.database.connect(options="-c session_replication_role=replica") as replica:
        replica.execute("CREATE TABLE foo (id serial)")


def test_our_script_runs_again_while_the_trigger_is_live(noddl: Side) -> None:
    before = state(noddl)
    noddl.admin.execute(SCRIPT)
    assert state(noddl) == before
    assert_denied(noddl.admin, "CREATE TABLE foo (id serial)", "CREATE TABLE")


def test_while_our_script_runs_again_others_are_still_denied(noddl: Side) -> None:
    with noddl.admin.transaction():
        noddl.admin.execute(SCRIPT.partition("\nBEGIN;\n")[2].rpartition("\nCOMMIT;\n")[0])
        with noddl.database.connect("dora") as dora:
            assert_denied(dora, "CREATE TABLE foo (id serial)", "CREATE TABLE")


def test_a_run_that_fails_leaves_the_trigger_live(noddl: Side) -> None:
    with pytest.raises(psycopg.errors.DivisionByZero):
        noddl.admin.execute(SCRIPT.replace("\nCOMMIT;", "\nSELECT 1 / 0;\n\nCOMMIT;"))
    noddl.admin.execute("ROLLBACK")
    assert_denied(noddl.admin, "CREATE TABLE foo (id serial)", "CREATE TABLE")


def test_our_drop_script_works_while_the_trigger_is_live(noddl: Side) -> None:
    for _ in range(2):
        noddl.admin.execute(DROP_SCRIPT)
        assert state(noddl) == []
        assert noddl.admin.execute("SELECT to_regprocedure('noddl()')").fetchone() == (None,)
    noddl.admin.execute("CREATE TABLE foo (id serial)")


def test_a_trigger_of_that_name_that_is_not_ours_is_left_alone(noddl: Side) -> None:
    noddl.admin.execute("DROP EVENT TRIGGER noddl")
    noddl.admin.execute("CREATE EVENT TRIGGER noddl ON ddl_command_start EXECUTE FUNCTION noddl()")
    before = state(noddl)
    with pytest.raises(psycopg.errors.RaiseException, match="noddl exists and was not made by xtrig; rename one"):
        noddl.admin.execute(SCRIPT)
    noddl.admin.execute("ROLLBACK")
    assert state(noddl) == before
    assert_denied(noddl.admin, "CREATE TABLE foo (id serial)", "CREATE TABLE")

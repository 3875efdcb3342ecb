"""When DDL triggers fire and when not: what the dialect's behaviours say, seen on PostgreSQL 16, 17 and 18."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from tests.server.conftest import Database, fresh_database
from tests.server.deploy import deploy, wait_until_gone
from xtrig_pgfamily.embedded.server import EmbeddedServer

pytestmark = pytest.mark.server

LOG = """
xtrig: 1
schema: audit
tables:
  log: {columns: {id: {type: bigint, identity: true}, event: text, tag: text, object: text, who: text}}
triggers:
"""
EVENTS = ("ddl_command_start", "ddl_command_end", "sql_drop", "table_rewrite")
REPLICATION_ROLES = {"origin": {"origin", "local"}, "always": {"origin", "local", "replica"}, "replica": {"replica"}}


class Watched:
    """A database with triggers that write down what they see, and a superuser's session."""

    def __init__(self, database: Database, admin: psycopg.Connection[Any]) -> None:
        self.database = database
        self.admin = admin

    def deploy(self, triggers: str) -> None:
        """Render for the server's version, and run it."""
        self.admin.execute("CREATE SCHEMA audit; GRANT ALL ON SCHEMA public TO PUBLIC")
        deploy(self.admin, LOG + triggers, target_version=str(self.database.server.version))
        self.forget()

    def forget(self) -> None:
        self.admin.execute("TRUNCATE audit.log")

    def rows(self, what: str = "event || ' ' || tag") -> list[str]:
        """Return what was written down, and forget it."""
        rows = [row[0] for row in self.admin.execute(f"SELECT {what} FROM audit.log ORDER BY id")]
        self.forget()
        return rows


def recorder(name: str, event: str, more: str = "") -> str:
    """Return a trigger that writes down that it fired."""
    values = "{event: '${event}', tag: '${tag}', who: '${login_user}'}"
    return f"  {name}:\n    event: {event}\n{more}    steps:\n      - {{insert: log, values: {values}}}\n"


def lister(item: str, event: str) -> str:
    """Return a trigger that writes down each item."""
    step = "insert: log, values: {event: '${event}', tag: '${tag}', object: '${object_identity}'}"
    return f"  t:\n    event: {event}\n    steps:\n      - for_each: {item}\n        do:\n          - {{{step}}}\n"


def denier(event: str = "ddl_command_start", more: str = "") -> str:
    """Return a trigger that records and then denies."""
    return recorder("t", event, more) + "      - deny: not today\n"


ALL = "".join(recorder(f"on_{event}", event) for event in EVENTS)


@contextmanager
def watched_on(server: EmbeddedServer) -> Iterator[Watched]:
    with fresh_database(server) as database, database.connect() as admin:
        admin.execute("CREATE ROLE dora LOGIN")
        try:
            yield Watched(database, admin)
        finally:
            admin.execute("ROLLBACK")
            admin.execute("RESET ALL")
            for (name,) in admin.execute("SELECT quote_ident(evtname) FROM pg_event_trigger").fetchall():
                admin.execute(f"DROP EVENT TRIGGER {name}")
            admin.execute("DROP OWNED BY dora; DROP ROLE dora")


@pytest.fixture(params=[16, 17, 18])
def watched(request: pytest.FixtureRequest) -> Iterator[Watched]:
    with watched_on(request.getfixturevalue(f"server{request.param}")) as watched:
        yield watched


def denied(session: psycopg.Connection[Any], command: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="not today"):
        session.execute(command)


def test_every_event_fires(watched: Watched) -> None:
    watched.deploy(ALL)
    watched.admin.execute("CREATE TABLE t (a integer)")
    assert watched.rows() == ["ddl_command_start CREATE TABLE", "ddl_command_end CREATE TABLE"]
    watched.admin.execute("ALTER TABLE t ALTER a TYPE bigint")
    found = ["ddl_command_start ALTER TABLE", "table_rewrite ALTER TABLE", "ddl_command_end ALTER TABLE"]
    assert watched.rows() == found
    watched.admin.execute("DROP TABLE t")
    assert watched.rows() == ["ddl_command_start DROP TABLE", "sql_drop DROP TABLE", "ddl_command_end DROP TABLE"]


def test_nobody_is_exempt(watched: Watched) -> None:
    watched.deploy(recorder("t", "ddl_command_end"))
    with watched.database.connect("dora") as dora:
        for session in (watched.admin, dora):
            session.execute("CREATE TEMP TABLE own (a integer)")
            session.execute("DO $$ BEGIN CREATE TEMP TABLE inside (a integer); END $$")
            session.execute("SELECT 1 AS a INTO TEMP made")
    assert watched.rows("who || ' ' || tag") == [
        f"{who} {tag}" for who in ("postgres", "dora") for tag in ("CREATE TABLE", "CREATE TABLE", "SELECT INTO")
    ]


@pytest.mark.parametrize(
    ("command", "undo"),
    [
        ("CREATE ROLE frank", "DROP ROLE frank"),
        ("GRANT pg_monitor TO dora", "REVOKE pg_monitor FROM dora"),
        ("ALTER ROLE dora CREATEDB", "ALTER ROLE dora NOCREATEDB"),
        ("CREATE DATABASE occasional TEMPLATE template0", "DROP DATABASE occasional"),
        ("COMMENT ON ROLE dora IS 'note'", "COMMENT ON ROLE dora IS NULL"),
        ("GRANT SET ON PARAMETER work_mem TO dora", "REVOKE SET ON PARAMETER work_mem FROM dora"),
        ("ALTER SYSTEM SET work_mem = '5MB'", "ALTER SYSTEM RESET work_mem"),
        ("INSERT INTO t VALUES (1)", "TRUNCATE t"),
        ("VACUUM t", "ANALYZE t"),
    ],
)
def test_what_no_event_trigger_sees(command: str, undo: str, watched: Watched) -> None:
    watched.admin.execute("CREATE TABLE t (a integer)")
    watched.deploy(ALL)
    watched.admin.execute(command)
    watched.admin.execute(undo)
    assert watched.rows() == []


def test_commands_on_event_triggers_fire_none(watched: Watched) -> None:
    watched.deploy(denier())
    denied(watched.admin, "CREATE TABLE t (a integer)")
    watched.admin.execute("ALTER EVENT TRIGGER t DISABLE")
    watched.admin.execute("CREATE TABLE t (a integer)")
    watched.admin.execute("ALTER EVENT TRIGGER t ENABLE")
    watched.admin.execute("DROP EVENT TRIGGER t")
    assert watched.rows() == []


def test_a_drop_lists_all_that_goes_with_it(watched: Watched) -> None:
    watched.admin.execute("CREATE TABLE t (a integer, b integer); CREATE VIEW v AS SELECT a FROM t")
    watched.deploy(lister("dropped_object", "sql_drop"))
    watched.admin.execute("ALTER TABLE t DROP COLUMN b")
    assert watched.rows("tag || ' ' || object") == ["ALTER TABLE public.t.b"]
    watched.admin.execute("DROP TABLE t CASCADE")
    assert {"DROP TABLE public.t", "DROP TABLE public.v"} <= set(watched.rows("tag || ' ' || object"))


def test_temporary_tables_that_go_with_their_session_fire_nothing(watched: Watched) -> None:
    watched.deploy(recorder("t", "sql_drop"))
    with watched.database.connect() as other:
        pid = other.info.backend_pid
        other.execute("CREATE TEMP TABLE own (a integer)")
    wait_until_gone(watched.admin, pid)
    assert watched.rows() == []


def test_only_alter_rewrites(watched: Watched) -> None:
    watched.admin.execute("CREATE TABLE t (a integer); CREATE INDEX ta ON t (a); INSERT INTO t VALUES (1)")
    watched.admin.execute("CREATE MATERIALIZED VIEW m AS SELECT a FROM t")
    watched.deploy(recorder("t", "table_rewrite"))
    for command in (
        "VACUUM FULL t",
        "CLUSTER t USING ta",
        "REFRESH MATERIALIZED VIEW m",
        "ALTER TABLE t ADD COLUMN b integer DEFAULT 1",
        "TRUNCATE t",
    ):
        watched.admin.execute(command)
        assert watched.rows() == [], command
    watched.admin.execute("ALTER TABLE t SET UNLOGGED")
    assert watched.rows() == ["table_rewrite ALTER TABLE"]
    watched.admin.execute("DROP MATERIALIZED VIEW m; ALTER TABLE t ALTER a TYPE bigint")
    assert watched.rows() == ["table_rewrite ALTER TABLE"]


def test_a_command_that_fails_reaches_no_end(watched: Watched) -> None:
    watched.admin.execute("CREATE TABLE t (a integer)")
    watched.deploy("  t:\n    event: ddl_command_end\n    steps:\n      - {set: app.seen, value: \"'end'\"}\n")
    with watched.database.connect() as session:
        with pytest.raises(psycopg.errors.DuplicateTable):
            session.execute("CREATE TABLE t (a integer)")
        assert session.execute("SELECT current_setting('app.seen', true)").fetchone() == (None,)
        session.execute("CREATE TABLE other (a integer)")
        assert session.execute("SELECT current_setting('app.seen', true)").fetchone() == ("end",)


def test_other_databases_do_not_fire_it(watched: Watched) -> None:
    watched.deploy(denier())
    with fresh_database(watched.database.server) as other, other.connect() as session:
        session.execute("CREATE TABLE t (a integer)")
    assert watched.rows() == []


def test_a_superuser_can_switch_event_triggers_off(login_server: EmbeddedServer) -> None:
    with watched_on(login_server) as watched:
        watched.deploy(denier())
        with watched.database.connect("dora") as dora, pytest.raises(psycopg.errors.InsufficientPrivilege):
            dora.execute("SET event_triggers = off")
        watched.admin.execute("SET event_triggers = off")
        watched.admin.execute("CREATE TABLE t (a integer)")
        watched.admin.execute("RESET event_triggers")
        denied(watched.admin, "DROP TABLE t")


@pytest.mark.parametrize("enable", ["origin", "always", "replica", "disabled"])
def test_session_replication_role_decides(enable: str, watched: Watched) -> None:
    watched.deploy(recorder("t", "ddl_command_end", f"    enable: {enable}\n"))
    for role in ("origin", "local", "replica"):
        watched.admin.execute(f"SET session_replication_role = {role}")
        watched.admin.execute("CREATE TEMP TABLE own (a integer)")
        fires = role in REPLICATION_ROLES.get(enable, ())
        assert (watched.rows() != []) is fires, role
        watched.admin.execute("DROP TABLE own")
        watched.forget()


def test_a_command_that_is_rolled_back_leaves_no_row(watched: Watched) -> None:
    watched.deploy(recorder("t", "ddl_command_end"))
    with watched.admin.transaction(force_rollback=True):
        watched.admin.execute("CREATE TABLE t (a integer)")
        assert watched.admin.execute("SELECT count(*) FROM audit.log").fetchone() == (1,)
    assert watched.rows() == []


def test_an_error_stops_the_command(watched: Watched) -> None:
    watched.deploy(recorder("t", "ddl_command_end"))
    watched.admin.execute("ALTER TABLE audit.log ADD CHECK (tag <> 'CREATE VIEW')")
    watched.forget()
    with pytest.raises(psycopg.errors.CheckViolation):
        watched.admin.execute("CREATE VIEW v AS SELECT 1")
    assert watched.admin.execute("SELECT to_regclass('v')").fetchone() == (None,)


def test_an_error_that_is_allowed_lets_the_command_through(watched: Watched) -> None:
    watched.deploy(recorder("t", "ddl_command_end", "    on_error: allow\n"))
    watched.admin.execute("ALTER TABLE audit.log ADD CHECK (tag <> 'CREATE VIEW')")
    watched.forget()
    before = len(watched.database.server.log_text())
    watched.admin.execute("CREATE VIEW v AS SELECT 1")
    assert watched.rows() == []
    assert '"sqlstate" : "23514"' in watched.database.server.log_text()[before:]


@pytest.mark.parametrize("event", EVENTS)
def test_a_deny_stops_the_command(event: str, watched: Watched) -> None:
    watched.admin.execute("CREATE TABLE t (a integer)")
    watched.deploy(denier(event))
    command = "ALTER TABLE t ALTER a TYPE bigint" if event == "table_rewrite" else "DROP TABLE t"
    denied(watched.admin, command)
    assert watched.admin.execute("SELECT pg_typeof(a)::text FROM t RIGHT JOIN (SELECT) AS x ON true").fetchone() == (
        "integer",
    )
    assert watched.rows() == []


def test_an_exempt_role_is_not_stopped(watched: Watched) -> None:
    watched.deploy(denier(more="    exempt_roles: [dora]\n"))
    with watched.database.connect("dora") as dora:
        dora.execute("CREATE TABLE t (a integer)")
    denied(watched.admin, "DROP TABLE t")


def test_order_is_alphabetical(watched: Watched) -> None:
    watched.deploy("".join(recorder(name, "ddl_command_end") for name in ("c", "a", "b")))
    watched.admin.execute("ALTER FUNCTION audit.a() COST 101")
    watched.forget()
    for name in ("a", "b", "c"):
        values = f"INSERT INTO audit.log (event) VALUES ('{name}')"
        body = f"BEGIN {values}; END"
        watched.admin.execute(
            f"CREATE OR REPLACE FUNCTION audit.{name}() RETURNS event_trigger LANGUAGE plpgsql AS $${body}$$"
        )
    watched.forget()
    watched.admin.execute("CREATE TABLE t (a integer)")
    assert watched.rows("event") == ["a", "b", "c"]

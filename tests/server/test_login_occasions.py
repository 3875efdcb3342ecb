"""When a login trigger fires and when not: what the dialect's behaviours say, seen on PostgreSQL 17 and 18."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import pq

from tests.server.conftest import fresh_database
from tests.server.guarded import Guarded, guarded
from tests.server.sides import Side, side
from xtrig_pgfamily.embedded.server import EmbeddedServer

pytestmark = pytest.mark.server

DEFINITION = """
xtrig: 1
schema: audit
tables:
  users_log: {columns: {id: {type: bigint, identity: true}, user_name: text, event: text}}
triggers:
  on_logon:
    event: logon
    steps:
      - {insert: users_log, values: {user_name: "${login_user}", event: "${event}"}}
"""
# The definition's order is not the alphabet's.
SEVERAL = """
xtrig: 1
schema: audit
tables:
  users_log: {columns: {id: {type: bigint, identity: true}, user_name: text, event: text}}
triggers:
  c_third:
    event: logon
    steps:
      - {insert: users_log, values: {user_name: "'third'", event: "${event}"}}
  a_first:
    event: logon
    steps:
      - {insert: users_log, values: {user_name: "'first'", event: "${event}"}}
  b_second:
    event: logon
    steps:
      - {insert: users_log, values: {user_name: "'second'", event: "${event}"}}
"""
DENY = "      - {deny: 'no', when: \"${login_user} = 'alice'\"}\n"
FIRES_IN = {"origin": {"origin", "local"}, "always": {"origin", "local", "replica"}, "replica": {"replica"}}


@pytest.fixture(scope="module")
def place(login_server: EmbeddedServer) -> Iterator[Side]:
    with side(login_server, "place") as place:
        yield place


@pytest.fixture
def audit(place: Side) -> Iterator[Guarded]:
    with guarded(place, DEFINITION) as audit:
        yield audit


def replication(audit: Guarded, mode: str) -> pq.PGconn:
    info = f"{audit.database.conninfo} replication={mode}"
    connection = pq.PGconn.connect(info.encode())
    assert connection.status == pq.ConnStatus.OK, connection.error_message
    return connection


def test_superusers_are_not_exempt(audit: Guarded) -> None:
    assert audit.log_in() is None
    assert audit.log_in("postgres") is None
    assert audit.rows() == ["alice", "postgres"]


def test_a_program_fires_it_for_each_of_its_connections(
    audit: Guarded, tmp_path: Path, server18: EmbeddedServer
) -> None:
    # PostgreSQL 17 of the tests comes without client programs.
    dump = [server18.bin_dir / "pg_dump", "-Fd", "-j2", "-f", tmp_path / "dump", "-d"]
    subprocess.run([*map(str, dump), audit.database.conninfo], check=True, capture_output=True)
    assert audit.rows() == ["postgres"] * 3


def test_logical_replication_fires_it(audit: Guarded) -> None:
    replication(audit, "database").finish()
    assert audit.rows() == ["postgres"]


def test_physical_replication_does_not_fire_it(audit: Guarded) -> None:
    replication(audit, "true").finish()
    assert audit.rows() == []


def test_an_open_session_fires_nothing(audit: Guarded) -> None:
    for command in ("SET ROLE alice", "RESET ROLE", "SET SESSION AUTHORIZATION alice", "DISCARD ALL", "RESET ALL"):
        audit.admin.execute(command)
    with audit.admin.transaction():
        audit.admin.execute("SELECT 1")
    assert audit.rows() == []


def test_a_parallel_worker_does_not_fire_it(audit: Guarded) -> None:
    audit.admin.execute("SET debug_parallel_query = on")
    plan = audit.admin.execute("EXPLAIN (ANALYZE) SELECT count(*) FROM pg_class").fetchall()
    audit.admin.execute("RESET debug_parallel_query")
    assert any("Workers Launched: 1" in line for (line,) in plan)
    assert audit.rows() == []


@pytest.mark.parametrize(
    ("change", "undo"),
    [
        ("ALTER ROLE alice NOLOGIN", "ALTER ROLE alice LOGIN"),
        ("ALTER ROLE alice CONNECTION LIMIT 0", "ALTER ROLE alice CONNECTION LIMIT -1"),
        ("REVOKE CONNECT ON DATABASE {} FROM PUBLIC", "GRANT CONNECT ON DATABASE {} TO PUBLIC"),
    ],
)
def test_a_login_that_fails_before_does_not_fire_it(change: str, undo: str, audit: Guarded) -> None:
    audit.admin.execute(change.format(audit.database.name))
    try:
        assert audit.log_in() is not None
    finally:
        audit.admin.execute(undo.format(audit.database.name))
    wrong = "host=127.0.0.1 password=wrong"
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(f"{audit.database.conninfo} {wrong} port={audit.database.server.port}")
    assert audit.rows() == []


def test_other_databases_do_not_fire_it(audit: Guarded) -> None:
    with fresh_database(audit.database.server) as other:
        other.connect("alice").close()
    assert audit.rows() == []


def test_only_a_superuser_can_switch_event_triggers_off(audit: Guarded) -> None:
    off = "-c event_triggers=off"
    assert audit.log_in("postgres", options=off) is None
    assert audit.log_in(options=off) == 'permission denied to set parameter "event_triggers"'
    assert audit.rows() == []
    audit.admin.execute("GRANT SET ON PARAMETER event_triggers TO alice")
    try:
        assert audit.log_in(options=off) is None
    finally:
        audit.admin.execute("REVOKE SET ON PARAMETER event_triggers FROM alice")
    audit.admin.execute("ALTER ROLE alice SET event_triggers = off")
    assert audit.log_in() is None
    assert audit.rows() == []


@pytest.mark.parametrize("enable", ["origin", "always", "replica", "disabled"])
def test_session_replication_role_decides(enable: str, place: Side) -> None:
    with guarded(place, DEFINITION.replace("event: logon\n", f"event: logon\n    enable: {enable}\n")) as audit:
        for role in ("origin", "local", "replica"):
            assert audit.log_in("postgres", options=f"-c session_replication_role={role}") is None
            assert audit.rows() == (["postgres"] if role in FIRES_IN.get(enable, ()) else []), role
            audit.admin.execute("TRUNCATE audit.users_log")


def test_order_is_alphabetical(place: Side) -> None:
    with guarded(place, SEVERAL) as audit:
        assert audit.log_in() is None
        assert audit.rows() == ["first", "second", "third"]


@pytest.mark.parametrize("name", ["a_first", "b_second", "c_third"])
def test_a_refusal_takes_the_rows_of_all_login_triggers(name: str, place: Side) -> None:
    start = SEVERAL.index(f"  {name}:") + len(f"  {name}:\n    event: logon\n    steps:\n")
    with guarded(place, SEVERAL[:start] + DENY + SEVERAL[start:]) as audit:
        assert audit.log_in() == "no"
        assert audit.rows() == []


def test_a_refusal_is_a_message_without_sqlstate(place: Side) -> None:
    with guarded(place, DEFINITION + DENY) as audit:
        with pytest.raises(psycopg.OperationalError, match="FATAL:  no") as caught:
            audit.database.connect("alice")
        assert caught.value.sqlstate is None


def test_a_condition_that_is_null_is_not_met(place: Side) -> None:
    definition = DEFINITION + "      - {deny: 'no', when: \"${client_ip} <> '192.0.2.1'\"}\n"
    with guarded(place, definition) as audit:
        assert audit.log_in() is None
        with pytest.raises(psycopg.OperationalError, match="FATAL:  no"):
            audit.database.connect(tcp=True)

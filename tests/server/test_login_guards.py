"""What may go wrong in a login trigger, once with the guards of a rendered function and once without."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from tests.server.deploy import wait_until
from tests.server.guarded import READ_ONLY, Guarded, guarded, naive, with_policy
from tests.server.sides import Side, side

if TYPE_CHECKING:
    from xtrig_pgfamily.embedded.server import EmbeddedServer

pytestmark = pytest.mark.server

TABLE_TRIGGER = """
    CREATE FUNCTION audit.on_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body}; RETURN NEW; END $$;
    CREATE TRIGGER on_row BEFORE INSERT ON audit.users_log FOR EACH ROW EXECUTE FUNCTION audit.on_row()
"""
DEFERRED_TRIGGER = """
    CREATE FUNCTION audit.on_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'too late'; END $$;
    CREATE CONSTRAINT TRIGGER on_commit AFTER INSERT ON audit.users_log DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION audit.on_commit()
"""
# What is done to the server beforehand, and the SQLSTATE of the error that a login then meets.
FAULTS = {
    "missing table": ("DROP TABLE audit.users_log", "42P01"),
    "missing column": ("ALTER TABLE audit.users_log DROP COLUMN user_name", "42703"),
    "check": ("ALTER TABLE audit.users_log ADD CHECK (user_name <> 'alice')", "23514"),
    "not null": ("ALTER TABLE audit.users_log ALTER COLUMN client_ip SET NOT NULL", "23502"),
    "row trigger raises": (TABLE_TRIGGER.format(body="RAISE 'no'"), "P0001"),
    "row trigger divides": (TABLE_TRIGGER.format(body="PERFORM 1 / 0"), "22012"),
    "assert": (TABLE_TRIGGER.format(body="ASSERT false, 'never'"), "P0004"),
    "query cancelled": (TABLE_TRIGGER.format(body="PERFORM pg_cancel_backend(pg_backend_pid())"), "57014"),
    "recursion": (TABLE_TRIGGER.format(body="INSERT INTO audit.users_log (event) VALUES ('x')"), "54001"),
    "deferred trigger": (DEFERRED_TRIGGER, "P0001"),
}
# WHEN OTHERS leaves out two kinds of error, and what fails at the commit comes after every handler.
ESCAPES_WHEN_OTHERS = {"assert", "query cancelled", "deferred trigger"}
WHEN_OTHERS = """
    CREATE OR REPLACE FUNCTION audit.naive() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN
        INSERT INTO audit.users_log (user_name, event) VALUES (session_user, 'logon');
    EXCEPTION WHEN OTHERS THEN
        RAISE LOG 'caught';
    END $$
"""
SLEEP = TABLE_TRIGGER.format(body="PERFORM pg_sleep(5)")


@pytest.fixture(scope="module")
def place(login_server: EmbeddedServer) -> Iterator[Side]:
    with side(login_server, "place") as place:
        yield place


@pytest.fixture
def audit(place: Side) -> Iterator[Guarded]:
    with guarded(place) as audit:
        yield audit


@pytest.fixture
def unguarded(place: Side) -> Iterator[Guarded]:
    with naive(place) as unguarded:
        yield unguarded


def test_a_login_is_recorded(audit: Guarded) -> None:
    assert audit.log_in() is None
    query = "SELECT user_name, database_name, event, client_ip, tag, instance_num FROM audit.users_log"
    recorded = ("alice", audit.database.name, "logon", None, "LOGIN", 1)
    assert audit.admin.execute(query).fetchall() == [recorded]
    assert audit.logged() == []


def test_a_login_over_tcp_is_recorded_with_its_address(audit: Guarded) -> None:
    audit.database.connect(tcp=True).close()
    query = "SELECT user_name, client_ip FROM audit.users_log WHERE event = 'logon'"
    assert audit.admin.execute(query).fetchall() == [("postgres", "127.0.0.1")]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_lets_the_login_through_and_is_in_the_log(fault: str, audit: Guarded) -> None:
    change, sqlstate = FAULTS[fault]
    audit.admin.execute(change)
    assert audit.log_in() is None
    (line,) = audit.logged()
    assert (line["outcome"], line["login_user"], line["sqlstate"]) == ("error", "alice", sqlstate)
    assert (line["event"], line["client_ip"]) == ("logon", None)
    assert line["error"]
    if fault not in ("missing table", "missing column"):
        assert audit.rows() == []


@pytest.mark.parametrize("fault", FAULTS)
def test_without_guards_the_same_fault_refuses_the_login(fault: str, unguarded: Guarded) -> None:
    assert unguarded.log_in() is None
    unguarded.admin.execute("TRUNCATE audit.users_log")
    unguarded.admin.execute(FAULTS[fault][0])
    assert unguarded.log_in() is not None
    unguarded.admin.execute(WHEN_OTHERS)
    assert (unguarded.log_in() is not None) is (fault in ESCAPES_WHEN_OTHERS)


def test_a_read_only_session_is_let_in_and_its_row_is_in_the_log(audit: Guarded) -> None:
    assert audit.log_in(options=READ_ONLY) is None
    assert audit.rows() == []
    (line,) = audit.logged()
    assert line["outcome"] == "not written"
    row = {"user_name": "alice", "database_name": audit.database.name, "event": "logon", "client_ip": None}
    assert line["audit.users_log"] == {**row, "tag": "LOGIN", "instance_num": 1}


def test_without_guards_a_read_only_session_is_refused(unguarded: Guarded) -> None:
    assert unguarded.log_in(options=READ_ONLY) == "cannot execute INSERT in a read-only transaction"


def test_a_client_cannot_silence_the_log_line(audit: Guarded) -> None:
    assert audit.log_in(options=f"{READ_ONLY} -c client_min_messages=error") is None
    assert len(audit.logged()) == 1
    assert audit.log_in(options=f"{READ_ONLY} -c log_min_messages=panic") is not None


@pytest.mark.parametrize("options", ["", "-c lock_timeout=0", "-c lock_timeout=1h"])
def test_a_locked_table_lets_the_login_through_while_it_is_locked(options: str, audit: Guarded) -> None:
    with audit.admin.transaction():
        audit.admin.execute("LOCK TABLE audit.users_log IN ACCESS EXCLUSIVE MODE")
        assert audit.log_in(options=options) is None
        assert [line["sqlstate"] for line in audit.logged()] == ["55P03"]


def test_without_guards_a_locked_table_holds_the_login(unguarded: Guarded) -> None:
    admin = unguarded.admin
    said: list[str | None] = []
    login = threading.Thread(target=lambda: said.append(unguarded.log_in(options="-c statement_timeout=50")))
    waiting = """
        SELECT count(*) FROM pg_stat_activity
        WHERE usename = 'alice' AND wait_event_type = 'Lock' AND clock_timestamp() - xact_start > interval '0.5 s'
    """
    with admin.transaction():
        admin.execute("LOCK TABLE audit.users_log IN ACCESS EXCLUSIVE MODE")
        login.start()
        # The statistics are a snapshot, taken once in a transaction.
        with unguarded.database.server.connect() as observer:
            wait_until(lambda: observer.execute(waiting).fetchone() == (1,), "the login waits for the lock")
        assert said == []
    login.join()
    assert said == [None]


def test_a_login_that_takes_too_long_is_refused(place: Side) -> None:
    with guarded(place, with_policy("timeout: 1s")) as audit:
        audit.admin.execute(SLEEP)
        assert audit.log_in() == "terminating connection due to transaction timeout"
        assert audit.log_in(options="-c transaction_timeout=0") == "terminating connection due to transaction timeout"
        assert audit.rows() == []
        assert audit.log_in("postgres", options="-c event_triggers=off") is None


def test_the_timeouts_do_not_stay_in_the_session(audit: Guarded) -> None:
    with audit.database.connect("alice") as alice:
        for parameter in ("transaction_timeout", "lock_timeout"):
            assert alice.execute(f"SHOW {parameter}").fetchone() == ("0",)


@pytest.mark.parametrize("where", ["client", "function"])
def test_a_statement_timeout_does_not_bound_a_login(where: str, unguarded: Guarded) -> None:
    admin: psycopg.Connection[Any] = unguarded.admin
    admin.execute(TABLE_TRIGGER.format(body="PERFORM pg_sleep(0.3); NEW.client_ip := clock_timestamp() - now()"))
    if where == "function":
        admin.execute("ALTER FUNCTION audit.naive() SET statement_timeout = '50ms'")
    assert unguarded.log_in(options="-c statement_timeout=50" if where == "client" else "") is None
    query = "SELECT client_ip::interval > interval '0.3 s' FROM audit.users_log"
    assert admin.execute(query).fetchall() == [(True,)]

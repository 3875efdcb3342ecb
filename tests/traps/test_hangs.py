"""A login that waits: nothing but our bounds ends it, and nobody but a superuser's hand the naive one."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import psycopg
import pytest

from tests.server.deploy import wait_until
from tests.server.sides import Side, emptied, roles, side
from tests.traps.naive import OBSERVER, by_hand, log_in, rendered, rows
from xtrig_pgfamily.embedded.server import EmbeddedServer

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("traps-waiting")]

IN_TIME = 10
BUSY = "LOOP NULL; END LOOP;"
# Whatever a client may hope to be saved by.
BOUNDS = "-c statement_timeout=50 -c idle_session_timeout=50 -c client_connection_check_interval=50"
INSIDE = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = %s AND usename = 'alice' AND state IS NULL AND clock_timestamp() - xact_start > interval '0.6 s'
"""
END = "SELECT {}(pid) FROM pg_stat_activity WHERE datname = %s AND usename = 'alice'"
RECORDS = "records: {event: logon, %s steps: [{insert: log, values: {who: '${login_user}'}}]}"
NAIVE_RECORD = "INSERT INTO audit.log (who) VALUES (session_user);"
# Its own commits wait for nobody, or it could not do anything here.
IMPATIENT = "-c synchronous_commit=local"


class Login(threading.Thread):
    """A login of alice's that may wait for long."""

    def __init__(self, place: Side, options: str = "") -> None:
        super().__init__(daemon=True)
        self.answers: list[str | None] = []
        self._attempt = lambda: self.answers.append(log_in(place, options=options))

    def run(self) -> None:
        self._attempt()


def hangs(place: Side, observer: psycopg.Connection, options: str, end: str = "pg_terminate_backend") -> str | None:
    """Log in, see that it hangs inside the trigger, and end it by hand; return what the client heard."""
    login = Login(place, options)
    login.start()
    name = [place.database.name]
    wait_until(lambda: observer.execute(INSIDE, name).fetchone() == (1,), "the login hangs in its trigger")
    assert login.answers == []
    observer.execute(END.format(end), name)
    login.join(20)
    return login.answers[0]


@pytest.mark.parametrize("body", [BUSY, "PERFORM pg_sleep(3600);"], ids=["busy", "asleep"])
def test_trap_23_nothing_ends_a_naive_trigger_that_hangs(body: str, trap: Side) -> None:
    by_hand(trap, body)
    with trap.database.server.connect() as observer:
        answer = hangs(trap, observer, BOUNDS)
    assert answer == "terminating connection due to administrator command"


@pytest.mark.parametrize("statement", ["LOOP NULL; END LOOP", "PERFORM pg_sleep(3600)"], ids=["busy", "asleep"])
def test_trap_23_ours_ends_in_time(statement: str, trap: Side) -> None:
    rendered(trap, f"hangs: {{event: logon, timeout: 300ms, steps: [{{sql: '{statement}'}}]}}")
    start = time.monotonic()
    assert log_in(trap, connect_timeout=IN_TIME) == "terminating connection due to transaction timeout"
    assert time.monotonic() - start < IN_TIME
    assert log_in(trap, "postgres", OBSERVER) is None


@pytest.fixture(scope="module")
def waiting() -> Iterator[Side]:
    """Lend a server whose synchronous standby is not there, so that every commit with a row waits for it."""
    with EmbeddedServer(18, tcp=False) as server, side(server, "waiting") as place, roles(server, alice="LOGIN"):
        place.admin.execute("SET synchronous_commit = local")
        wait_for(place, "nobody")
        yield place
        wait_for(place, "")


def wait_for(place: Side, standby: str) -> None:
    place.admin.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{standby}'")
    place.admin.execute("SELECT pg_reload_conf()")
    query = "SHOW synchronous_standby_names"
    wait_until(lambda: place.admin.execute(query).fetchone() == (standby,), "the setting is read")


def test_lab_a_naive_record_waits_for_a_synchronous_standby_that_is_not_there(waiting: Side) -> None:
    with emptied(waiting):
        by_hand(waiting, NAIVE_RECORD, clauses="SECURITY DEFINER SET synchronous_commit = off")
        with waiting.database.connect("postgres", options=f"{OBSERVER} {IMPATIENT}") as observer:
            assert hangs(waiting, observer, "-c transaction_timeout=100", "pg_cancel_backend") is None
        assert rows(waiting) == ["alice"]


def test_lab_ours_with_relaxed_durability_does_not_wait(waiting: Side) -> None:
    with emptied(waiting):
        rendered(waiting, RECORDS % "durability: relaxed,")
        assert log_in(waiting, connect_timeout=IN_TIME) is None
        assert rows(waiting) == ["alice"]

"""A connection for logical replication is a login like any other: what refuses it stops the replication."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.server.conftest import Database, fresh_database
from tests.server.deploy import wait_until
from tests.server.sides import Side, emptied, roles, side
from tests.traps.naive import by_hand, log_in, rendered, rows
from xtrig_pgfamily.embedded.server import EmbeddedServer

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("traps-waiting")]

NAIVE = {
    "a denial": "RAISE 'only people here';",
    "an error": "INSERT INTO audit.missing (who) VALUES (session_user);",
}
SETTINGS = {"wal_level": "logical", "wal_retrieve_retry_interval": "100ms", "max_worker_processes": "8"}
RECORD = "{insert: log, values: {who: '${login_user}', what: '${application}'}}"
RECORDS = f"records: {{event: logon, steps: [{RECORD}]}}"
DENIES = "denies: {event: logon, %s steps: [{deny: only people here, when: \"${application} = 'feed'\"}]}"
SLOTS = "SELECT count(*) FROM pg_replication_slots WHERE active"
SLOT = "SELECT pg_create_logical_replication_slot('feed', 'pgoutput')"
# An answer to the replication protocol's own command, which no ordinary session gives.
IDENTIFY = "IDENTIFY_SYSTEM"


@pytest.fixture(scope="module")
def publisher(logical: EmbeddedServer) -> Iterator[Side]:
    with side(logical, "publisher") as place:
        yield place


@pytest.fixture(scope="module")
def logical() -> Iterator[EmbeddedServer]:
    with EmbeddedServer(18, tcp=False, settings=SETTINGS) as server, roles(server, feeder="LOGIN REPLICATION"):
        yield server


@pytest.fixture
def trap(publisher: Side) -> Iterator[Side]:
    with emptied(publisher):
        yield publisher


@pytest.fixture
def subscriber(trap: Side, logical: EmbeddedServer) -> Iterator[Database]:
    """Lend a database that follows `public.t` as `feeder`, whatever the publisher does."""
    trap.admin.execute("CREATE TABLE public.t (a integer); GRANT SELECT ON public.t TO feeder")
    trap.admin.execute("CREATE PUBLICATION feed FOR TABLE public.t")
    trap.admin.execute(SLOT)
    way_in = logical.conninfo("feeder", trap.database.name)
    with fresh_database(logical) as database, database.connect() as admin:
        admin.execute("CREATE TABLE public.t (a integer)")
        options = "create_slot = false, copy_data = false"
        admin.execute(f"CREATE SUBSCRIPTION feed CONNECTION $${way_in}$$ PUBLICATION feed WITH ({options})")
        try:
            yield database
        finally:
            admin.execute("ALTER SUBSCRIPTION feed DISABLE; ALTER SUBSCRIPTION feed SET (slot_name = NONE)")
            admin.execute("DROP SUBSCRIPTION feed")
            drop_slot(trap)
            trap.admin.execute("DROP PUBLICATION feed")


def drop_slot(trap: Side) -> None:
    trap.admin.execute("SELECT pg_terminate_backend(active_pid, 5000) FROM pg_replication_slots WHERE active")
    wait_until(lambda: trap.admin.execute(SLOTS).fetchone() == (0,), "the slot is free")
    trap.admin.execute("SELECT pg_drop_replication_slot('feed')")


def followed(database: Database) -> list[int]:
    with database.connect() as session:
        return [row[0] for row in session.execute("SELECT a FROM public.t ORDER BY a")]


def reconnect(trap: Side) -> None:
    """End the feed's connection, as any interruption would; the subscriber comes back by itself."""
    # A subscriber that is only about to connect would not be interrupted, and get in before what comes next.
    wait_until(lambda: trap.admin.execute(SLOTS).fetchone() == (1,), "the feed is connected")
    trap.admin.execute("SELECT pg_terminate_backend(active_pid, 5000) FROM pg_replication_slots WHERE active")


@pytest.mark.parametrize("fault", NAIVE)
def test_trap_27_a_naive_trigger_refuses_connections_for_replication(fault: str, trap: Side) -> None:
    assert log_in(trap, "feeder", replication="database") is None
    by_hand(trap, NAIVE[fault], clauses="SECURITY DEFINER")
    assert log_in(trap, "feeder", replication="database") is not None


def test_trap_27_ours_lets_a_connection_for_replication_in_and_records_it(trap: Side) -> None:
    rendered(trap, RECORDS)
    with trap.database.connect("feeder", replication="database", application_name="feed") as feed:
        row = feed.execute(IDENTIFY).fetchone()
    assert row is not None
    assert row[3] == trap.database.name
    assert rows(trap, "who, what") == [("feeder", "feed")]
    trap.admin.execute("DROP TABLE audit.log")
    assert log_in(trap, "feeder", replication="database") is None


def test_trap_27_a_naive_error_stops_a_subscription_and_ours_does_not(trap: Side, subscriber: Database) -> None:
    trap.admin.execute("INSERT INTO public.t VALUES (1)")
    wait_until(lambda: followed(subscriber) == [1], "the subscriber follows")
    by_hand(trap, NAIVE["an error"], clauses="SECURITY DEFINER")
    start = len(trap.database.server.log_text())
    reconnect(trap)
    trap.admin.execute("INSERT INTO public.t VALUES (2)")
    refusals = 'feed" could not connect to the publisher'
    wait_until(lambda: refusals in trap.database.server.log_text()[start:], "the subscriber is refused")
    assert followed(subscriber) == [1]
    trap.admin.execute("DROP EVENT TRIGGER naive; DROP SCHEMA audit CASCADE")
    rendered(trap, RECORDS)
    trap.admin.execute("DROP TABLE audit.log")
    wait_until(lambda: followed(subscriber) == [1, 2], "the subscriber follows again")
    reconnect(trap)
    trap.admin.execute("INSERT INTO public.t VALUES (3)")
    wait_until(lambda: followed(subscriber) == [1, 2, 3], "the subscriber still follows")


def test_trap_27_a_denial_of_ours_stops_it_too_unless_its_role_is_exempt(trap: Side, subscriber: Database) -> None:
    wait_until(lambda: trap.admin.execute(SLOTS).fetchone() == (1,), "the feed is connected")
    rendered(trap, DENIES % "")
    start = len(trap.database.server.log_text())
    reconnect(trap)
    wait_until(lambda: "FATAL:  only people here" in trap.database.server.log_text()[start:], "the feed is denied")
    rendered(trap, DENIES % "exempt_roles: [feeder],")
    trap.admin.execute("INSERT INTO public.t VALUES (1)")
    wait_until(lambda: followed(subscriber) == [1], "the subscriber follows")

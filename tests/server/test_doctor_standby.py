"""The doctor beside a real hot standby, and on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.server.deploy import wait_until
from tests.server.doctoring import reloaded, run_shell, told, trigger
from xtrig.doctor import examine
from xtrig.findings import Severity
from xtrig_pgfamily.embedded.server import EmbeddedServer

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("doctor_standby")]

ERROR, NOTE = Severity.ERROR, Severity.NOTE
SHOP = [(ERROR, "database shop")]
Pair = tuple[EmbeddedServer, EmbeddedServer]


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    with EmbeddedServer(18, tcp=False) as primary, EmbeddedServer(18, tcp=False, primary=primary) as standby:
        yield primary, standby


@pytest.fixture
def admin(pair: Pair) -> Iterator[psycopg.Connection[Any]]:
    primary, _ = pair
    with primary.connect() as root:
        root.execute("CREATE DATABASE shop")
    try:
        with primary.connect(database="shop", options="-c event_triggers=off") as admin:
            yield admin
    finally:
        with primary.connect() as root:
            root.execute("DROP DATABASE shop WITH (FORCE)")


def past(server: EmbeddedServer) -> str:
    """Return the way in that no trigger refuses, and that cures no database."""
    return server.conninfo(database="shop", options="-c event_triggers=off")


def caught_up(admin: psycopg.Connection[Any], standby: EmbeddedServer) -> None:
    (position,) = admin.execute("SELECT pg_current_wal_insert_lsn()").fetchone() or ("",)
    admin.execute("SELECT pg_logical_emit_message(false, 'xtrig', 'flush', true)")
    with standby.connect() as observer:
        query = "SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn"
        wait_until(lambda: observer.execute(query, (position,)).fetchone() == (True,), "the standby catches up")


def refusal(standby: EmbeddedServer) -> str:
    try:
        standby.connect(database="shop").close()
    except psycopg.OperationalError as error:
        return str(error)
    return ""


def test_each_of_the_two_knows_the_other(pair: Pair, admin: psycopg.Connection[Any]) -> None:
    primary, standby = pair
    caught_up(admin, standby)
    assert told(past(primary), "standbys-follow") == [(NOTE, "standbys")]
    assert told(past(primary), "this-is-a-standby") == []
    assert told(past(standby), "standbys-follow") == []
    assert told(past(standby), "this-is-a-standby") == [(NOTE, "server")]


def test_a_standby_that_is_away_is_known_by_its_slot(pair: Pair, admin: psycopg.Connection[Any]) -> None:
    primary, _ = pair
    admin.execute("SELECT pg_create_physical_replication_slot('elsewhere')")
    try:
        (found,) = [each for each in examine(past(primary)).problems if each.name == "standbys-follow"]
        assert "with a slot, and away: elsewhere" in found.message
    finally:
        admin.execute("SELECT pg_drop_replication_slot('elsewhere')")


def test_a_commit_waits_for_a_standby_that_is_there(pair: Pair, admin: psycopg.Connection[Any]) -> None:
    primary, _ = pair
    for names, found in (("*", []), ("FIRST 2 (*)", [(ERROR, "synchronous_standby_names")])):
        with reloaded(primary, synchronous_standby_names=names):
            wait_until(lambda names=names: shown(primary) == (names,), "the setting is read")
            wait_until(lambda found=found: told(past(primary), "nobody-confirms") == found, f"{names}: {found}")


def shown(server: EmbeddedServer) -> Any:
    with server.connect() as observer:
        return observer.execute("SHOW synchronous_standby_names").fetchone()


def test_after_the_last_trigger_is_dropped_by_hand_standbys_are_shut_until_a_login(
    pair: Pair, admin: psycopg.Connection[Any]
) -> None:
    primary, standby = pair
    admin.execute(trigger("t").encode())
    assert told(past(primary), "standbys-shut") == []
    admin.execute("DROP EVENT TRIGGER t")
    caught_up(admin, standby)
    assert "AccessExclusiveLock" in refusal(standby)
    assert told(past(primary), "standbys-shut") == SHOP
    assert told(past(standby), "standbys-shut") == SHOP
    primary.connect(database="shop").close()
    caught_up(admin, standby)
    assert refusal(standby) == ""
    assert told(past(primary), "standbys-shut") == []
    assert told(past(standby), "standbys-shut") == []


def test_the_command_that_disables_keeps_the_standby_open(pair: Pair, admin: psycopg.Connection[Any]) -> None:
    primary, standby = pair
    admin.execute(trigger("t", body="RAISE ''nobody'';").encode())
    caught_up(admin, standby)
    assert "nobody" in refusal(standby)
    disable = next(each for each in examine(past(primary)).commands if each.purpose.startswith("Disable"))
    run_shell(primary, disable.text)
    caught_up(admin, standby)
    assert refusal(standby) == ""


def test_a_trigger_of_replicas_alone_shuts_standbys(pair: Pair, admin: psycopg.Connection[Any]) -> None:
    primary, standby = pair
    admin.execute(f"{trigger('t')}; ALTER EVENT TRIGGER t ENABLE REPLICA".encode())
    caught_up(admin, standby)
    assert "AccessExclusiveLock" in refusal(standby)
    assert told(primary.conninfo(database="shop"), "standbys-shut") == SHOP
    admin.execute("ALTER EVENT TRIGGER t ENABLE")
    caught_up(admin, standby)
    assert refusal(standby) == ""
    assert told(primary.conninfo(database="shop"), "standbys-shut") == []


def test_on_a_standby_every_command_lets_people_in(pair: Pair, admin: psycopg.Connection[Any]) -> None:
    _, standby = pair
    admin.execute(trigger("t", body="RAISE ''nobody'';").encode())
    caught_up(admin, standby)
    session, server, file = examine(past(standby)).commands
    assert run_shell(standby, f"{session.text} -Atc 'SELECT 41 + 1'") == "42\n"
    assert "nobody" in refusal(standby)
    run_shell(standby, server.text)
    wait_until(lambda: refusal(standby) == "", "it is off for the whole standby")
    run_shell(standby, server.afterwards)
    wait_until(lambda: "nobody" in refusal(standby), "it is on again")
    run_shell(standby, file.text)
    wait_until(lambda: refusal(standby) == "", "it is off by the file")

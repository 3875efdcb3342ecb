"""A real hot standby: logins there go on, and go on after the last login trigger is gone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

import xtrig
from tests.server.deploy import deploy, execute, wait_until
from xtrig_pgfamily.embedded.server import EmbeddedServer

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("standby")]

AUDIT = """
xtrig: 1
schema: audit
tables:
  log: {columns: {who: text, event: text}}
triggers:
  on_logon:
    event: logon
    steps:
      - {insert: log, values: {who: "${login_user}", event: "${event}"}}
  on_logoff:
    event: logoff
    if_unsupported: infer
    steps:
      - {insert: log, values: {who: "${login_user}", event: "${event}"}}
"""
SHUT = "exempt_roles: [somebody]\n    on_error: deny\n    standby: "
NAIVE = """
CREATE TABLE public.naive_log (who text);
CREATE FUNCTION public.naive() RETURNS event_trigger LANGUAGE plpgsql AS
'BEGIN INSERT INTO public.naive_log VALUES (session_user); END';
CREATE EVENT TRIGGER naive ON login EXECUTE FUNCTION public.naive();
"""


@pytest.fixture(scope="module")
def pair() -> Iterator[tuple[EmbeddedServer, EmbeddedServer]]:
    with EmbeddedServer(18, tcp=False) as primary, EmbeddedServer(18, tcp=False, primary=primary) as standby:
        yield primary, standby


@pytest.fixture
def followed(pair: tuple[EmbeddedServer, EmbeddedServer]) -> Iterator[tuple[psycopg.Connection[Any], EmbeddedServer]]:
    primary, standby = pair
    with primary.connect() as root:
        root.execute("CREATE DATABASE followed")
    try:
        with primary.connect(database="followed", options="-c event_triggers=off") as deployer:
            yield deployer, standby
    finally:
        with primary.connect() as root:
            root.execute("DROP DATABASE followed WITH (FORCE)")


def caught_up(deployer: psycopg.Connection[Any], standby: EmbeddedServer) -> None:
    """Wait until the standby has replayed all that the primary has written."""
    row = deployer.execute("SELECT pg_current_wal_flush_lsn()").fetchone()
    assert row is not None
    with standby.connect() as observer:
        query = "SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn"
        wait_until(lambda: observer.execute(query, (row[0],)).fetchone() == (True,), "the standby catches up")


def login(standby: EmbeddedServer) -> str | None:
    """Log in to the standby as an ordinary client would; return what refused it."""
    try:
        standby.connect(database="followed").close()
    except psycopg.OperationalError as error:
        return str(error)
    return None


def test_the_audit_lets_everybody_into_a_standby_and_leaves_a_log_line(
    followed: tuple[psycopg.Connection[Any], EmbeddedServer],
) -> None:
    deployer, standby = followed
    deploy(deployer, AUDIT)
    caught_up(deployer, standby)
    assert login(standby) is None
    log = standby.log_text()
    assert '"outcome" : "not written"' in log
    assert '"function" : "audit.on_logon"' in log


def test_a_naive_trigger_refuses_every_login_on_a_standby(
    followed: tuple[psycopg.Connection[Any], EmbeddedServer],
) -> None:
    deployer, standby = followed
    deployer.execute(NAIVE)
    caught_up(deployer, standby)
    assert "cannot execute INSERT in a read-only transaction" in str(login(standby))


@pytest.mark.parametrize(("standby_policy", "refused"), [("run", True), ("skip", False)])
def test_a_step_that_writes_there_and_denies_by_its_error_shuts_the_standby(
    standby_policy: str, refused: bool, followed: tuple[psycopg.Connection[Any], EmbeddedServer]
) -> None:
    deployer, standby = followed
    triggers = deploy(deployer, AUDIT.replace("event: logon\n", f"event: logon\n    {SHUT}{standby_policy}\n"))
    caught_up(deployer, standby)
    assert ("cannot execute INSERT in a read-only transaction" in str(login(standby))) == refused
    assert ("XT222" in [finding.code for finding in xtrig.render(triggers).findings]) == refused


def test_dropping_the_last_login_trigger_by_hand_shuts_the_standby(
    followed: tuple[psycopg.Connection[Any], EmbeddedServer],
) -> None:
    deployer, standby = followed
    deploy(deployer, AUDIT)
    deployer.execute("DROP EVENT TRIGGER on_logon; DROP EVENT TRIGGER on_logoff")
    caught_up(deployer, standby)
    assert "cannot acquire lock mode AccessExclusiveLock" in str(login(standby))


def test_the_drop_script_leaves_the_standby_open(followed: tuple[psycopg.Connection[Any], EmbeddedServer]) -> None:
    deployer, standby = followed
    triggers = deploy(deployer, AUDIT)
    execute(deployer, xtrig.render(triggers, drop=True))
    caught_up(deployer, standby)
    assert login(standby) is None


def test_a_trigger_created_disabled_leaves_the_standby_open(
    followed: tuple[psycopg.Connection[Any], EmbeddedServer],
) -> None:
    deployer, standby = followed
    deploy(deployer, "xtrig: 1\ntriggers:\n  later: {event: logon, enable: disabled, steps: [{log: x}]}\n")
    caught_up(deployer, standby)
    assert login(standby) is None

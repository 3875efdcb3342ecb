"""A synchronous standby that cannot be reached: every commit waits for it, and those of a deployment do not."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.server.conftest import Database
from tests.server.deploy import wait_until
from tests.server.deploying.site import TAKEN_BACK, Mischief, Site, failing, logon
from tests.server.test_killed import Scene
from xtrig.deploy import ProofError
from xtrig.errors import XtrigError
from xtrig_pgfamily.embedded.server import EmbeddedServer

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("synchronous_standby")]

LOCAL = "-c event_triggers=off -c synchronous_commit=local"
RECORD = '{insert: log, values: {who: "${login_user}"}}'
FULL = logon(RECORD)
REPLACED = logon(RECORD, "log: seen")
RELAXED = logon(RECORD, policies="durability: relaxed")
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedServer]:
    with EmbeddedServer(18, tcp=False) as server:
        with server.connect() as root:
            root.execute("CREATE ROLE alice LOGIN; CREATE ROLE bob LOGIN")
        yield server


@pytest.fixture
def site(server: EmbeddedServer) -> Iterator[Site]:
    with server.connect(options=LOCAL) as root:
        root.execute("CREATE DATABASE followed")
    try:
        with server.connect(database="followed", options=LOCAL) as admin:
            yield Site(Database(server, "followed"), admin)
    finally:
        reach(server)
        with server.connect(options=LOCAL) as root:
            root.execute("DROP DATABASE followed WITH (FORCE)")


def lose(server: EmbeddedServer) -> None:
    """Let every commit wait for a standby that there is not."""
    set_names(server, "nobody")


def reach(server: EmbeddedServer) -> None:
    """Let no commit wait any more, those that wait already included."""
    set_names(server, "")


def set_names(server: EmbeddedServer, names: str) -> None:
    with server.connect(options=LOCAL) as root:
        root.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{names}'")
        root.execute("SELECT pg_reload_conf()")
    with server.connect(options=LOCAL) as root:
        wait_until(lambda: root.execute("SHOW synchronous_standby_names").fetchone() == (names,), "the reload")
    if not names:
        return

    def waits() -> bool:
        """Whether the checkpointer has told those who commit."""
        with server.connect(options=LOCAL) as root, server.connect(options="-c event_triggers=off") as other:
            told = threading.Thread(target=lambda: other.execute("SELECT pg_logical_emit_message(true, 'x', 'y')"))
            told.start()
            told.join(0.2)
            waiting = told.is_alive()
            root.execute("SELECT pg_cancel_backend(%s)", (other.info.backend_pid,))
            told.join()
            return waiting

    wait_until(waits, "commits wait")


def test_a_commit_of_anybody_waits(site: Site) -> None:
    """What the others are about."""
    lose(site.database.server)
    with site.database.connect() as other:
        commit = threading.Thread(target=lambda: other.execute("CREATE TABLE waiting ()"))
        commit.start()
        commit.join(1)
        assert commit.is_alive()
        assert site.value(WAITING) == 1
        reach(site.database.server)
        commit.join(10)
        assert not commit.is_alive()


def test_a_trigger_that_waits_for_it_is_found_and_taken_back(site: Site) -> None:
    lose(site.database.server)
    failure = site.fails(FULL, ProofError)
    assert (failure.report.failed, failure.refused) == ("canary", [("postgres", "canary")])
    assert failure.message.endswith(TAKEN_BACK)
    assert "no answer in time" in failure.message
    assert failure.report.ended != []
    assert site.value(WAITING) == 0


def test_a_trigger_that_does_not_wait_for_it_goes_live(site: Site) -> None:
    lose(site.database.server)
    assert site.apply(RELAXED).done[-1] == "finish"
    assert site.log_in() is None
    # Those of the deployment's own proofs, and alice's.
    assert site.value("SELECT count(*) FROM audit.log WHERE who = 'alice'") == 1


SELDOM = pytest.mark.slow


@pytest.mark.parametrize(
    "step", [pytest.param("canary", marks=SELDOM), "go live", pytest.param("finish", marks=SELDOM)]
)
def test_lost_on_the_way_all_is_taken_back(step: str, site: Site) -> None:
    with failing(ProofError) as failure:
        site.apply(FULL, listener=Mischief(step, lambda: lose(site.database.server)))
    assert failure.report.failed == step
    assert failure.message.endswith(TAKEN_BACK)
    assert site.value(WAITING) == 0
    assert site.log_in() is None
    # Rows that were recorded before stay, and with them their table.
    kept = [] if step == "canary" else [("relation", "audit.log"), ("schema", "audit")]
    assert [name for name in site.snapshot() if "pg_" not in name[1]] == [*kept, ("schema", "public")]


@pytest.mark.parametrize("step", ["rehearsal", pytest.param("switch", marks=SELDOM)])
def test_lost_where_a_live_trigger_waits_for_it_already_the_deployment_comes_to_an_end(step: str, site: Site) -> None:
    """Logins hang then, whatever is deployed: not for ever in xtrig, and its own change is taken back."""
    site.apply(FULL)
    before = site.snapshot()
    errors: list[XtrigError] = []

    def deploy() -> None:
        with failing(ProofError) as failure:
            site.apply(REPLACED, listener=Mischief(step, lambda: lose(site.database.server)))
        errors.append(failure.error)

    deploying = threading.Thread(target=deploy, daemon=True)
    deploying.start()
    deploying.join(40)
    assert not deploying.is_alive()
    assert "logins may not work" in str(errors[0])
    assert site.snapshot() == before
    reach(site.database.server)
    site.untouched(before)


def test_killed_while_logins_wait_for_it_the_server_takes_it_back(server: EmbeddedServer) -> None:
    with ExitStack() as stack:
        scene = Scene(server, server, stack)
        victim = scene.victim("", FULL, "go live", "committed", undo=6)
        stack.callback(reach, server)
        victim.reads("BLOCKED")
        lose(server)
        with server.connect(database=victim.site.database.name, options=LOCAL) as admin:
            site = Site(victim.site.database, admin)
            refusals: list[str | None] = []
            waiting = threading.Thread(target=lambda: refusals.append(site.log_in()))
            waiting.start()
            wait_until(lambda: bool(site.value(WAITING) > 0), "alice waits", 3)
            victim.kill()
            wait_until(victim.is_unlocked, "the server takes the deployment back", 40)
            waiting.join()
            assert "server closed the connection" in str(refusals[0])
            assert site.value(WAITING) == 0
            assert site.log_in() is None
            assert site.value("SELECT count(*) FROM pg_event_trigger") == 0

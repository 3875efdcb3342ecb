"""A server that is stopped, or crashes, in the middle of a deployment, and comes up again, or does not."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.server.deploy import wait_until
from tests.server.deploying.conftest import PAST_ALL
from tests.server.deploying.site import (
    AUDIT,
    REPLACING,
    SELDOM,
    STAGES,
    TAKEN_BACK,
    UNTOUCHED,
    Mischief,
    Site,
    failing,
    written,
)
from xtrig.deploy import DeploymentError, undo
from xtrig_pgfamily.embedded.server import EmbeddedServer, ServerError

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("deploying-frail")]

PAUSE = 0.5


def crash(server: EmbeddedServer) -> None:
    server.crash()


def stop(server: EmbeddedServer) -> None:
    """Stop it fast, as pg_ctl and systemd do: sessions are ended, and the data is written."""
    os.kill(server.pid, signal.SIGINT)

    def stopped() -> bool:
        try:
            return server.pid == 0
        except ServerError:
            return True

    wait_until(stopped, "the server stops")


@contextmanager
def ending(how: Callable[[EmbeddedServer], None], server: EmbeddedServer) -> Iterator[Callable[[], None]]:
    """Give what ends the server, and starts it again a moment later."""
    timer = threading.Timer(PAUSE, server.start)

    def end() -> None:
        how(server)
        timer.start()

    yield end
    timer.join(30)


@contextmanager
def reopened(site: Site) -> Iterator[Site]:
    """Give the site with a new session: that of before is gone with the server."""
    with site.database.connect(options=PAST_ALL) as admin:
        yield Site(site.database, admin)


@pytest.mark.parametrize(("how", "stage"), [*((crash, stage) for stage in STAGES), (stop, "canary"), (stop, "finish")])
def test_a_server_that_comes_up_again_is_as_it_was(
    how: Callable[[EmbeddedServer], None], stage: str, frail_site: Site
) -> None:
    before = frail_site.snapshot()
    with ending(how, frail_site.database.server) as end, failing(DeploymentError) as failure:
        frail_site.apply(SELDOM, listener=Mischief(stage, end))
    assert failure.report.restored
    assert failure.message.endswith(TAKEN_BACK if failure.report.taken_back else UNTOUCHED)
    with reopened(frail_site) as site:
        site.untouched(before)


@pytest.mark.parametrize("stage", REPLACING[3:])
def test_a_server_that_comes_up_again_has_the_function_of_before(stage: str, frail_site: Site) -> None:
    frail_site.apply(AUDIT)
    before = frail_site.snapshot()
    with ending(crash, frail_site.database.server) as end, failing(DeploymentError) as failure:
        frail_site.apply(AUDIT.replace("    steps:", "    steps:\n      - log: changed"), listener=Mischief(stage, end))
    assert failure.message.endswith(TAKEN_BACK)
    with reopened(frail_site) as site:
        site.untouched(before)


def test_a_crash_is_not_put_down_to_the_trigger(frail_site: Site) -> None:
    """While the canary logs in the server goes: that somebody could not log in proves nothing."""
    server = frail_site.database.server
    wait = "begin\n  if tg_event = 'login' then perform pg_sleep(60); end if;\nend"

    def crash_in_login() -> None:
        query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state IS NULL"
        wait_until(lambda: frail_site.value(query) == 1, "the canary is logging in")
        server.crash()
        server.start()

    crasher = threading.Thread(target=crash_in_login)
    crasher.start()
    with failing(DeploymentError) as failure:
        frail_site.apply(written(wait))
    crasher.join(30)
    assert "the connection broke" in failure.message
    assert failure.message.endswith(TAKEN_BACK)


@pytest.mark.parametrize("stage", ["rehearsal", "canary", "finish"])
def test_a_server_that_stays_down_is_told_of_with_what_is_left_to_do(
    stage: str, frail_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(undo, "_RECONNECT_SECONDS", 1.0)
    server = frail_site.database.server
    with failing(DeploymentError) as failure:
        frail_site.apply(SELDOM, listener=Mischief(stage, server.crash))
    assert failure.report.restored is False
    assert "logins may not work: cannot connect" in failure.message
    if stage == "rehearsal":
        assert failure.message.endswith("nothing was changed")
    else:
        assert "what was done is still there" in failure.message
        assert "the server itself takes it back" not in failure.message
    server.start()
    assert [frail_site.log_in(role) for role in ("alice", "bob")] == [None, None]
    # Whatever it left behind does not stand in the way of doing it again.
    assert frail_site.apply(SELDOM).failed is None
    assert frail_site.apply(SELDOM).changes == []
    assert frail_site.log_in("bob") is None

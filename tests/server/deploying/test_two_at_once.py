"""Two deployments to one database: one after the other, and nothing of either is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

import xtrig
from tests.server.deploy import wait_until
from tests.server.deploying.site import AUDIT, SELDOM, Mischief, Site, failing, logon
from xtrig.deploy import Bounds, plan
from xtrig.errors import DatabaseError

pytestmark = pytest.mark.server

OTHER = logon("log: other", name="second", trigger="b_other", table="")
WAITS = """
SELECT count(DISTINCT pid) FROM pg_stat_activity WHERE datname = current_database() AND pid NOT IN (
    SELECT pid FROM pg_locks WHERE locktype = 'advisory') AND query LIKE 'SELECT a.pid%pg_locks%'
"""
"""Whoever waits for the lock of deployments asks again and again who has it."""


def differs(site: Site, definition: str) -> bool:
    return not plan(xtrig.load_text(definition), site.url()).is_empty


def held_at(stage: str, site: Site, meanwhile: Callable[[], object]) -> None:
    """Do something while a first deployment is held at a stage."""
    reached, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        reached.set()
        assert go_on.wait(20)

    with ThreadPoolExecutor() as pool:
        first = pool.submit(site.apply, AUDIT, listener=Mischief(stage, hold))
        try:
            assert reached.wait(20)
            meanwhile()
        finally:
            go_on.set()
        assert first.result(30).done[-1] == "finish"


@pytest.mark.parametrize("stage", ["comparing", "rehearsal", "canary", "finish"])
def test_whoever_comes_second_and_will_not_wait_is_told_why(stage: str, site: Site) -> None:
    def second() -> None:
        with failing(DatabaseError) as failure:
            site.apply(OTHER, bounds=Bounds(lock_timeout=0.2))
        assert failure.message.startswith("another deployment to this database is under way")
        assert "of 'postgres' holds it since" in failure.message
        assert "SELECT pg_terminate_backend(" in failure.message

    held_at(stage, site, second)
    assert not differs(site, AUDIT)
    assert differs(site, OTHER)
    assert site.log_in() is None


@pytest.mark.parametrize(("definition", "again"), [(AUDIT, True), (OTHER, False)], ids=["the same", "another"])
def test_whoever_comes_second_and_waits_finds_the_work_of_the_first(definition: str, again: bool, site: Site) -> None:
    with ThreadPoolExecutor() as pool:
        second = None

        def begin() -> None:
            nonlocal second
            second = pool.submit(site.apply, definition, bounds=Bounds(lock_timeout=20))
            wait_until(lambda: site.value(WAITS) == 1, "the second waits")

        held_at("canary", site, begin)
        assert second is not None
        assert (second.result(30).changes == []) == again
    assert not differs(site, AUDIT)
    assert not differs(site, definition)
    assert site.log_in() is None


def test_many_at_once_come_to_the_same_as_one_after_the_other(site: Site) -> None:
    with ThreadPoolExecutor(6) as pool:
        runs = [pool.submit(site.apply, each, bounds=Bounds(lock_timeout=60)) for each in (AUDIT, OTHER) * 3]
        reports = [run.result(60) for run in runs]
    assert sorted(bool(report.changes) for report in reports) == [False] * 4 + [True] * 2
    assert not differs(site, AUDIT)
    assert not differs(site, OTHER)
    assert site.log_in() is None


def test_a_failure_of_one_takes_nothing_back_of_the_other(site: Site) -> None:
    def broken() -> None:
        with pytest.raises(DatabaseError):
            site.apply(OTHER, bounds=Bounds(lock_timeout=0.2))

    held_at("go live", site, broken)
    assert not differs(site, AUDIT)


def test_whoever_comes_after_a_deployment_that_the_server_still_has_to_take_back_waits_for_it(site: Site) -> None:
    class Twice(Mischief):
        def step(self, what: str) -> None:
            if what == "finish failed":
                raise KeyboardInterrupt
            super().step(what)

    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        site.apply(SELDOM, listener=Twice("finish", stop), bounds=Bounds(1, undo_after=2))
    with failing(DatabaseError) as failure:
        site.apply(OTHER, bounds=Bounds(lock_timeout=0.2))
    assert "was cut off and is being taken back" in failure.message
    assert site.apply(OTHER, bounds=Bounds(lock_timeout=20)).done[-1] == "finish"
    assert differs(site, SELDOM)

"""Deployments while people log in without a pause: nobody is refused, and nobody's row is lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from tests.server.deploy import wait_until
from tests.server.deploying.site import PEOPLE, TAKEN_BACK, Site, failing, logon, written
from xtrig.deploy import Canary, ProofError

pytestmark = pytest.mark.server

WORKERS = 4
RECORD = "insert into audit.log values (session_user::text);"
TABLE = "tables: {log: {columns: {who: text}}}\nfunctions:"
FEW = 30


def recording(more: str = "", policies: str = "") -> str:
    return written(f"begin\n  {RECORD}\n  {more}\nend", policies=policies).replace("functions:", TABLE)


class Crowd:
    """People who log in and out, as fast as they can."""

    def __init__(self, site: Site) -> None:
        self.came: list[float] = []
        self.refused: list[str] = []
        self._site = site
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._work, args=(PEOPLE[n % 2],)) for n in range(WORKERS)]

    def _work(self, who: str) -> None:
        while not self._over.is_set():
            start = time.monotonic()
            try:
                self._site.database.connect(who, connect_timeout=30).close()
            except psycopg.OperationalError as error:
                self.refused.append(str(error))
            else:
                self.came.append(time.monotonic() - start)

    def more(self, number: int = FEW) -> None:
        """Wait until so many more have come, and so met what is there now."""
        goal = len(self.came) + number
        wait_until(lambda: len(self.came) >= goal, "people come")

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(40)


@contextmanager
def crowd(site: Site) -> Iterator[Crowd]:
    people = Crowd(site)
    people.start()
    try:
        people.more()
        yield people
        people.more()
    finally:
        people.stop()


def rows(site: Site) -> int:
    count = site.value("SELECT count(*) FROM audit.log WHERE who IN ('alice', 'bob')")
    assert isinstance(count, int)
    return count


@pytest.mark.parametrize(
    "broken",
    ["perform 1 / 0;", "if tg_event = 'login' then raise exception 'not like this'; end if;"],
    ids=["anywhere", "at login"],
)
def test_a_broken_new_text_refuses_nobody_and_loses_no_row(broken: str, site: Site) -> None:
    site.apply(recording())
    before = site.snapshot()
    with crowd(site) as people, failing(ProofError) as failure:
        site.apply(recording(broken))
    assert failure.message.endswith("logins work") or failure.message.endswith(TAKEN_BACK)
    assert people.refused == []
    assert rows(site) == len(people.came)
    site.untouched(before)


def test_a_good_new_text_refuses_nobody_and_loses_no_row(site: Site) -> None:
    site.apply(recording())
    with crowd(site) as people:
        for number in range(3):
            assert site.apply(recording(f"-- the text number {number}")).done[-1] == "finish"
            people.more(10)
    assert people.refused == []
    assert rows(site) == len(people.came)


def test_a_new_state_of_a_live_trigger_refuses_nobody_and_loses_no_row(site: Site) -> None:
    """Its function is another one: the trigger is dropped and made anew, in one transaction."""
    site.apply(recording())
    with crowd(site) as people:
        renamed = recording().replace("by_hand", "by_hand_2")
        assert site.apply(renamed, prune=True).failed is None
    assert people.refused == []
    assert rows(site) == len(people.came)


def test_a_first_deployment_and_a_broken_one_refuse_nobody(site: Site) -> None:
    with crowd(site) as people:
        with failing(ProofError):
            site.apply(written("begin\n  if tg_event = 'login' then raise exception 'no'; end if;\nend"))
        people.more()
        assert site.apply(recording()).failed is None
    assert people.refused == []
    assert rows(site) >= FEW


def test_a_new_trigger_that_hangs_holds_up_nobody_else(site: Site) -> None:
    site.apply(recording())
    hangs = written("begin\n  if tg_event = 'login' then perform pg_sleep(600); end if;\nend", policies="timeout: 0")
    other = hangs.replace("name: first", "name: second").replace("on_logon", "b_other").replace("by_hand", "hangs")
    with crowd(site) as people, failing(ProofError) as failure:
        site.apply(other)
    assert failure.report.failed == "canary"
    assert len(failure.report.ended) == 1
    assert people.refused == []
    assert rows(site) == len(people.came)
    assert max(people.came) < 2


def test_a_trigger_that_hangs_for_others_only_holds_them_up_no_longer_than_the_canary(site: Site) -> None:
    # The rehearsal's own ordinary role does not meet it.
    others = "${login_user} <> 'postgres' AND NOT starts_with(${login_user}, 'xtrig_rehearsal_')"
    hanging = f'{{when: "{others}", sql: perform pg_sleep(600)}}'
    definition = logon(hanging, policies="timeout: 0", table="")
    canary = Canary(urls=(site.url("alice"),), login_timeout=2, rounds=1)
    before = site.snapshot()
    with crowd(site) as people, failing(ProofError) as failure:
        site.apply(definition, canary=canary)
    assert failure.report.failed == "go live"
    # Those in the trigger when it was taken back were ended: one of each worker, and the canary.
    assert len(people.refused) <= WORKERS
    # Whether the client still gets the server's last words depends on how far its connection has come.
    ended = ("terminating connection due to administrator command", "server closed the connection unexpectedly")
    assert [refusal for refusal in people.refused if not any(word in refusal for word in ended)] == []
    assert len(failure.report.ended) == len(people.refused) + 1
    site.untouched(before)

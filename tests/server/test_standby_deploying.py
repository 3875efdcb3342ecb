"""A real hot standby, logged in to without a pause while its primary is deployed to: nobody is refused there."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

import xtrig
from tests.server.deploy import wait_until
from tests.server.deploying.site import AUDIT, logon, written
from xtrig.audit.verifying import verify
from xtrig.deploy import Bounds, Canary, ProofError, RefusedPlanError, apply, drop
from xtrig.errors import UsageError
from xtrig_pgfamily.driver.address import address_for
from xtrig_pgfamily.embedded.server import EmbeddedServer

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("standby_deploying")]

QUICK = Canary(login_timeout=3, rounds=1)
BOUNDS = Bounds(undo_after=30)
PAST_TRIGGERS = "-c event_triggers=off"
NUMBERS = count(1)
SHUT = "cannot acquire lock mode AccessExclusiveLock"

RECORD = '{insert: log, values: {who: "${login_user}"}}'
REPLACED = logon(RECORD, "log: seen")
"""The function of a live trigger has another text."""
RECREATED = (
    AUDIT.replace("triggers:\n  on_logon:\n", "triggers:\n  on_logon:\n    run: other\n")
    .replace(f"    steps:\n      - {RECORD}", "")
    .replace("triggers:", f"functions:\n  other:\n    steps:\n      - {RECORD}\ntriggers:")
)
"""The trigger runs another function, so there has to be another trigger."""
IN_CANARY = written(
    "begin\n  if tg_event = 'login' and not pg_is_in_recovery() then\n    raise exception 'not today';\n  end if;\nend"
)
AT_GO_LIVE = written(
    "begin\n  if tg_event = 'login' and current_setting('session_replication_role') <> 'replica'\n"
    "      and not pg_is_in_recovery() then\n    raise exception 'not today';\n  end if;\nend"
)
"""Refuse nobody on the standby by themselves."""
TWO = AUDIT + "\n  second: {event: logon, steps: [log: second]}\n"

DDL = logon("log: ddl").replace("on_logon", "on_ddl").replace("event: logon", "event: ddl_command_start")


def enabled(state: str, definition: str = AUDIT) -> str:
    return definition.replace("event: logon", f"enable: {state}\n    event: logon", 1)


@dataclass
class Hammer:
    """Clients that log in to a server as fast as they can."""

    server: EmbeddedServer
    database: str
    threads: int
    logins: int = 0
    refusals: list[str] = field(default_factory=list)
    slowest: float = 0.0

    @contextmanager
    def going(self) -> Iterator[None]:
        stop = threading.Event()
        started = time.monotonic()
        lock = threading.Lock()

        def hammer() -> None:
            while not stop.is_set():
                begin = time.monotonic()
                said = None
                try:
                    self.server.connect("alice", self.database, connect_timeout=20).close()
                except psycopg.OperationalError as error:
                    said = f"{begin - started:.2f} s: {error}"
                with lock:
                    self.logins += 1
                    self.slowest = max(self.slowest, time.monotonic() - begin)
                    if said:
                        self.refusals.append(said)

        clients = [threading.Thread(target=hammer) for _ in range(self.threads)]
        for client in clients:
            client.start()
        try:
            yield
            # What a deployment left is met by whoever comes next.
            time.sleep(0.3)
        finally:
            stop.set()
            for client in clients:
                client.join()

    def __str__(self) -> str:
        first = f" first: {self.refusals[0]!r}" if self.refusals else ""
        return f"{self.logins} logins, {len(self.refusals)} refused, slowest {self.slowest:.2f} s{first}"


@dataclass(frozen=True)
class Pair:
    """A database on a primary, followed by a hot standby."""

    primary: EmbeddedServer
    standby: EmbeddedServer
    name: str
    admin: psycopg.Connection[Any]
    dropped: list[float] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.primary.url(database=self.name)

    def apply(self, definition: str, **options: Any) -> None:
        apply(xtrig.load_text(definition), self.url, canary=QUICK, bounds=BOUNDS, **options)

    def fails(self, definition: str, stage: str) -> None:
        with pytest.raises(ProofError) as failure:
            self.apply(definition)
        assert (failure.value.report.failed, failure.value.report.restored) == (stage, True)

    def drop(self) -> None:
        drop(xtrig.load_text(AUDIT), self.url, with_data=True, bounds=BOUNDS)
        self.dropped.append(time.monotonic())

    def disable(self) -> None:
        xtrig.disable(xtrig.load_text(AUDIT), self.url, bounds=BOUNDS)

    def enable(self) -> None:
        xtrig.enable(xtrig.load_text(AUDIT), self.url, canary=QUICK, bounds=BOUNDS)

    def settled(self) -> None:
        """Wait until the standby has replayed all, and a login on the primary has cleared what there was to clear."""
        row = self.admin.execute("SELECT pg_current_wal_flush_lsn()").fetchone()
        assert row is not None
        with self.standby.connect() as observer:
            query = "SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn"
            wait_until(lambda: observer.execute(query, (row[0],)).fetchone() == (True,), "the standby catches up")

    def hammered(self, what: str, do: Callable[[], object], *, primary: bool = True) -> tuple[Hammer, Hammer]:
        """Do something while everybody logs in; fail if somebody was refused who should not be."""
        there = Hammer(self.standby, self.name, 3)
        here = Hammer(self.primary, self.name, 1)
        with there.going(), here.going() if primary else ExitStack():
            do()
            self.settled()
        print(f"{what}: standby {there}; primary {here}")
        return there, here


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[EmbeddedServer, EmbeddedServer]]:
    with EmbeddedServer(18, tcp=False) as primary:
        with primary.connect() as root:
            root.execute("CREATE ROLE alice LOGIN")
        with EmbeddedServer(18, tcp=False, primary=primary) as standby:
            yield primary, standby


@pytest.fixture
def pair(servers: tuple[EmbeddedServer, EmbeddedServer]) -> Iterator[Pair]:
    primary, standby = servers
    name = f"hammered_{next(NUMBERS)}"
    with primary.connect() as root:
        root.execute(f"CREATE DATABASE {name}")
    try:
        with primary.connect(database=name, options=PAST_TRIGGERS) as admin:
            pair = Pair(primary, standby, name, admin)
            pair.settled()
            yield pair
    finally:
        with primary.connect() as root:
            root.execute(f"DROP DATABASE {name} WITH (FORCE)")


Act = Callable[[Pair], object]
CASES: dict[str, tuple[tuple[str, ...], Act]] = {
    "a new trigger": ((), lambda pair: pair.apply(AUDIT)),
    "a new disabled trigger": ((), lambda pair: pair.apply(enabled("disabled"))),
    "a new trigger for replica sessions alone": ((), lambda pair: pair.apply(enabled("replica"))),
    "a function replaced": ((AUDIT,), lambda pair: pair.apply(REPLACED)),
    "a trigger re-created": ((AUDIT,), lambda pair: pair.apply(RECREATED, prune=True)),
    "a disabled trigger re-created": ((enabled("disabled"),), lambda pair: pair.apply(enabled("disabled", RECREATED))),
    "disabled to origin": ((enabled("disabled"),), lambda pair: pair.apply(AUDIT)),
    "origin to disabled": ((AUDIT,), lambda pair: pair.apply(enabled("disabled"))),
    "origin to replica": ((AUDIT,), lambda pair: pair.apply(enabled("replica"))),
    "replica to origin": ((enabled("replica"),), lambda pair: pair.apply(AUDIT)),
    "replica to disabled": ((enabled("replica"),), lambda pair: pair.apply(enabled("disabled"))),
    "the last trigger dropped": ((AUDIT,), Pair.drop),
    "the last trigger, for replica sessions, dropped": ((enabled("replica"),), Pair.drop),
    "a surplus trigger pruned": ((TWO,), lambda pair: pair.apply(AUDIT, prune=True)),
    "all but one for replica sessions pruned": (
        (enabled("replica", TWO),),
        lambda pair: pair.apply(enabled("replica"), prune=True),
    ),
    "disabled and enabled": ((AUDIT,), lambda pair: (pair.disable(), pair.enable())),
    "disabled": ((AUDIT,), Pair.disable),
    "the last trigger pruned": ((AUDIT,), lambda pair: pair.apply(DDL, prune=True)),
}
FAILURES: dict[str, tuple[tuple[str, ...], Act, bool]] = {
    "a canary that fails": ((), lambda pair: pair.fails(IN_CANARY, "canary"), True),
    "a new trigger that fails at go live": ((), lambda pair: pair.fails(AT_GO_LIVE, "go live"), False),
    "a re-created trigger that fails at go live": ((AUDIT,), lambda pair: pair.fails(AT_GO_LIVE, "go live"), False),
    "a disabled trigger that fails when enabled": (
        (AT_GO_LIVE.replace("{event: logon,", "{event: logon, enable: disabled,"),),
        lambda pair: pair.fails(AT_GO_LIVE, "go live"),
        False,
    ),
}


ALWAYS = (
    "a new trigger",
    "disabled and enabled",
    "origin to replica",
    "a surplus trigger pruned",
    "the last trigger dropped",
)
"""What is tried in `make test`: between them they go through all stages."""


def seldom(cases: Iterable[str], *always: str) -> list[Any]:
    return [pytest.param(case, marks=() if case in always else pytest.mark.slow) for case in cases]


@pytest.mark.parametrize("case", seldom(CASES, *ALWAYS))
def test_nobody_is_refused_while_something_is_deployed(case: str, pair: Pair) -> None:
    before, act = CASES[case]
    for definition in before:
        pair.apply(definition)
    there, here = pair.hammered(case, lambda: act(pair))
    assert (there.refusals, here.refusals) == ([], [])
    assert min(there.logins, here.logins) > 20


@pytest.mark.parametrize("case", seldom(FAILURES, "a new trigger that fails at go live"))
def test_taking_back_refuses_nobody_on_the_standby(case: str, pair: Pair) -> None:
    before, act, primary_too = FAILURES[case]
    for definition in before:
        pair.apply(definition)
    there, here = pair.hammered(case, lambda: act(pair))
    assert there.refusals == []
    assert not (primary_too and here.refusals)


def test_a_naive_drop_shuts_the_standby(pair: Pair) -> None:
    """What all this is for, and that the hammer would notice."""
    pair.apply(AUDIT)
    there, _ = pair.hammered("a naive drop", lambda: pair.admin.execute("DROP EVENT TRIGGER on_logon"), primary=False)
    assert len(there.refusals) > 5
    assert all(SHUT in refusal for refusal in there.refusals)


@pytest.mark.slow
@pytest.mark.parametrize("case", [case for case in CASES if "dropped" in case or "new" in case or "pruned" in case])
@pytest.mark.parametrize("again", range(4))
def test_nobody_is_refused_however_often_it_is_deployed(case: str, again: int, pair: Pair) -> None:
    test_nobody_is_refused_while_something_is_deployed(case, pair)


def test_a_standby_that_replays_late_is_waited_for(pair: Pair) -> None:
    pair.apply(AUDIT)
    resumed: list[float] = []

    def resume() -> None:
        with pair.standby.connect() as observer:
            observer.execute("SELECT pg_wal_replay_resume()")
            resumed.append(time.monotonic())

    with pair.standby.connect() as observer:
        observer.execute("SELECT pg_wal_replay_pause()")
    later = threading.Timer(3, resume)
    later.start()
    there, _ = pair.hammered("dropped while the standby replays late", pair.drop)
    assert pair.admin.execute("SELECT count(*) FROM pg_event_trigger").fetchone() == (0,)
    later.join()
    assert there.refusals == []
    assert pair.dropped[-1] > resumed[0]


@contextmanager
def waiting(pair: Pair) -> Iterator[Callable[[], bool]]:
    """Give what waits for the standbys of a primary."""
    with closing(address_for(pair.url).open()) as session:
        yield session.wait_for_standbys


def test_who_only_receives_is_not_waited_for(pair: Pair, tmp_path: Path) -> None:
    """An archive replays nothing; the standbys that it feeds are not known here, and have the pause."""
    with subprocess.Popen(
        [pair.primary.bin_dir / "pg_receivewal", "--dbname", pair.primary.conninfo(), "--directory", tmp_path],
        stderr=subprocess.DEVNULL,
    ) as archive:
        query = (
            "SELECT count(*) FROM pg_stat_replication WHERE application_name = 'pg_receivewal' AND state = 'streaming'"
        )
        wait_until(lambda: pair.admin.execute(query).fetchone() == (1,), "the archive is fed")
        with waiting(pair) as wait:
            begin = time.monotonic()
            assert wait()
            assert 1 <= time.monotonic() - begin < 5
        archive.terminate()


def test_on_a_standby_each_command_compares_and_says_where_it_is(pair: Pair) -> None:
    pair.apply(AUDIT)
    pair.settled()
    there = pair.standby.url(database=pair.name)
    found = xtrig.status(xtrig.load_text(AUDIT), there)
    assert found.is_in_sync, found.problems
    assert "standby" in found.notes[0]
    assert xtrig.plan(xtrig.load_text(AUDIT), there).is_empty
    other = xtrig.plan(xtrig.load_text(REPLACED), there)
    assert not other.is_empty
    assert "this server is a standby" in other.refusals[0]
    assert not xtrig.status(xtrig.load_text(REPLACED), there).is_in_sync
    assert apply(xtrig.load_text(AUDIT), there, canary=QUICK).changes == []
    with pytest.raises(RefusedPlanError, match="this server is a standby"):
        apply(xtrig.load_text(REPLACED), there, canary=QUICK)
    with pytest.raises(UsageError, match="this server is a standby"):
        drop(xtrig.load_text(AUDIT), there)
    verified = verify(xtrig.load_text(AUDIT), there)
    assert verified.is_clean, verified

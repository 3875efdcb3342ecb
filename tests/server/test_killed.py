"""xtrig killed, or stopped, at every step of a deployment: the server itself takes it back, and everybody gets in."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import count, product

import psycopg
import pytest

import xtrig
from tests.server.conftest import Database
from tests.server.deploy import wait_until
from tests.server.deploying.site import QUICK, Site, logon
from xtrig.deploy import apply
from xtrig.errors import DatabaseError
from xtrig_pgfamily.embedded.server import EmbeddedServer

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("killed")]

UNDO_AFTER = 5.0
AT_ONCE = 7
PAST_TRIGGERS = "-c event_triggers=off"
NUMBERS = count(1)

RECORD = '{insert: log, values: {who: "${login_user}"}}'
STRICT = logon(RECORD, policies="on_error: deny")
"""Refuses everybody, should it be left without its table."""
SCENARIOS: dict[str, tuple[str, str, str, tuple[str, ...]]] = {
    # what is there, what is deployed, the verb, the stages
    "new": ("", STRICT, "apply", ("rehearsal", "prepare", "canary", "go live", "retire", "finish")),
    "switched": (STRICT, logon(RECORD, "log: seen"), "apply", ("rehearsal", "prepare", "canary", "switch", "finish")),
    "renamed": (STRICT, logon(RECORD, trigger="anew"), "apply", ("prepare", "canary", "go live", "retire", "finish")),
    "dropped": (STRICT, STRICT, "drop", ("disarm", "retire", "finish", "forget")),
}
MOMENTS = ("begin", "inside", "committed")
HANGING = logon(
    RECORD,
    "sql: \"perform case when tg_event = 'login' and current_setting('session_replication_role') = 'origin' "
    'then pg_sleep(600) end"',
    policies="timeout: 10min",
)
TABLE, SCHEMA = ("relation", "audit.log"), ("schema", "audit")

DRIVER = """
import sys, time
from contextlib import contextmanager
import xtrig
from xtrig.deploy import Bounds, Canary, apply, drop
from xtrig_pgfamily.driver.session import Session

verb, definition, url, stage, moment, undo_after = sys.argv[1:]
now = ""

def block(at):
    global moment
    if at == moment and now.startswith(stage):
        moment = ""
        print("BLOCKED", flush=True)
        sys.stdin.readline()

class Telling:
    def step(self, what):
        global now
        now = what
        print(what, flush=True)
        block("begin")

    def note(self, what):
        print(what, flush=True)

def blocking(original):
    @contextmanager
    def transaction(self, *arguments):
        with original(self, *arguments):
            yield
            block("inside")
        block("committed")
    return transaction

Session.transaction = blocking(Session.transaction)
Session.rolled_back = blocking(Session.rolled_back)
triggers = xtrig.load_text(definition)
given = {"bounds": Bounds(undo_after=float(undo_after)), "listener": Telling()}
print("BEGUN", flush=True)
try:
    if verb == "drop":
        drop(triggers, url, with_data=True, **given)
    else:
        apply(triggers, url, canary=Canary(login_timeout=2, rounds=1), prune=True, **given)
    print("DONE", flush=True)
except xtrig.XtrigError as error:
    print("FAILED", error, flush=True)
"""


@dataclass
class Victim:
    """A process that deploys to a database of its own, and stands still at one moment of one stage."""

    site: Site
    name: str
    before: dict[tuple[str, str], str]
    process: subprocess.Popen[str]

    def reads(self, word: str) -> str:
        """Read what the process says until a line begins with ``word``, and return that line."""
        assert self.process.stdout is not None
        said = []
        for line in self.process.stdout:
            said.append(line)
            if line.startswith(word):
                return line
        raise AssertionError(f"{self.name}: no {word} in {''.join(said)}")

    def go_on(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def kill(self) -> None:
        """Kill the process with all its children."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.communicate()

    def is_unlocked(self) -> bool:
        """Whether the server has taken the deployment back: only then the lock is free."""
        locks = "pg_locks JOIN pg_database AS d ON d.oid = database AND datname = current_database()"
        return bool(self.site.value(f"SELECT count(*) = 0 FROM {locks} WHERE locktype = 'advisory'"))


@dataclass(frozen=True)
class Scene:
    """A primary with a hot standby, on which many deployments are cut off at the same time."""

    primary: EmbeddedServer
    standby: EmbeddedServer
    stack: ExitStack

    def site(self, before: str) -> Site:
        """Make a database where a definition is live."""
        name = f"killed_{next(NUMBERS)}"
        with self.primary.connect() as root:
            root.execute(f"CREATE DATABASE {name}")
        self.stack.callback(self.remove, name)
        admin = self.stack.enter_context(self.primary.connect(database=name, options=PAST_TRIGGERS))
        site = Site(Database(self.primary, name), admin)
        if before:
            apply(xtrig.load_text(before), site.url(), canary=QUICK)
        return site

    def remove(self, name: str) -> None:
        with self.primary.connect() as root:
            root.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def victim(
        self, before: str, definition: str, stage: str, moment: str, *, verb: str = "apply", undo: float = UNDO_AFTER
    ) -> Victim:
        """Begin a deployment that stops at a moment of a stage."""
        site = self.site(before)
        snapshot = site.snapshot()
        process = subprocess.Popen(
            [sys.executable, "-c", DRIVER, verb, definition, site.url(), stage, moment, str(undo)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        victim = Victim(site, f"{verb} {stage} {moment}", snapshot, process)
        self.stack.callback(self.bury, victim)
        return victim

    def bury(self, victim: Victim) -> None:
        with suppress(ProcessLookupError):
            victim.kill()

    def wrong(self, victim: Victim, *ends: dict[tuple[str, str], str], or_gone: bool = False) -> Iterator[str]:
        """Yield what is otherwise than before the deployment; it may have come to one of ``ends``."""
        site = victim.site
        wait_until(victim.is_unlocked, f"{victim.name}: the server takes the deployment back", 60)
        if refusal := site.log_in():
            yield f"{victim.name}: {refusal}"
        before, now = victim.before, site.snapshot()
        if (
            now not in ends
            and TABLE in now
            and TABLE not in before
            and site.value("SELECT count(*) > 0 FROM audit.log")
        ):
            # What was recorded meanwhile is not thrown away.
            del now[TABLE], now[SCHEMA]
        if now not in (before, *ends) and not (or_gone and not [name for _, name in now if "on_logon" in name]):
            yield f"{victim.name}: {sorted(set(now.items()) ^ set(before.items()))}"
        row = site.admin.execute("SELECT pg_current_wal_flush_lsn()").fetchone()
        assert row is not None
        with self.standby.connect() as observer:
            query = "SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn"
            wait_until(lambda: observer.execute(query, row).fetchone() == (True,), "the standby catches up")
        try:
            self.standby.connect("alice", site.database.name).close()
        except psycopg.OperationalError as error:
            yield f"{victim.name}: standby: {error}"


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[EmbeddedServer, EmbeddedServer]]:
    many = {"max_connections": "100", "max_wal_senders": "5"}
    with EmbeddedServer(18, tcp=False, settings=many) as primary:
        with primary.connect() as root:
            root.execute("CREATE ROLE alice LOGIN; CREATE ROLE bob LOGIN")
        with EmbeddedServer(18, tcp=False, primary=primary, settings=many) as standby:
            yield primary, standby


@pytest.fixture
def scene(servers: tuple[EmbeddedServer, EmbeddedServer]) -> Iterator[Scene]:
    with ExitStack() as stack:
        yield Scene(*servers, stack)
        print(servers[0].log_text()[-6000:]) if os.environ.get("XLOG") else None


@contextmanager
def stopped(process: subprocess.Popen[str], seconds: float) -> Iterator[None]:
    """Stop a process as a laptop that is shut, and let it go on."""
    os.killpg(process.pid, signal.SIGSTOP)
    try:
        time.sleep(seconds)
        yield
    finally:
        os.killpg(process.pid, signal.SIGCONT)


def killed(scene: Scene, *moments: tuple[str, str, str]) -> list[str]:
    """Kill deployments, each at a scenario's stage's moment; return what was not taken back."""
    wrong: list[str] = []
    for start in range(0, len(moments), AT_ONCE):
        victims = []
        for scenario, stage, moment in moments[start : start + AT_ONCE]:
            before, definition, verb, _ = SCENARIOS[scenario]
            victims.append(scene.victim(before, definition, stage, moment, verb=verb))
        for victim in victims:
            victim.reads("BLOCKED")
            victim.kill()
        for victim in victims:
            wrong += scene.wrong(victim, or_gone=victim.name.startswith("drop forget"))
    return wrong


def test_killed_where_it_matters_most_it_is_taken_back_by_the_server(scene: Scene) -> None:
    moments = [
        ("new", "canary", "inside"),
        ("new", "go live", "committed"),
        ("new", "finish", "begin"),
        ("switched", "switch", "committed"),
        ("renamed", "finish", "committed"),
        ("dropped", "retire", "committed"),
        ("dropped", "forget", "committed"),
    ]
    assert killed(scene, *moments) == []


@pytest.mark.slow
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_killed_at_every_step_it_is_taken_back_by_the_server(scenario: str, scene: Scene) -> None:
    stages = SCENARIOS[scenario][3]
    assert killed(scene, *((scenario, stage, moment) for stage, moment in product(stages, MOMENTS))) == []


def test_a_table_that_is_gone_is_not_missed_by_triggers_that_are_brought_back(scene: Scene) -> None:
    victim = scene.victim(STRICT, STRICT, "forget", "committed", verb="drop")
    # Something of somebody else's keeps the schema.
    victim.site.admin.execute("CREATE TABLE audit.theirs ()")
    victim.reads("BLOCKED")
    victim.kill()
    assert list(scene.wrong(victim, or_gone=True)) == []


def test_after_the_server_has_taken_it_back_the_next_apply_succeeds(scene: Scene) -> None:
    victim = scene.victim("", STRICT, "go live", "committed")
    victim.reads("BLOCKED")
    victim.kill()
    site = victim.site
    with pytest.raises(DatabaseError, match="was cut off and is being taken back"):
        site.apply(STRICT)
    assert list(scene.wrong(victim)) == []
    assert site.apply(STRICT).failed is None
    assert site.log_in() is None


def test_logins_that_hang_in_what_is_taken_back_are_ended(scene: Scene) -> None:
    victim = scene.victim("", HANGING, "go live", "committed")
    victim.reads("BLOCKED")
    refusals: list[str | None] = []
    hanging = [threading.Thread(target=lambda: refusals.append(victim.site.log_in())) for _ in range(3)]
    for each in hanging:
        each.start()
    inside = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND usename = 'alice'"
    wait_until(lambda: bool(victim.site.value(inside) == 3), "they hang", 4)
    victim.kill()
    assert list(scene.wrong(victim)) == []
    for each in hanging:
        each.join()
    assert ["terminating connection" in str(each) for each in refusals] == [True] * 3


@pytest.mark.parametrize(
    ("stage", "moment"),
    [
        ("go live", "inside"),
        pytest.param("canary", "begin", marks=pytest.mark.slow),
        pytest.param("canary", "inside", marks=pytest.mark.slow),
        pytest.param("go live", "begin", marks=pytest.mark.slow),
    ],
)
def test_stopped_for_too_long_it_notices_and_says_so(stage: str, moment: str, scene: Scene) -> None:
    victim = scene.victim("", STRICT, stage, moment, undo=2)
    victim.reads("BLOCKED")
    with stopped(victim.process, 4):
        pass
    victim.go_on()
    said = victim.reads("FAILED")
    assert "it was not done in 2 s, and the server took it back by itself" in said
    assert said.endswith("everything was taken back, and logins work again\n")
    victim.process.communicate()
    assert list(scene.wrong(victim)) == []


@pytest.mark.slow
def test_a_live_trigger_comes_back_though_the_deployment_stands_still_in_the_middle_of_a_transaction(
    scene: Scene,
) -> None:
    """It holds up what the server does to bring the trigger back, and every login, until its time is over."""
    victim = scene.victim(STRICT, SCENARIOS["renamed"][1], "go live", "inside", undo=2)
    victim.reads("BLOCKED")
    os.killpg(victim.process.pid, signal.SIGSTOP)
    time.sleep(6)
    victim.kill()
    assert list(scene.wrong(victim)) == []


@pytest.mark.slow
def test_killed_at_any_time_it_is_taken_back_by_the_server(scene: Scene) -> None:
    chance = random.Random(4)
    wrong: list[str] = []
    counts = {"before": 0, "finished": 0}
    for before, definition, verb, _ in SCENARIOS.values():
        whole = scene.victim(before, definition, "-", "never", verb=verb)
        whole.reads("DONE")
        finished = whole.site.snapshot()
        victims = []
        for _ in range(5):
            victims.append(scene.victim(before, definition, "-", "never", verb=verb))
            victims[-1].reads("BEGUN")
            time.sleep(chance.uniform(0, 2.5))
            victims[-1].kill()
        for victim in victims:
            wrong += list(scene.wrong(victim, finished))
            counts["finished" if victim.site.snapshot() == finished else "before"] += 1
    print(counts)
    assert wrong == []

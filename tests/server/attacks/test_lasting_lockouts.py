"""Attacks 7, 8, 12 and 14: lock-outs that mallory makes last, and locks of hers that stop deployments."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

import xtrig
from tests.server.attacks.mallory import LOG, SESSIONS, TRACEBACK, Target, holds
from tests.server.deploy import wait_until
from tests.server.deployed import Said
from xtrig import load_text
from xtrig.deploy import Bounds, Canary, apply
from xtrig.deploy.migration import Migration, migration_script
from xtrig.registry import get_dialect
from xtrig_pgfamily.driver.address import address_for

UNDO_AFTER = 6.0
HELD = 12.0
"""How long mallory holds a lock: twice as long as xtrig promises that a lock-out lasts."""
BAD = """
xtrig: 1
name: bad
schema: guard
functions:
  by_hand:
    body:
      postgresql: |
        BEGIN
          IF session_user = 'alice' THEN
            PERFORM pg_sleep(1);
            RAISE EXCEPTION 'nobody gets in';
          END IF;
        END
triggers:
  on_logon: {event: logon, run: by_hand}
"""
"""Refuses alice, after a second: time enough for mallory to see that it is live."""
SLOW = BAD.replace("RAISE EXCEPTION 'nobody gets in';", "NULL;")
EVERYBODY = BAD.replace("IF session_user = 'alice' THEN", "IF true THEN").replace("PERFORM pg_sleep(1);", "NULL;")


@dataclass
class Logins:
    """alice, who logs in all the time, and how it went."""

    target: Target
    refused: list[float] = field(default_factory=list)
    slowest: float = 0.0
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        while not self.stop.is_set():
            begin = time.monotonic()
            if self.target.logs_in("alice"):
                self.refused.append(time.monotonic())
            self.slowest = max(self.slowest, time.monotonic() - begin)
            time.sleep(0.05)

    @property
    def locked_out(self) -> float:
        """For how many seconds she was refused."""
        return self.refused[-1] - self.refused[0] if self.refused else 0.0


@contextmanager
def running(work: Callable[[], Any]) -> Iterator[None]:
    """Do something in another thread meanwhile."""
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    yield
    thread.join(HELD + 10)


@contextmanager
def logins(target: Target) -> Iterator[Logins]:
    """Let alice log in all the time."""
    alice = Logins(target)
    with running(alice.run):
        try:
            yield alice
        finally:
            alice.stop.set()


def is_live(target: Target) -> bool:
    """Whether the trigger is there for everybody."""
    query = "SELECT count(*) FROM pg_event_trigger WHERE evtname = 'on_logon' AND evtenabled IN ('O', 'A')"
    return bool(target.value(query))


LOCKS = {
    "DROP OWNED": "BEGIN; DROP OWNED BY mallory",
    "a setting of hers": "BEGIN; ALTER ROLE mallory IN DATABASE {database} SET work_mem = '1MB'",
    "a grant of the owner's": "BEGIN; GRANT TEMPORARY ON DATABASE {database} TO mallory",
    "a setting of the owner's": "BEGIN; ALTER DATABASE {database} SET work_mem = '1MB'",
    "a comment of the owner's": "BEGIN; COMMENT ON DATABASE {database} IS 'mine'",
}


@contextmanager
def ready_to_lock(target: Target, lock: str) -> Iterator[psycopg.Connection[Any]]:
    """Let mallory connect before anything happens; she owns the database where the lock is an owner's."""
    if "owner" in lock:
        target.run(f"ALTER DATABASE {target.database.name} OWNER TO mallory")
    with target.enter() as session:
        try:
            yield session
        finally:
            session.rollback()
            target.run(f"ALTER DATABASE {target.database.name} OWNER TO postgres")


@pytest.mark.slow
@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_that_keeps_a_bad_trigger_alive(target: Target, lock: str) -> None:
    """A bad trigger is live and is to be taken back; mallory leaves a transaction open that holds up the taking back.

    She was connected before, and her lock is one that any role, or the owner of the database, may take.
    """
    with ready_to_lock(target, lock) as session, logins(target) as alice:

        def hold() -> None:
            with suppress(AssertionError):
                wait_until(lambda: is_live(target), "the bad trigger is live", 10)
                session.execute(LOCKS[lock].format(database=target.database.name).encode())
                time.sleep(HELD)
                session.rollback()

        with running(hold), suppress(xtrig.XtrigError):
            apply(
                xtrig.load_text(BAD),
                target.url,
                canary=Canary(urls=(target.server.url("alice", target.database.name),), login_timeout=4, rounds=1),
                bounds=Bounds(lock_timeout=1, undo_after=UNDO_AFTER),
            )
        assert alice.refused, "the bad trigger was live"
    holds(alice.locked_out < UNDO_AFTER + 1, f"alice was locked out for {alice.locked_out:.1f} s of {HELD} s")
    rest = target.run("SELECT evtname FROM pg_event_trigger")
    holds(not rest, f"left behind: {rest}")


@pytest.mark.slow
@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_during_a_deployment(target: Target, lock: str) -> None:
    """mallory has a transaction open while a good definition is applied: all logins wait behind the deployment."""
    with ready_to_lock(target, lock) as session, logins(target) as alice:
        session.execute(LOCKS[lock].format(database=target.database.name).encode())
        said = target.xtrig("apply", LOG, "--lock-timeout", "4")
    holds(alice.slowest < 1.5, f"a login took {alice.slowest:.1f} s; apply left with {said.code}")


@pytest.mark.slow
def test_a_lock_during_a_removal(target: Target) -> None:
    """The same while the definition is dropped."""
    target.deploy(LOG)
    with ready_to_lock(target, "DROP OWNED") as session, logins(target) as alice:
        session.execute(LOCKS["DROP OWNED"].encode())
        said = target.xtrig("drop", LOG, "--lock-timeout", "4")
    holds(alice.slowest < 1.5, f"a login took {alice.slowest:.1f} s; drop left with {said.code}")


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_while_a_lock_out_is_ended(target: Target, lock: str) -> None:
    """Everybody is locked out, and mallory holds up the command that ends it: people get in all the same."""
    with ready_to_lock(target, lock) as session:
        session.execute(LOCKS[lock].format(database=target.database.name).encode())
        target.run("SET lock_timeout = '200ms'")
        script = target.render(EVERYBODY)
        try:
            target.run(script)
        except psycopg.errors.LockNotAvailable:
            # It cannot go live under this lock; so it was there before.
            target.run("ROLLBACK")
            session.rollback()
            target.run(script)
            session.execute(LOCKS[lock].format(database=target.database.name).encode())
        assert "nobody gets in" in (target.logs_in() or "")
        said = target.xtrig("drop", EVERYBODY, "--lock-timeout", "1")
        holds(target.logs_in("alice") is None, f"drop left with {said.code}: {said.err[-400:]}")
        holds(said.code == 0 or "of 'mallory' holds it since" in said.err, said.err[-400:])
    assert target.xtrig("drop", EVERYBODY).code == 0
    assert not target.run("SELECT evtname FROM pg_event_trigger")


NEEDED = {
    "a view": "CREATE VIEW lair.v AS SELECT * FROM audit.sessions",
    "a copy of it": "CREATE MATERIALIZED VIEW lair.v AS SELECT * FROM audit.sessions",
    "a column of its type": "CREATE TABLE lair.t (x audit.sessions)",
    "a function": "CREATE FUNCTION lair.f() RETURNS bigint BEGIN ATOMIC SELECT count(*) FROM audit.sessions; END",
    "the type of a table": "CREATE FUNCTION lair.f(audit.session_inbox) RETURNS int LANGUAGE sql AS 'SELECT 1'",
}


ONE_EACH = [("a view", False), ("the type of a table", True)]
ALL_NEEDED = [(needed, with_data) for needed in NEEDED for with_data in (False, True)]


@pytest.mark.parametrize("tried", [ONE_EACH, pytest.param(ALL_NEEDED, marks=pytest.mark.slow)], ids=["some", "all"])
def test_what_needs_an_object_of_the_set_while_a_lock_out_is_ended(
    target: Target, tried: list[tuple[str, bool]]
) -> None:
    """mallory, who may read the record, makes something of its views or row types: they cannot be dropped.

    The removal that fails there must not bring back the trigger that was to go.
    """
    target.as_mallory("CREATE SCHEMA lair")
    for name, with_data in tried:
        needed = NEEDED[name]
        target.deploy(SESSIONS)
        target.run("GRANT audit_reader TO mallory")
        target.as_mallory(needed)
        said = target.xtrig("drop", SESSIONS, *(["--with-data"] if with_data else []), "--yes")
        is_free = not with_data and "session_inbox" in needed
        assert said.code == (0 if is_free else 3), said.err
        holds(target.value("SELECT count(*) FROM pg_event_trigger") == 0, f"{needed}: the trigger is back: {said.err}")
        if not is_free:
            assert "lair." in said.err, "who is in the way is named"
            assert "what was done before it stays done, and logins work" in said.err
        target.run("DROP SCHEMA lair CASCADE; CREATE SCHEMA lair AUTHORIZATION mallory")
        assert target.xtrig("drop", SESSIONS, "--with-data", "--yes").code == 0
        assert target.value("SELECT to_regclass('audit.sessions') IS NULL")


def test_a_hanging_superuser_keeps_no_other_login_from_being_ended(target: Target) -> None:
    """Whoever is no superuser gets an error for a superuser's session; the others are ended all the same."""
    target.run("CREATE ROLE helper LOGIN IN ROLE pg_signal_backend, pg_read_all_stats")
    hanging = EVERYBODY.replace("RAISE EXCEPTION 'nobody gets in';", "PERFORM pg_sleep(20);")
    with closing(address_for(target.database.server.url("helper", target.database.name)).open()) as helper:
        with helper.reading():
            since = helper.clock()
            assert helper.missing_to_see_hanging() == ""
        target.run(target.render(hanging))
        threads = [threading.Thread(target=target.logs_in, args=(who,), daemon=True) for who in ("postgres", "alice")]
        for thread in threads:
            thread.start()
        query = "SELECT usename FROM pg_stat_activity WHERE datname = current_database() AND state IS NULL ORDER BY 1"
        wait_until(lambda: target.run(query) == [("alice",), ("postgres",)], "both hang", 10)
        time.sleep(0.5)
        with helper.reading():
            assert len(helper.end_hanging(since, 0.3)) == 1
        wait_until(lambda: target.run(query) == [("postgres",)], "alice has left", 10)
    query = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND state IS NULL"
    )
    target.run(query)


def test_a_role_that_does_not_see_the_others_is_told(target: Target) -> None:
    with closing(address_for(target.database.server.url("alice", target.database.name)).open()) as alice:
        assert alice.missing_to_see_hanging() == "pg_read_all_stats"


def test_the_doctor_gives_no_trigger_to_whom_its_owner_could_not_take_it_from(target: Target) -> None:
    """On a service without a superuser of one's own the advice to give it to one would lock its owner out of it."""
    target.deploy(LOG)
    target.run("CREATE ROLE admin LOGIN SUPERUSER; ALTER EVENT TRIGGER on_logon OWNER TO admin")
    target.run("ALTER ROLE admin NOSUPERUSER")
    said = target.say("doctor", "--url", target.server.url("admin", target.database.name))
    assert "[demoted-owner]" in said.out
    assert "EVENT TRIGGER on_logon OWNER TO" not in said.out
    assert "OWNER TO a superuser" not in said.out
    as_superuser = target.xtrig("doctor", None)
    assert "ALTER EVENT TRIGGER on_logon OWNER TO CURRENT_USER" in " ".join(as_superuser.out.split())
    target.run("ALTER EVENT TRIGGER on_logon OWNER TO postgres")


class Watching:
    """A listener that looks at something at each step."""

    def __init__(self, look: Callable[[], Any]) -> None:
        self.seen: list[Any] = []
        self._look = look

    def step(self, what: str) -> None:
        self.seen.append(self._look())

    def note(self, what: str) -> None:
        pass


@pytest.mark.parametrize("command", ["apply", "drop"])
@pytest.mark.parametrize("shared", ["", "_shared"])
def test_the_lock_of_deployments(target: Target, command: str, shared: str) -> None:
    """mallory sees in pg_locks which advisory lock a deployment takes, and takes it herself: nothing is deployed then.

    Every role may take every advisory lock. The deployment has to use another, or to say who is in its way.
    """
    query = "SELECT classid, objid, objsubid FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ExclusiveLock'"
    with target.enter() as session:
        watching = Watching(lambda: session.execute(query).fetchall())
        apply(xtrig.load_text(LOG), target.url, canary=Canary(login_timeout=4, rounds=1), listener=watching)
        keys = {key for seen in watching.seen for key in seen}
        for classid, objid, objsubid in keys:
            key = f"{classid}, {objid}" if objsubid == 2 else f"{(classid << 32) | objid}"
            session.execute(f"SELECT pg_advisory_lock{shared}({key})".encode())
        definition = LOG.replace("who: text}", "who: text, more: text}") if command == "apply" else LOG
        said = target.xtrig(command, definition, "--lock-timeout", "1")
    holds(said.code == 0, f"{command} left with {said.code}: {said.err[-300:]}")


@contextmanager
def prepared(target: Target, *statements: str) -> Iterator[None]:
    """Let mallory prepare a transaction and leave: it is there until somebody ends it, also after a restart."""
    with target.enter() as session:
        for statement in ("BEGIN", *statements, "PREPARE TRANSACTION 'mallory''s'"):
            session.execute(statement.encode())
    try:
        yield
    finally:
        target.run("ROLLBACK PREPARED 'mallory''s'")


@pytest.mark.parametrize("command", ["apply", "drop"])
def test_the_lock_of_deployments_in_a_prepared_transaction(target: Target, command: str) -> None:
    """The same without a session that could be asked who it is, or be ended."""
    target.deploy(LOG)
    key = f"{int.from_bytes(b'xtrig') >> 32}, {int.from_bytes(b'xtrig') & 0x7FFFFFFF}"
    definition = LOG.replace("who: text}", "who: text, more: text}") if command == "apply" else LOG
    for mode in ("", "_shared"):
        with prepared(target, f"SELECT pg_advisory_xact_lock{mode}({key})"):
            said = target.xtrig(command, definition, "--lock-timeout", "1")
        holds(said.code == 0, f"{command} left with {said.code}: {said.err[-300:]}")


def test_a_prepared_transaction_in_the_way_is_named(target: Target) -> None:
    """Who holds what a deployment waits for, and how to end it, where no session does."""
    target.deploy(SESSIONS)
    target.run("GRANT audit_reader TO mallory")
    with prepared(target, "SELECT count(*) FROM audit.sessions"):
        time.sleep(1.1)  # as long as a healthy transaction may take
        said = target.xtrig("drop", SESSIONS, "--with-data", "--lock-timeout", "1")
        assert said.code == 3, said.err
        holds(target.value("SELECT count(*) FROM pg_event_trigger") == 0, f"the trigger is back: {said.err}")
        holds("ROLLBACK PREPARED 'mallory''s'" in said.err, f"who is in the way is not named: {said.err[-300:]}")
        assert target.logs_in("alice") is None


@pytest.mark.parametrize("options", ["", "-c event_triggers=off"])
@pytest.mark.parametrize("command", ["drop", "status", "doctor", "plan", "audit verify", "apply --plan"])
def test_a_command_when_nobody_gets_in(
    target: Target, command: str, options: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every login is refused by a bad trigger. The tool that should help must get in, and must not refuse to help.

    `apply --plan` is that of a plan that was made before, of the definition that is right.
    """
    saved = target.folder / "saved.json"
    assert target.xtrig("plan", LOG, "--out", str(saved)).code == 2
    target.run(target.render(EVERYBODY))
    assert "nobody gets in" in (target.logs_in("postgres") or "")
    if options:
        monkeypatch.setenv("PGOPTIONS", options)
    if command == "apply --plan":
        said = target.say("apply", "--plan", str(saved), "--url", target.url)
        is_good = said.code in (0, 1)  # done, or refused as the database is not as it was
    else:
        said = target.xtrig(command, None if command == "doctor" else EVERYBODY)
        # Only drop cures; the others have to answer: in sync, or what is wrong.
        is_good = said.code in (0, 1, 2)
        if command == "drop":
            is_good = said.code == 0 and target.logs_in("postgres") is None
    holds(is_good, f"{command} left with {said.code}: {said.err[-400:]}")


@pytest.mark.parametrize("command", ["drop", "disable"])
@pytest.mark.parametrize("scope", ["ROLE postgres", "DATABASE {0}", "ROLE postgres IN DATABASE {0}"])
def test_a_way_in_that_was_set_beforehand(target: Target, command: str, scope: str) -> None:
    """A role is kept for such days, with event_triggers off: what ends the lock-out must work there."""
    target.run(target.render(EVERYBODY))
    scope = scope.format(target.database.name)
    target.run(f"ALTER {scope} SET event_triggers = off")
    try:
        said = target.xtrig(command, EVERYBODY)
        refused = target.xtrig("plan", LOG)
    finally:
        target.run(f"ALTER {scope} RESET event_triggers")
    holds(said.code == 0 and target.logs_in("alice") is None, f"{command} left with {said.code}: {said.err[-300:]}")
    assert (refused.code, "event_triggers is off here" in refused.out + refused.err) == (1, True)


@pytest.mark.parametrize(
    "command",
    ["status", *(pytest.param(each, marks=pytest.mark.slow) for each in ("audit sessions", "plan", "import"))],
)
def test_a_lock_on_what_is_read(target: Target, command: str) -> None:
    """mallory may lock a table of the record, as a member of pg_maintain: reading ends with a line."""
    target.deploy(SESSIONS)
    target.run("GRANT audit_reader, pg_maintain TO mallory")
    answers: list[Said] = []
    with target.enter() as session:
        session.execute("BEGIN; LOCK TABLE audit.session_inbox IN ACCESS EXCLUSIVE MODE")
        definition = SESSIONS if command in ("status", "plan") else None
        work = threading.Thread(target=lambda: answers.append(target.xtrig(command, definition)), daemon=True)
        work.start()
        work.join(25)
        is_waiting = work.is_alive()
        session.rollback()
    work.join()
    holds(not is_waiting, f"{command} waits for as long as she likes")
    assert (answers[0].code, "lock timeout" in answers[0].err) == (3, True), answers[0].err


PAST = {
    "a service": "-c event_triggers=off",
    "escaped": "-c event\\_triggers=off",
    "another word": "--event-triggers=no",
    "a shorter word": "-cevent_triggers=of",
}


@pytest.mark.parametrize("past", PAST)
def test_a_proof_that_meets_no_trigger(target: Target, past: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The admin's own way in switches triggers off: the logins that prove a deployment must meet them all the same."""
    url = target.url
    if past == "a service":
        conninfo = psycopg.conninfo.conninfo_to_dict(target.server.conninfo(database=target.database.name))
        lines = [f"{name}={value}" for name, value in {**conninfo, "options": PAST[past]}.items() if value]
        (target.folder / "services").write_text("\n".join(("[past]", *lines, "")), "utf-8")
        monkeypatch.setenv("PGSERVICEFILE", str(target.folder / "services"))
        url = "service=past"
    else:
        monkeypatch.setenv("PGOPTIONS", PAST[past])
    said = target.say("apply", target.given(EVERYBODY), "--url", url, "--login-timeout", "3")
    monkeypatch.delenv("PGOPTIONS", raising=False)
    refusal = target.logs_in("alice")
    holds(said.code == 1 and refusal is None, f"apply left with {said.code}; alice: {refusal}")


def test_the_way_back_in_meets_no_trigger(target: Target) -> None:
    """What a deployment tries before it begins, and what it times logins against, is a login past the triggers."""
    target.run(target.render(EVERYBODY))
    platform = get_dialect("postgresql").platform
    assert platform is not None
    address = platform.driver((target.server.version,)).address(target.url)
    past = address.without_triggers()
    assert past is not None
    assert (past.log_in({}), "nobody gets in" in (address.log_in({}) or "")) == (None, True)


def test_the_message_names_the_command_that_helps(target: Target) -> None:
    """Whoever is locked out is told by the refusal which one command ends it."""
    target.run(target.render(EVERYBODY))
    said = target.xtrig("plan", EVERYBODY)
    holds(said.code != TRACEBACK and ("xtrig drop" in said.err or said.code in (0, 2)), said.err[-400:])


@contextmanager
def deploying(target: Target, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """Apply a definition whose proof takes alice a second, in a process of its own."""
    command = [sys.executable, "-m", "xtrig", "apply", target.given(SLOW), "--url", target.url, *options]
    alice = target.server.url("alice", target.database.name)
    process = subprocess.Popen(
        [*command, "--canary-url", alice], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        wait_until(lambda: is_live(target), "the trigger is live", 15)
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.mark.slow
def test_a_client_that_vanishes_without_a_word(target: Target) -> None:
    """The deploying machine hangs, or is behind a black hole: the server takes everything back by itself.

    Its idle session keeps the lock on deployments, until TCP finds out: the next deployment waits for hours.
    """
    with deploying(target, "--undo-after", "2") as process:
        os.killpg(process.pid, signal.SIGSTOP)
        wait_until(lambda: not is_live(target), "the server takes it back", 15)
        time.sleep(4)
        said = target.xtrig("apply", LOG, "--no-canary", "--lock-timeout", "1")
    holds(said.code == 0, f"apply left with {said.code}: {said.err[-300:]}")


@pytest.mark.slow
def test_a_lock_when_the_server_takes_back(target: Target) -> None:
    """xtrig is killed while a trigger is live, and mallory holds up the server's own taking back."""
    with ready_to_lock(target, "DROP OWNED") as session:
        with deploying(target, "--undo-after", "3"):
            pass
        session.execute(LOCKS["DROP OWNED"].encode())
        begin = time.monotonic()
        with suppress(AssertionError):
            wait_until(lambda: not is_live(target), "it is gone", HELD)
        taken = time.monotonic() - begin
    holds(taken < 5, f"the trigger was still live after {taken:.1f} s")


def test_the_connections_notice_a_dead_network(target: Target) -> None:
    """A network that is dead without a word is noticed by keepalives alone: after two hours, as the system has them."""

    def look() -> list[tuple[int, ...]]:
        found = []
        for entry in Path("/proc/self/fd").iterdir():
            if not entry.is_socket():
                continue
            with suppress(OSError), socket.socket(fileno=os.dup(int(entry.name))) as each:
                if each.family == socket.AF_INET and each.getpeername()[1] == target.server.port:
                    found.append(
                        (
                            each.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE),
                            each.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE),
                            each.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT),
                        )
                    )
        return found

    watching = Watching(look)
    url = target.server.url(database=target.database.name, tcp=True)
    apply(xtrig.load_text(LOG), url, canary=Canary(login_timeout=4, rounds=1), listener=watching)
    seen = {each for step in watching.seen for each in step}
    assert seen, "the deployment goes over TCP"
    bad = {each for each in seen if not (each[0] and each[1] <= 120 and each[2])}
    holds(not bad, f"keepalive, seconds until the first, and time-out in ms: {sorted(bad)}")


READS = ["SELECT FROM xtrig.deployments", "LOCK TABLE xtrig.deployments IN ACCESS SHARE MODE"]


@pytest.mark.parametrize("lock", READS)
def test_a_script_that_removes_a_set_does_not_wait_for_readers_of_the_history(target: Target, lock: str) -> None:
    target.deploy(LOG)
    removal = migration_script(Migration("first", load_text(LOG), None, with_data=True))
    with target.enter() as session, session.transaction():
        session.execute(lock.encode())
        said = target.psql(f"SET statement_timeout = '5s'; {removal}")
        holds(said.code == 0, f"a removal that waits for her: {said.err}")
    assert "xtrig.deployments" in said.err
    assert target.value("SELECT count(*) FROM pg_event_trigger") == 0


@pytest.mark.parametrize("lock", ["DROP OWNED", "reading the table"])
@pytest.mark.parametrize("script", ["render", "render --drop --with-data"])
def test_a_script_waits_for_no_lock_of_hers(target: Target, script: str, lock: str) -> None:
    """All logins wait behind a script that waits; run again when she is gone, it does all of its work."""
    target.deploy(LOG)
    target.run("GRANT USAGE ON SCHEMA app TO PUBLIC; GRANT SELECT ON app.log TO mallory")
    with_column = target.given(LOG.replace("who: text", "who: text, more: text"))
    text = target.say(*script.split(), with_column, "--dialect", "postgresql").out
    held = {**LOCKS, "reading the table": "BEGIN; SELECT FROM app.log"}[lock]
    with ready_to_lock(target, lock) as session:
        session.execute(held.format(database=target.database.name).encode())
        said = target.psql(f"SET statement_timeout = '20s'; {text}")
        assert (said.code, "due to lock timeout" in said.err) == (1, True), said.err
        holds(target.logs_in("alice") is None, "alice is refused")
    assert target.psql(text).code == 0

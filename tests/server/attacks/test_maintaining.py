"""Attacks 9, 11, 13 and 17: `maintain()` stopped, misled, blinded or left behind."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.server.attacks.mallory import PASSWORD, SESSIONS, AttackSucceededError, Target, holds
from tests.server.attacks.wire import FLOOD, Login
from tests.server.deploy import wait_until
from tests.server.sessions.recorded import SETTLE


@pytest.fixture(autouse=True)
def quiet(target: Target) -> None:
    """Begin a new file of the log, and remove the old ones: other attacks have filled them."""
    target.run("SELECT pg_rotate_logfile()")
    time.sleep(0.2)
    for path in sorted((target.server.data_dir / "log").glob("*.json"))[:-1]:
        path.unlink()


def _log(target: Target) -> Path:
    """Return the newest jsonlog of the server."""
    return max((target.server.data_dir / "log").glob("*.json"), key=lambda path: path.stat().st_mtime)


def _lines(target: Target, *words: str) -> list[dict[str, Any]]:
    found = []
    for path in (target.server.data_dir / "log").glob("*.json"):
        for line in path.read_bytes().splitlines():
            if all(word.encode() in line for word in (*words, f'"dbname":"{target.database.name}"')):
                with suppress(ValueError):
                    found.append(json.loads(line))
    return found


def _add(target: Target, *lines: dict[str, Any]) -> None:
    """Write lines to the end of the server's log, as the server would."""
    with _log(target).open("ab") as stream:
        for line in lines:
            stream.write(json.dumps(line, separators=(",", ":")).encode() + b"\n")


def _maintain(target: Target, calls: int = 30) -> dict[str, Any]:
    said: dict[str, Any] = target.value("SELECT audit.maintain(20000)")
    while said.get("behind") and calls:
        said, calls = target.value("SELECT audit.maintain(20000)"), calls - 1
    return said


def _visit(target: Target, application: str, user: str = "alice") -> int:
    """Log in and out, until the server has written so; return the pid."""
    with target.enter(user, application_name=application) as session:
        pid = session.info.backend_pid
    wait_until(lambda: bool(_lines(target, f'"pid":{pid},', '"message":"disconnection')), "its end is in the log")
    return pid


def _session(target: Target, application: str) -> tuple[Any, ...]:
    rows = target.run(f"SELECT ended_by, logoff_at FROM audit.sessions WHERE application = '{application}'")
    return rows[0] if rows else ()


@pytest.mark.slow
def test_a_client_that_does_not_read(target: Target) -> None:
    """mallory's login sends a lot, in the midst of its look around, to a client that reads nothing.

    If it held the row lock that makes one of many look while it waits, maintain() would be busy for ever.
    """
    target.deploy(SESSIONS)
    looked = 0
    for _ in range(20):
        target.run("UPDATE audit.session_state SET reap_due = now() - interval '1 hour'")
        time.sleep((0.955 - time.time()) % 1)  # within 50 ms of a full second it looks around
        login = Login(target.server, "mallory", target.database.name, FLOOD, buffer=2048)
        time.sleep(0.5)
        held = target.run(
            "SELECT 1 FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE usename = 'mallory' "
            "AND relation = 'audit.session_state'::regclass AND pg_locks.mode = 'RowShareLock'"
        )
        looked += target.value("SELECT reap_due > now() FROM audit.session_state")
        said = target.value("SELECT audit.maintain(20000)")
        login.close()
        holds(not held and not said.get("busy"), f"the row is locked: {bool(held)}; maintain() says {said}")
    assert looked, "one login at least has looked around"


FORGED = {
    "of pltcl": {"statement": "SELECT lair.forge()", "ps": "SELECT"},
    "of a prepared statement": {"statement": "EXECUTE s", "ps": "EXECUTE", "query_id": 5},
    "of a parallel worker": {"backend_type": "parallel worker", "leader_pid": 1, "ps": "SELECT"},
    "with another state": {"state_code": "01000", "statement": "DO ''"},
    "of a server that logs no statements": {"ps": "idle"},
}


@pytest.mark.parametrize("forged", FORGED)
def test_a_forged_line_ends_a_session(target: Target, forged: str) -> None:
    """PL/Tcl writes log lines without a context: mallory's own session says that it has ended, and goes on unseen.

    PL/Tcl is not in the servers of these tests, so its line is written to the log here, as 18.4 wrote it: with the
    statement that it came from. The true end comes later, and is never noted.
    """
    target.deploy(SESSIONS)
    with target.enter(application_name="forged") as session:
        pid = session.info.backend_pid
        wait_until(lambda: bool(_lines(target, f'"pid":{pid},', "connection authorized")), "its begin is in the log")
        begun = _lines(target, f'"pid":{pid},', "connection authorized")[0]
        end = {**begun, "message": "disconnection: session time: 0:00:00.100 user=mallory", "error_severity": "LOG"}
        time.sleep(0.01)
        stamp = target.value("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS') || ' UTC'")
        _add(target, {**end, "timestamp": stamp, "line_num": 9, "application_name": "forged", **FORGED[forged]})
        _maintain(target)
        ended_by, logoff_at = _session(target, "forged")
        assert target.run(f"SELECT 1 FROM pg_stat_activity WHERE pid = {pid}"), "the session is open"
    holds(ended_by is None, f"the session is open, and recorded as ended by {ended_by} at {logoff_at}")


ODD_USERS = {"0xff": b"j\xff", "utf-8, cut": b"j\xc3", "overlong": b"j\xc0\xaf", "a surrogate": b"j\xed\xa0\x80"}


@pytest.mark.parametrize("odd", ODD_USERS)
@pytest.mark.parametrize("name", ["plain", "jürgen"])
def test_odd_bytes_that_anybody_offers(target: Target, odd: str, name: str) -> None:
    """Whoever reaches the port offers a user name of odd bytes: the server writes them into its log.

    The whole chunk of the log is read with question marks then, and other people's names are damaged.
    """
    target.deploy(SESSIONS)
    target.run(f"CREATE ROLE \"{name}\" LOGIN PASSWORD '{PASSWORD}'")
    conninfo = (
        target.server.conninfo("x", target.database.name).encode().replace(b"user=x", b"user='" + ODD_USERS[odd] + b"'")
    )
    attempt = psycopg.pq.PGconn.connect(conninfo)
    assert attempt.status != psycopg.pq.ConnStatus.OK
    attempt.finish()
    # Not written by its trigger, so its row is made from the log.
    pid = _read_only_visit(target, name)
    _maintain(target)
    rows = target.run(f"SELECT login_user FROM audit.sessions WHERE backend_pid = {pid}")
    holds(rows == [(name,)], f"the login of {name!r} is recorded as {rows}")


def _read_only_visit(target: Target, user: str, **kw: Any) -> int:
    with target.enter(user, options="-c default_transaction_read_only=on", **kw) as session:
        pid = session.info.backend_pid
    wait_until(
        lambda: any(
            f'"pid":{pid},'.encode() in line and b'"disconnection' in line
            for path in (target.server.data_dir / "log").glob("*.json")
            for line in path.read_bytes().splitlines()
        ),
        "its end is in the log",
    )
    return pid


HOSTS = ("bad.cafe", "dead:beef", "1.2.3.4.5", "fe80::1%eth0", "::::", "a" * 300)


@pytest.mark.parametrize("host", HOSTS)
def test_a_host_that_looks_like_an_address(target: Target, host: str) -> None:
    """With log_hostname the log has names of hosts, which their owners choose: `bad.cafe` is made of hex digits.

    Reading such a line fails, and with it every later call: the log is read no further, for good.
    """
    target.deploy(SESSIONS)
    pid = _visit(target, "before")
    line = _lines(target, f'"pid":{pid},', "disconnection")[0]
    _add(
        target,
        {
            **line,
            "remote_host": host,
            "remote_port": 4711,
            "pid": 4_000_001,
            "session_id": f"{int(time.time()):x}.3d0901",
        },
    )
    _visit(target, "after")
    said = _maintain(target)
    ended_by = {name: _session(target, name)[0] for name in ("before", "after")}
    holds(ended_by == {"before": "server log", "after": "server log"}, f"{ended_by}; maintain() said {said}")


ODD_LINES = {
    "a session_id that is none": {"session_id": "zz.zz"},
    "a long session_id": {"session_id": "f" * 40 + ".1"},
    "a timestamp that is none": {"timestamp": "yesterday"},
    "a pid that is too large": {"pid": 99_999_999_999},
    "a port that is none": {"remote_port": "http", "remote_host": "127.0.0.1"},
    "a NUL in a name": {"application_name": "a\u0000b"},
    "half a surrogate": {"user": "\ud800"},
    "nothing but the message": {"session_id": None, "pid": None, "timestamp": None},
}


@pytest.mark.parametrize("odd", ODD_LINES)
def test_a_line_that_cannot_be_read(target: Target, odd: str) -> None:
    """A line of the log is damaged: that line is lost, and no other."""
    target.deploy(SESSIONS)
    pid = _visit(target, "before")
    line = _lines(target, f'"pid":{pid},', "disconnection")[0]
    _add(target, {**line, "pid": 4_000_001, "session_id": f"{int(time.time()):x}.3d0901", **ODD_LINES[odd]})
    _visit(target, "after")
    said = _maintain(target)
    ended_by = {name: _session(target, name)[0] for name in ("before", "after")}
    holds(ended_by == {"before": "server log", "after": "server log"}, f"{ended_by}; maintain() said {said}")


@pytest.mark.parametrize("name", ["bücher", "книги", "a_%b", 'qu"ote'])
@pytest.mark.parametrize("odd", [False, True])
def test_a_database_whose_name_is_not_ascii(target: Target, name: str, odd: bool) -> None:
    """A name of a database beyond ASCII, and odd bytes in the log: logins that only the log has vanish, verify is 0."""
    admin_url = target.server
    with admin_url.connect() as root:
        root.execute('CREATE DATABASE "{}" TEMPLATE template0'.format(name.replace('"', '""')))
    try:
        with admin_url.connect(database=name, options="-c event_triggers=off") as admin:
            admin.execute(target.render(SESSIONS).encode())
            if odd:
                conninfo = admin_url.conninfo("x", name).encode().replace(b"user=x", b"user='j\xff'")
                psycopg.pq.PGconn.connect(conninfo).finish()
            options = "-c default_transaction_read_only=on"
            with admin_url.connect("alice", name, options=options, application_name="unwritten"):
                pass
            with suppress(psycopg.OperationalError):
                admin_url.connect("absent", name, application_name="refused")
            time.sleep(0.5)
            admin.execute("SELECT audit.maintain(20000)")
            found = admin.execute(
                "SELECT (SELECT count(*) FROM audit.sessions WHERE application = 'unwritten'), "
                "(SELECT count(*) FROM audit.refused_logins WHERE login_user = 'absent')"
            ).fetchone()
        holds(found == (1, 1), f"sessions and refusals that only the log has: {found}")
    finally:
        with admin_url.connect() as root:
            root.execute('DROP DATABASE "{}" WITH (FORCE)'.format(name.replace('"', '""')))


@pytest.mark.slow
def test_a_flood_of_lines(target: Target) -> None:
    """mallory writes lines to the log as fast as she can; one call of maintain() each minute has to keep up with them.

    A session writes some 100 MB of lines in a second and a half, and a call reads 4 to 5 MB.
    """
    target.deploy(SESSIONS)
    with target.enter() as session:
        session.execute("DO $$ BEGIN FOR n IN 1..6000 LOOP RAISE LOG '%', repeat('x', 10000); END LOOP; END $$")
    _visit(target, "after the flood")
    begin = time.monotonic()
    said = target.value("SELECT audit.maintain(20000)")
    taken = time.monotonic() - begin
    assert taken < 60
    holds(not said.get("behind"), f"after one call, of {taken:.1f} s: {said.get('log') or said}")


@pytest.mark.slow
def test_a_log_that_is_removed_unread(target: Target) -> None:
    """Files of the log are removed before maintain() has read them: their logins are missing, and no gap says so."""
    target.deploy(SESSIONS)
    _visit(target, "read")
    _maintain(target)
    _read_only_visit(target, "alice")
    old = _log(target)
    time.sleep(1.1)  # names of files have seconds
    target.run("SELECT pg_rotate_logfile()")
    wait_until(lambda: _log(target) != old, "another file is begun")
    lost = old.read_bytes()
    old.unlink()
    try:
        _maintain(target)
        gaps = target.run("SELECT reason FROM audit.coverage_gaps")
    finally:
        if not old.exists():
            old.write_bytes(lost)
    holds(gaps, "a file of the log is gone unread, and coverage has no gap")


EVE_IS_REFUSED = """
CREATE FUNCTION public.no_eve() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
    IF session_user = 'eve' THEN RAISE EXCEPTION 'not eve' USING ERRCODE = 'insufficient_privilege'; END IF;
END $$;
CREATE EVENT TRIGGER no_eve ON login EXECUTE FUNCTION public.no_eve()
"""
CUT = {
    "all of a session": ("alice", ""),
    "its begin": ("alice", '"line_num":1,'),
    "what the trigger wrote": ("alice", '"message":"xtrig {'),
    "its end": ("alice", '"message":"disconnection'),
    "all of one that was refused by a trigger": ("eve", ""),
    "the refusal": ("eve", '"error_severity":"FATAL"'),
}


@pytest.mark.parametrize("cut", CUT)
def test_lines_that_are_missing(target: Target, cut: str) -> None:
    """Lines are cut out of the log between two readings: of a session that wrote no row, or of one that was refused."""
    user, word = CUT[cut]
    target.run("CREATE ROLE eve LOGIN")
    target.deploy(SESSIONS)
    target.run(EVE_IS_REFUSED)
    time.sleep(1.1)  # sessions of the second in which the record began may be older than it
    _visit(target, "first")
    _maintain(target)
    if user == "eve":
        assert target.logs_in("eve", application_name="cut", options="-c default_transaction_read_only=on")
    else:
        _read_only_visit(target, user, application_name="cut")
    wait_until(lambda: bool(_lines(target, '"application_name":"cut"', '"message":"disconnection')), "it has ended")
    pid = _lines(target, '"application_name":"cut"')[0]["pid"]
    path = _log(target)
    lines = path.read_bytes().splitlines(keepends=True)
    kept = [line for line in lines if not (f'"pid":{pid},'.encode() in line and word.encode() in line)]
    assert len(kept) < len(lines)
    path.write_bytes(b"".join(kept))
    _visit(target, "later")
    for _ in range(3):
        # A line may be late, and is asked for by a call 5 s later: now.
        target.run("UPDATE audit.session_state SET kept = jsonb_set(kept, '{counts,due}', '\"-infinity\"')")
        _maintain(target)
    holds(target.run("SELECT reason FROM audit.coverage_gaps"), "lines are cut out of the log, and there is no gap")


def test_lines_that_are_all_there(target: Target) -> None:
    """Whatever ordinary roles do makes no gap: sessions that hang, end while all is read, or write a line of 2 MB."""
    target.deploy(SESSIONS)
    begin = time.monotonic()
    with target.enter("alice") as stays:
        stays.execute(
            "DO $$ BEGIN RAISE LOG '%', repeat('x', 2000000); RAISE LOG 'disconnection: session time: 1'; END $$"
        )
        while time.monotonic() < begin + 2 * SETTLE + 2:
            for user, name in (("alice", "a"), ("mallory", '","session_id":"1.1","line_num":9,'), ("nobody", "b")):
                target.logs_in(user, application_name=name)
            target.value("SELECT audit.maintain(20000)")
        stays.execute("DO $$ BEGIN RAISE LOG 'still there'; END $$")
    _visit(target, "last")
    _maintain(target)
    gaps = target.run("SELECT reason FROM audit.coverage_gaps")
    holds(not gaps, gaps)


def test_the_lock_of_the_row_is_not_to_be_had(target: Target) -> None:
    """Whoever may read may not lock: the reader of the record must not be able to stop maintain()."""
    target.deploy(SESSIONS)
    target.run("GRANT audit_reader TO mallory")
    with target.enter() as session:
        session.execute("BEGIN")
        for attempt in (
            "LOCK TABLE audit.session_state",
            "SELECT * FROM audit.seal FOR SHARE",
            "LOCK TABLE audit.sessions IN ACCESS SHARE MODE",
            "LOCK TABLE audit.seal IN ACCESS SHARE MODE",
        ):
            session.execute("SAVEPOINT s")
            try:
                session.execute(attempt.encode())
            except psycopg.Error:
                session.execute("ROLLBACK TO s")
        pid = _visit(target, "meanwhile")
        time.sleep(SETTLE + 0.5)
        said = target.value("SELECT audit.maintain(20000)")
    assert pid
    if said.get("busy") or not _session(target, "meanwhile")[0]:
        raise AttackSucceededError(f"maintain() said {said}")

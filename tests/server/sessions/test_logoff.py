"""Ends that nobody reports: the window in which a session ended, however it ended."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import Any

import psycopg
import pytest

from tests.server.conftest import on_17_and_18
from tests.server.deploy import wait_until_gone
from tests.server.sessions.recorded import Record, connect_admin, parent_of

BACKLOG = 60_000


def now(record: Record) -> Any:
    return record.value("SELECT clock_timestamp()")


def looked_between(record: Record, application: str, seen: Any, before: Any, gone: Any) -> None:
    """See the window of an end: looked at between `seen` and `before`, when it was alive, and next after `gone`."""
    row = record.session(application)
    assert (row.ended_by, row.logoff_at, row.duration) == ("inferred", None, None)
    assert seen <= row.last_seen_at <= before <= gone <= row.detected_at
    assert row.duration_at_least == row.last_seen_at - row.logon_at
    assert row.duration_at_most == row.detected_at - row.logon_at


@on_17_and_18("inferred")
def test_a_session_that_disconnects_ends_between_two_looks(inferred: Record) -> None:
    with inferred.enter("goes") as session, inferred.enter("stays"):
        seen = now(inferred)
        inferred.maintain()
        pid = session.info.backend_pid
        before = now(inferred)
        session.close()
        wait_until_gone(inferred.admin, pid)
        gone = now(inferred)
        inferred.maintain()
        looked_between(inferred, "goes", seen, before, gone)
        assert inferred.session("stays").ended_by is None


def test_a_session_that_nobody_saw_was_last_seen_at_its_login(inferred: Record) -> None:
    inferred.visit("brief")
    inferred.maintain()
    row = inferred.session("brief")
    assert (row.ended_by, row.last_seen_at, row.session_id) == ("inferred", row.logon_at, None)


@on_17_and_18("inferred")
def test_a_terminated_session_has_ended(inferred: Record) -> None:
    with inferred.enter("terminated") as session:
        seen = now(inferred)
        inferred.maintain()
        before = now(inferred)
        assert inferred.value("SELECT pg_terminate_backend(%s, 5000)", session.info.backend_pid)
        gone = now(inferred)
        inferred.maintain()
        looked_between(inferred, "terminated", seen, before, gone)


def end_with(record: Record, how: str) -> None:
    """End all sessions by force."""
    pid = record.session("forced").backend_pid
    if how == "kill -9":
        assert parent_of(pid) == record.server.pid
        os.kill(pid, signal.SIGKILL)
        time.sleep(0.2)  # until the server has noticed, and throws everybody out
    elif how == "crash":
        record.server.crash()
    else:
        record.server.restart()
    record.reconnect()


@on_17_and_18("inferred")
@pytest.mark.parametrize("how", ["kill -9", "crash", "restart"])
def test_no_session_outlives_its_server(inferred: Record, how: str) -> None:
    with inferred.enter("forced"):
        inferred.maintain()
        end_with(inferred, how)
        inferred.visit("afterwards")
        inferred.maintain()
        row = inferred.session("forced")
        assert row.ended_by == "inferred"
        # Not the time of the look: by then the new server had been running for some time.
        if how != "kill -9":
            assert row.detected_at == inferred.value("SELECT pg_postmaster_start_time()")
        assert row.logon_at <= row.last_seen_at <= row.detected_at
        assert inferred.session("afterwards").ended_by == "inferred"


@on_17_and_18("inferred")
def test_a_reused_pid_is_another_session(inferred: Record) -> None:
    # Of two rows with the pid of a session that is open, the older one is of a session that is not.
    with inferred.enter("new") as session:
        inferred.run(
            "INSERT INTO @.session_inbox (login_user, application, backend_pid, started_at) "
            "VALUES ('bob', 'old', %s, now() - interval '1 hour')",
            session.info.backend_pid,
        )
        inferred.maintain()
        assert inferred.session("new").ended_by is None
        assert inferred.session("old").ended_by == "inferred"


def test_a_reused_pid_is_another_session_even_when_the_older_one_was_seen_alive(inferred: Record) -> None:
    with inferred.enter("new") as session:
        inferred.run(
            "INSERT INTO @.session_inbox (login_user, application, backend_pid, started_at, backend_start) "
            "VALUES ('bob', 'old', %s, now(), now() - interval '1 hour')",
            session.info.backend_pid,
        )
        inferred.maintain()
        assert inferred.session("new").ended_by is None
        assert inferred.session("old").ended_by == "inferred"


@on_17_and_18("inferred")
def test_logins_look_when_nobody_else_does(inferred: Record) -> None:
    inferred.visit("gone")
    inferred.look_at_login()
    assert inferred.session("gone").ended_by == "inferred"


def test_a_login_looks_only_when_it_is_time(inferred: Record) -> None:
    inferred.visit("gone")
    inferred.run("UPDATE @.session_state SET reap_due = now() + interval '1 hour'")
    inferred.run("SELECT @.reap_at_login()")
    # The view tells it all the same.
    assert inferred.value("SELECT ended_by FROM @.session_inbox WHERE application = 'gone'") is None
    assert inferred.session("gone").ended_by == "inferred"


def test_a_login_that_looks_does_bounded_work(inferred: Record) -> None:
    inferred.run(
        "INSERT INTO @.session_inbox (login_user, application, backend_pid, started_at) "
        f"SELECT 'bob', 'backlog', 1, now() - interval '1 day' FROM generate_series(1, {BACKLOG})"
    )
    pages = inferred.value("SELECT pg_relation_size('@.session_inbox') / 8192")
    assert pages > 512
    marked = "SELECT count(*) FROM @.session_inbox WHERE ended_by IS NOT NULL"
    inferred.look_at_login()
    assert inferred.value(marked) == 1000
    # The looks go round, so that every page has its turn.
    for _ in range(pages // 256 + 2):
        inferred.run("UPDATE @.session_state SET reap_due = '-infinity'")
        inferred.run("SELECT @.reap_at_login()")
    blocks = "SELECT DISTINCT (ctid::text::point)[0]::integer / 256 FROM @.session_inbox WHERE ended_by IS NULL"
    touched = inferred.value(marked)
    assert 1000 * (pages // 256) <= touched <= 1000 * (pages // 256 + 3)
    assert len(inferred.run(blocks)) >= pages // 256
    inferred.run("SELECT @.maintain(20000)")
    assert inferred.value(marked) >= BACKLOG - 20_000  # put away: as many as it takes at a time


@on_17_and_18("inferred")
def test_several_who_look_at_once_neither_wait_nor_count_twice(inferred: Record) -> None:
    for number in range(20):
        inferred.enter(f"gone {number}").close()
    said: list[object] = []

    def look() -> None:
        with connect_admin(inferred.database) as session:
            for _ in range(5):
                session.execute("UPDATE audit.session_state SET reap_due = now() - interval '1 hour'")
                session.execute("SELECT audit.reap_at_login()")
                said.append(session.execute("SELECT audit.maintain()").fetchone())

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    inferred.maintain()
    assert len(said) == 20
    rows = [row for row in inferred.sessions() if row.application.startswith("gone ")]
    assert len(rows) == len({row.application for row in rows}) == 20
    assert {row.ended_by for row in rows} == {"inferred"}
    assert inferred.findings() == []


def test_maintain_says_so_when_another_one_runs(inferred: Record) -> None:
    with connect_admin(inferred.database) as other:
        other.execute("BEGIN; SELECT * FROM audit.session_state FOR UPDATE")
        assert inferred.maintain() == {"busy": True}
        # No login waits for it either.
        inferred.run("SELECT @.reap_at_login()")


@pytest.mark.parametrize("isolation", ["repeatable read", "serializable"])
def test_a_login_in_another_isolation_level_is_let_in_and_does_not_look(inferred: Record, isolation: str) -> None:
    inferred.run("UPDATE @.session_state SET reap_due = '-infinity'")
    option = f"-c default_transaction_isolation={isolation.replace(' ', chr(92) + ' ')}"
    time.sleep((0.99 - time.time()) % 1)
    inferred.enter("isolated", options=option).close()
    assert inferred.session("isolated").login_user == "alice"
    assert inferred.value("SELECT reap_due = '-infinity' FROM @.session_state")
    with (
        pytest.raises(psycopg.errors.RaiseException, match="read committed"),
        connect_admin(inferred.database) as admin,
    ):
        admin.execute(f"BEGIN ISOLATION LEVEL {isolation}; SELECT audit.maintain()".encode())

"""``if_unsupported: infer`` on PostgreSQL 17 and 18: every session ends exactly once, marked as inferred."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql

import xtrig
from tests.server.conftest import Database
from tests.server.deploy import deploy, execute, wait_until, wait_until_gone

pytestmark = pytest.mark.server

DEFINITION = """
xtrig: 1
schema: audit
tables:
  log:
    columns:
      id: {type: bigint, identity: true, primary_key: true}
      event: text
      tag: text
      who: text
      pid: integer
      application: text
functions:
  record:
    steps:
      - insert: log
        values:
          event: ${event}
          tag: ${tag}
          who: ${login_user}
          pid: ${backend_pid}
          application: ${application}
triggers:
  a_logon: {event: logon, run: record}
  b_logoff: {event: logoff, run: record, if_unsupported: infer}
"""
OBSERVER = {"options": "-c event_triggers=off"}
"""A superuser whose own logins and logoffs leave no rows."""


class Audited:
    """A database with the definition live, an observer in it, and an ordinary role."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.sessions: list[psycopg.Connection[Any]] = []
        self.observe()
        self.observer.execute("DROP ROLE IF EXISTS erin")
        self.observer.execute("CREATE ROLE erin LOGIN")
        deploy(self.observer, DEFINITION)

    def login(self, application: str = "", user: str = "erin", **more: Any) -> psycopg.Connection[Any]:
        session = self.database.connect(user, application_name=application, **more)
        self.sessions.append(session)
        return session

    def observe(self) -> None:
        """Connect the observer, anew after a crash."""
        self.observer = self.database.connect(**OBSERVER)
        self.sessions.append(self.observer)

    def close(self) -> None:
        """Close every connection that was made here."""
        for session in self.sessions:
            session.close()

    def logout(self, session: psycopg.Connection[Any]) -> int:
        """Disconnect, wait until the server has noticed, and return the session's pid."""
        pid = session.info.backend_pid
        session.close()
        wait_until_gone(self.observer, pid)
        return pid

    def notice(self) -> None:
        """Log in and out once, so that what has ended is seen."""
        self.logout(self.login("notice", user="postgres"))

    def rows(self, event: str, application: str | None = None) -> list[tuple[Any, ...]]:
        query = "SELECT who, pid, tag FROM audit.log WHERE event = %s AND (%s::text IS NULL OR application = %s)"
        return self.observer.execute(query, (event, application, application)).fetchall()

    def open_sessions(self) -> int:
        row = self.observer.execute("SELECT count(*) FROM audit.b_logoff_open").fetchone()
        assert row is not None
        return int(row[0])


@pytest.fixture
def audited(login_database: Database) -> Iterator[Audited]:
    audited = Audited(login_database)
    yield audited
    audited.close()


def test_a_disconnected_session_gets_one_logoff_with_its_own_facts(audited: Audited) -> None:
    pid = audited.logout(audited.login("report"))
    audited.notice()
    audited.notice()
    assert audited.rows("logon", "report") == [("erin", pid, "LOGIN")]
    assert audited.rows("logoff", "report") == [("erin", pid, "INFERRED")]


def test_an_open_session_has_no_logoff(audited: Audited) -> None:
    session = audited.login("open")
    for _ in range(3):
        audited.notice()
    assert audited.rows("logoff", "open") == []
    audited.logout(session)
    audited.notice()
    assert len(audited.rows("logoff", "open")) == 1


def test_a_terminated_session_gets_one_logoff(audited: Audited) -> None:
    session = audited.login("killed")
    pid = session.info.backend_pid
    audited.observer.execute("SELECT pg_terminate_backend(%s)", (pid,))
    wait_until_gone(audited.observer, pid)
    audited.notice()
    audited.notice()
    assert audited.rows("logoff", "killed") == [("erin", pid, "INFERRED")]


def test_sessions_lost_in_a_crash_get_one_logoff_each(audited: Audited) -> None:
    sessions = [audited.login("crashed") for _ in range(3)]
    pids = {session.info.backend_pid for session in sessions}
    server = audited.database.server
    server.crash()
    server.start()
    audited.observe()
    audited.notice()
    audited.notice()
    logoffs = audited.rows("logoff", "crashed")
    assert {pid for _, pid, _ in logoffs} == pids
    assert len(logoffs) == 3


def test_a_reused_pid_is_not_taken_for_the_old_session(audited: Audited) -> None:
    living = audited.login("living")
    pid = living.info.backend_pid
    # As if an older process of that number had been here, and ended before this one began.
    audited.observer.execute(
        "INSERT INTO audit.b_logoff_open (backend_pid, logged_on_at, login_user, application)"
        " SELECT pid, backend_start - interval '1 hour', 'older', 'reused' FROM pg_stat_activity WHERE pid = %s",
        (pid,),
    )
    audited.notice()
    assert audited.rows("logoff", "reused") == [("older", pid, "INFERRED")]
    assert audited.rows("logoff", "living") == []


def test_one_login_records_a_bounded_number(audited: Audited) -> None:
    audited.observer.execute(
        "INSERT INTO audit.b_logoff_open (backend_pid, logged_on_at, login_user, application)"
        " SELECT 4000000 + n, now() - n * interval '1 s', 'gone', 'backlog' FROM generate_series(1, 50) AS n"
    )
    audited.notice()
    assert len(audited.rows("logoff", "backlog")) == 20
    audited.notice()
    audited.notice()
    assert len(audited.rows("logoff", "backlog")) == 50


def test_parallel_logins_record_each_end_once(audited: Audited) -> None:
    def work(number: int) -> None:
        for turn in range(8):
            audited.login(f"p{number}.{turn}").close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counting = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'erin'"
    wait_until(lambda: audited.observer.execute(counting).fetchone() == (0,), "all sessions end")
    for _ in range(4):
        audited.notice()
    query = "SELECT event, application FROM audit.log WHERE application LIKE 'p%'"
    seen = Counter(audited.observer.execute(query).fetchall())
    wanted = {(event, f"p{number}.{turn}") for event in ("logon", "logoff") for number in range(6) for turn in range(8)}
    assert set(seen) == wanted
    assert set(seen.values()) == {1}


@pytest.mark.parametrize("isolation", ["repeatable read", "serializable"])
def test_a_clients_isolation_level_does_not_break_its_login(audited: Audited, isolation: str) -> None:
    audited.logout(audited.login("before"))
    escaped = isolation.replace(" ", r"\ ")
    session = audited.login("strict", options=f"-c default_transaction_isolation={escaped}")
    assert session.execute("SHOW transaction_isolation").fetchone() == (isolation,)
    assert len(audited.rows("logoff", "before")) == 1
    audited.logout(session)


def test_a_read_only_session_is_let_in_and_leaves_no_row(audited: Audited) -> None:
    audited.logout(audited.login("readonly", options="-c default_transaction_read_only=on"))
    audited.notice()
    assert audited.rows("logon", "readonly") == []
    assert audited.rows("logoff", "readonly") == []


def test_a_denied_login_leaves_nothing_open(audited: Audited) -> None:
    denying = (
        "xtrig: 1\ntriggers:\n  z_deny:\n    event: logon\n    steps:\n"
        "      - {deny: 'no', when: \"${application} = 'denied'\"}\n"
    )
    deploy(audited.observer, denying)
    with pytest.raises(psycopg.OperationalError, match="no"):
        audited.login("denied")
    audited.notice()
    audited.notice()
    assert audited.rows("logoff", "denied") == []


def test_when_the_log_table_is_gone_logins_go_on_and_ends_are_kept_for_later(audited: Audited) -> None:
    audited.logout(audited.login("early"))
    audited.observer.execute("ALTER TABLE audit.log RENAME TO log_away")
    audited.notice()
    audited.observer.execute("ALTER TABLE audit.log_away RENAME TO log")
    audited.notice()
    assert len(audited.rows("logoff", "early")) == 1


def test_a_row_that_cannot_be_recorded_does_not_hold_up_the_others(audited: Audited) -> None:
    audited.observer.execute("ALTER TABLE audit.log ADD CHECK (application <> 'poison')")
    audited.logout(audited.login("poison"))
    audited.logout(audited.login("good"))
    audited.notice()
    assert len(audited.rows("logoff", "good")) == 1
    assert audited.rows("logoff", "poison") == []
    assert '"outcome" : "not recorded"' in audited.database.server.log_text()


def test_an_owner_who_cannot_see_other_sessions_takes_none_for_ended(audited: Audited) -> None:
    audited.observer.execute(
        "DROP ROLE IF EXISTS weak; CREATE ROLE weak; GRANT USAGE ON SCHEMA audit TO weak;"
        "GRANT ALL ON audit.log, audit.b_logoff_open TO weak;"
        "ALTER FUNCTION audit.b_logoff_inferred() OWNER TO weak"
    )
    living = audited.login("living")
    audited.notice()
    assert audited.rows("logoff", "living") == []
    audited.logout(living)
    audited.notice()
    assert len(audited.rows("logoff", "living")) == 1
    audited.observer.execute("ALTER FUNCTION audit.b_logoff_inferred() OWNER TO postgres; DROP OWNED BY weak")


def test_ordinary_roles_can_neither_read_nor_write_the_open_sessions(audited: Audited) -> None:
    with audited.login("nosy") as session:
        for statement in ("TABLE {}", "DELETE FROM {}", "INSERT INTO {} VALUES (1, now())"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                session.execute(sql.SQL(statement).format(sql.Identifier("audit", "b_logoff_open")))


def test_the_drop_script_leaves_only_the_tables(audited: Audited) -> None:
    triggers = xtrig.load_text(DEFINITION)
    with audited.login("open"):
        kept = audited.open_sessions()
        execute(audited.observer, xtrig.render(triggers, drop=True))
    left = (
        "SELECT (SELECT count(*) FROM pg_event_trigger), (SELECT count(*) FROM pg_proc WHERE proname LIKE '%inferred')"
    )
    assert audited.observer.execute(left).fetchone() == (0, 0)
    assert audited.open_sessions() == kept > 0
    assert [who for (who,) in audited.observer.execute("SELECT who FROM audit.log WHERE application = 'open'")] == [
        "erin"
    ]
    execute(audited.observer, xtrig.render(triggers, drop=True, with_data=True))
    assert audited.observer.execute("SELECT to_regclass('audit.b_logoff_open')").fetchone() == (None,)

"""Logins that were refused: told by the server's own log, and no sessions."""

from __future__ import annotations

import threading
from collections.abc import Callable

import psycopg
import pytest

from tests.server.conftest import on_17_and_18
from tests.server.sessions.recorded import Record, connect_admin

LATER = """
CREATE FUNCTION public.no() RETURNS event_trigger LANGUAGE plpgsql AS
    $$ BEGIN IF session_user = 'eve' THEN RAISE EXCEPTION 'not you'; END IF; END $$;
CREATE EVENT TRIGGER zzz ON login EXECUTE FUNCTION public.no();
"""


def refused(record: Record, attempt: Callable[[], object]) -> tuple[str, str, str]:
    """Have a login refused; return what the record says of it."""
    with pytest.raises(psycopg.OperationalError):
        attempt()
    record.wait_for_line('"error_severity":"FATAL"')
    record.maintain()
    ((user, application, client_ip, sqlstate, message),) = record.run(
        "SELECT login_user, application, client_ip, sqlstate, message FROM @.refused_logins"
    )
    # The application is not known before the login is nearly through.
    assert application in ("refused", "[unknown]", None)
    assert [row for row in record.sessions() if row.application == "refused"] == []
    assert record.maintain()["refused"] == 0
    assert record.value("SELECT count(*) FROM @.refused_logins") == 1
    assert record.findings() == []
    return user, sqlstate, f"{client_ip}: {message}"


@on_17_and_18("logged")
def test_a_login_that_another_trigger_denies_is_refused(logged: Record) -> None:
    logged.run(LATER)
    assert refused(logged, lambda: logged.enter("refused", "eve")) == ("eve", "P0001", "None: not you")


@on_17_and_18("logged")
def test_a_login_of_nobody_is_refused(logged: Record) -> None:
    found = refused(logged, lambda: logged.enter("refused", "nobody"))
    assert found == ("nobody", "28000", 'None: role "nobody" does not exist')


@on_17_and_18("logged")
def test_a_wrong_password_is_refused(logged: Record) -> None:
    found = refused(logged, lambda: logged.enter("refused", "bob", tcp=True, password="wrong"))
    assert found == ("bob", "28P01", '127.0.0.1: password authentication failed for user "bob"')


def test_one_connection_too_many_is_refused(logged: Record) -> None:
    logged.run("ALTER ROLE bob CONNECTION LIMIT 1")
    try:
        with logged.enter("first", "bob"):
            found = refused(logged, lambda: logged.enter("refused", "bob"))
            assert found == ("bob", "53300", 'None: too many connections for role "bob"')
    finally:
        logged.run("ALTER ROLE bob CONNECTION LIMIT -1")


def test_an_option_that_is_not_allowed_is_refused(logged: Record) -> None:
    found = refused(logged, lambda: logged.enter("refused", options="-c session_replication_role=replica"))
    assert found[:2] == ("alice", "42501")


def test_a_name_of_odd_bytes_is_refused_and_told(logged: Record) -> None:
    name = "od\udcffd"  # a byte that is no UTF-8
    conninfo = f"{logged.server.conninfo(database=logged.database.name)} user="

    def attempt() -> None:
        connection = psycopg.pq.PGconn.connect(conninfo.encode() + name.encode("utf-8", "surrogateescape"))
        assert connection.status != psycopg.pq.ConnStatus.OK
        connection.finish()
        raise psycopg.OperationalError

    assert refused(logged, attempt)[:2] == ("od?d", "28000")


def test_a_session_that_ends_with_an_error_was_not_refused(logged: Record) -> None:
    with logged.enter("ended") as session:
        pid = session.info.backend_pid
        assert logged.value("SELECT pg_terminate_backend(%s, 5000)", pid)
    logged.wait_for_line('"error_severity":"FATAL"', f'"pid":{pid},')
    logged.wait_for_end(pid)
    logged.maintain()
    assert logged.run("SELECT * FROM @.refused_logins") == []
    assert logged.session("ended").ended_by == "server log"


def test_a_row_made_from_a_line_is_taken_back_when_the_login_is_refused_later(logged: Record) -> None:
    logged.run(LATER.replace("RAISE EXCEPTION", "PERFORM pg_advisory_xact_lock(1); RAISE EXCEPTION"))
    refusals: list[str] = []

    def log_in() -> None:
        with pytest.raises(psycopg.OperationalError) as refusal:
            logged.enter("slowly", "eve", options="-c default_transaction_read_only=on")
        refusals.append(str(refusal.value))

    login = threading.Thread(target=log_in)
    logged.run("SELECT pg_advisory_lock(1)")
    try:
        login.start()
        logged.wait_for_line('"message":"xtrig {', "slowly")
        logged.maintain()
        assert logged.session("slowly").source == "login trigger, by its log line"
    finally:
        logged.run("SELECT pg_advisory_unlock(1)")
        login.join()
    logged.wait_for_line('"error_severity":"FATAL"', "not you")
    logged.maintain()
    assert len(refusals) == 1
    assert logged.sessions("slowly") == []
    assert logged.value("SELECT count(*) FROM @.refused_logins") == 1


def test_a_login_that_could_not_be_written_and_was_then_refused_is_no_session(logged: Record) -> None:
    # Both lines are read at once.
    logged.run(LATER)
    with connect_admin(logged.database) as locker:
        locker.execute("BEGIN; LOCK TABLE audit.session_inbox IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(psycopg.OperationalError, match="not you"):
            logged.enter("refused", "eve")
        locker.execute("ROLLBACK")
    logged.wait_for_line("not you")
    logged.maintain()
    assert logged.sessions("refused") == []
    assert logged.run("SELECT login_user, message FROM @.refused_logins") == [("eve", "not you")]

"""What people without rights try against the record: each is one attempt, and the record is looked at afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import psycopg
import pytest
from psycopg import pq

from tests.server.sessions.attempts import DENIED, LET_IN, NAMES, REFUSED
from tests.server.sessions.recorded import Record, connect_admin, make_people, recorded
from xtrig_pgfamily.embedded.server import EmbeddedServer

NUMBERS = count(1)


@pytest.fixture(scope="module")
def attacked(log_server: EmbeddedServer) -> Iterator[Record]:
    """One record for all attempts: none may harm it for the next one."""
    make_people(log_server, "mallory", "maker", "holder", "grp")
    with recorded(log_server, durability="relaxed", look_every="1s") as record:
        name = record.database.name
        record.run("GRANT grp TO mallory; CREATE SCHEMA play; GRANT CREATE, USAGE ON SCHEMA play TO mallory")
        record.run(f"ALTER ROLE maker CREATEROLE CREATEDB; GRANT CREATE ON DATABASE {name} TO mallory, maker")
        record.run(f"ALTER DATABASE {name} OWNER TO holder")
        yield record
        # A database's owner, and what roles were given, go with the server.
        record.run(f"ALTER DATABASE {name} OWNER TO postgres")


def is_whole(record: Record, who: str) -> None:
    """See that a login of the role is still recorded, once and under its name."""
    application = f"after {next(NUMBERS)}"
    record.enter(application, who).close()
    assert record.session(application).login_user == who
    assert record.value("SELECT evtenabled = 'A' FROM pg_event_trigger WHERE evtname = 'session_audit_logon'")


@pytest.mark.parametrize("option", LET_IN)
def test_no_option_of_a_connection_hides_a_login(attacked: Record, option: str) -> None:
    application = f"option {next(NUMBERS)}"
    with attacked.enter(application, "mallory", options=f"-c {option}"):
        assert attacked.session(application).login_user == "mallory"


@pytest.mark.parametrize("option", REFUSED)
def test_the_options_that_would_hide_a_login_refuse_it(attacked: Record, option: str) -> None:
    application = f"option {next(NUMBERS)}"
    with pytest.raises(psycopg.OperationalError, match="FATAL"):
        attacked.enter(application, "mallory", options=f"-c {option}")
    assert attacked.sessions(application) == []


@pytest.mark.parametrize("who", ["mallory", "maker", "holder"])
@pytest.mark.parametrize("attempt", DENIED)
def test_nothing_that_people_without_rights_try_touches_the_record(attacked: Record, attempt: str, who: str) -> None:
    begin = "" if attempt.startswith("ALTER SYSTEM") else "BEGIN; "
    with attacked.enter("attempt", who) as session, pytest.raises(psycopg.errors.InsufficientPrivilege):
        session.execute(f"{begin}{attempt.replace('mallory', who)}".encode())


@pytest.mark.parametrize("who", ["mallory", "maker", "holder"])
def test_the_record_is_whole_after_all_attempts(attacked: Record, who: str) -> None:
    is_whole(attacked, who)
    attacked.maintain()
    assert attacked.findings() == []
    assert attacked.run("SELECT * FROM @.coverage_gaps") == []
    assert (
        attacked.value(
            "SELECT count(*) FROM pg_auth_members WHERE roleid::regrole::text IN ('audit_owner', 'audit_writer')"
        )
        == 0
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_application_name_is_only_a_name(attacked: Record, name: str) -> None:
    with attacked.enter(name, "mallory") as session:
        ((application, user),) = attacked.run(
            "SELECT application, login_user FROM @.sessions WHERE backend_pid = %s AND ended_by IS NULL",
            session.info.backend_pid,
        )
        assert (application, user) == (name[:63].replace("\n", "\\x0a"), "mallory")
    attacked.maintain()
    assert attacked.findings() == []


@pytest.mark.parametrize("encoding", ["SJIS", "BIG5", "GB18030", "LATIN1"])
def test_odd_bytes_in_a_name_hide_nothing(attacked: Record, encoding: str) -> None:
    conninfo = f"{attacked.server.conninfo('mallory', attacked.database.name)} client_encoding={encoding}"
    connection = pq.PGconn.connect(conninfo.encode() + b" application_name='\x83\x5c\xff odd'")
    assert connection.status == pq.ConnStatus.OK
    query = "SELECT count(*) FROM @.session_inbox WHERE backend_pid = %s AND application LIKE '%%odd'"
    assert attacked.value(query, connection.backend_pid) == 1
    connection.finish()


def test_objects_of_ones_own_are_not_taken_for_the_servers(attacked: Record) -> None:
    with attacked.enter("shadows", "mallory") as session:
        for each in (
            "current_setting(text) RETURNS text",
            "set_config(text, text, boolean) RETURNS text",
            "inet_client_addr() RETURNS inet",
            "pg_backend_pid() RETURNS integer",
            "json_build_object(VARIADIC text[]) RETURNS json",
            "less(timestamptz, timestamptz) RETURNS boolean",
        ):
            body = "LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'shadow'; END $$"
            session.execute(f"CREATE FUNCTION play.{each} {body}".encode())
        for operator in ("<", "="):
            session.execute(
                f"CREATE OPERATOR play.{operator} "
                "(LEFTARG = timestamptz, RIGHTARG = timestamptz, FUNCTION = play.less)".encode()
            )
        session.execute("CREATE TEMP TABLE session_inbox (login_user name)")
        session.execute("CREATE TABLE play.session_inbox (x integer)")
        session.execute("ALTER ROLE mallory SET search_path = play, pg_catalog, pg_temp")
    is_whole(attacked, "mallory")
    attacked.run("ALTER ROLE mallory RESET ALL")


def test_advisory_locks_hold_up_nobody(attacked: Record) -> None:
    with attacked.enter("locks", "mallory") as session:
        session.execute("SELECT pg_advisory_lock(n), pg_advisory_lock(n, n) FROM generate_series(1, 200) AS n")
        is_whole(attacked, "mallory")
        assert "busy" not in attacked.maintain()


def test_a_role_that_makes_roles_makes_no_member_of_the_owner(attacked: Record) -> None:
    with attacked.enter("makes", "maker") as session:
        session.execute("CREATE ROLE made LOGIN")
        for attempt in (
            "GRANT audit_owner TO made",
            "GRANT audit_writer TO made",
            "ALTER ROLE audit_owner PASSWORD 'x'",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                session.execute(attempt.encode())
        session.execute("DROP ROLE made")


def test_who_owns_the_database_can_switch_triggers_off_for_it_in_no_way(attacked: Record) -> None:
    name = attacked.database.name
    with attacked.enter("owns", "holder") as session:
        for setting in ("event_triggers = off", "session_replication_role = replica", "log_min_messages = panic"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                session.execute(f"ALTER DATABASE {name} SET {setting}".encode())
        # It may make everybody's sessions read-only. Then a line in the log is what tells of them.
        session.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on".encode())
        attacked.enter("told", "mallory").close()
        session.execute(f"ALTER DATABASE {name} RESET ALL".encode())
    attacked.wait_for_line('"message":"xtrig {', '\\"told\\"')
    is_whole(attacked, "mallory")


def test_a_row_lock_of_somebody_who_may_take_it_holds_up_no_login(attacked: Record) -> None:
    with connect_admin(attacked.database) as locker:
        locker.execute("BEGIN; SELECT * FROM audit.session_state FOR UPDATE")
        is_whole(attacked, "mallory")

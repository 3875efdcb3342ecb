"""What is recorded of a session, who may read it, and where a login cannot be written down."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

import xtrig
from tests.server.conftest import Database, on_17_and_18
from tests.server.deploy import wait_until
from tests.server.sessions.recorded import LOG, Record, connect_admin, make_people, recorded
from xtrig.audit import session_audit
from xtrig.deploy import RefusedPlanError, apply
from xtrig_pgfamily.embedded.server import EmbeddedServer

READ_ONLY = "-c default_transaction_read_only=on"


@on_17_and_18("logged")
def test_a_session_is_one_row_with_the_values_that_the_server_knows(logged: Record) -> None:
    before = datetime.now(UTC)
    with logged.enter("over tcp", tcp=True, password="right") as session:
        pid = session.info.backend_pid
        port = session.execute("SELECT inet_client_port()").fetchone()
        open_row = logged.session("over tcp")
    line = logged.wait_for_end(pid)
    logged.maintain()
    row = logged.session("over tcp")
    assert (row.login_user, row.database_name, row.client_ip) == ("alice", logged.database.name, "127.0.0.1")
    assert port == (row.client_port,)
    assert (row.auth_method, row.backend_pid, row.instance) == ("scram-sha-256", pid, "1")
    assert row.session_id == line["session_id"]
    written = datetime.strptime(line["timestamp"], "%Y-%m-%d %H:%M:%S.%f UTC").replace(tzinfo=UTC)
    assert (row.logoff_at, row.ended_by, row.source) == (written, "server log", "login trigger")
    assert before - timedelta(seconds=1) < row.logon_at <= row.logoff_at < datetime.now(UTC) + timedelta(seconds=1)
    assert (row.duration, row.duration_at_least, row.duration_at_most) == (row.logoff_at - row.logon_at, None, None)
    assert open_row == row._replace(session_id=None, logoff_at=None, ended_by=None, duration=None)
    assert logged.value("SELECT auth_identity FROM @.session_log WHERE backend_pid = %s", pid) == "alice"


@pytest.mark.parametrize("way", ["renamed", "copied"])
def test_a_session_belongs_to_the_database_as_it_was_called_at_login(way: str, log_server: EmbeddedServer) -> None:
    """Its row is put away under another name of the database, or in a copy of it."""
    with recorded(log_server, look_every="60min") as record:
        record.visit("before")
        record.admin.close()
        before, after = record.database.name, f"{record.database.name}_{way}"
        moved = f"ALTER DATABASE {before} RENAME TO" if way == "renamed" else f"CREATE DATABASE {after} TEMPLATE"
        with log_server.connect() as server:
            server.execute(f"{moved} {after if way == 'renamed' else before}".encode())
            try:
                record.database = Database(log_server, after)
                record.admin = connect_admin(record.database)
                record.visit("after")
                for _ in range(2):
                    names = [record.session(each).database_name for each in ("before", "after")]
                    assert names == [before, after]
                    record.maintain()
            finally:
                record.admin.close()
                back = f"ALTER DATABASE {after} RENAME TO {before}" if way == "renamed" else f"DROP DATABASE {after}"
                server.execute(back.encode())


def test_over_the_socket_there_is_no_address(inferred: Record) -> None:
    with inferred.enter("socket"):
        row = inferred.session("socket")
    assert (row.client_ip, row.client_port, row.auth_method) == (None, None, None)


def test_the_id_of_an_open_session_is_known_once_somebody_has_looked(inferred: Record) -> None:
    with inferred.enter("open") as session:
        assert inferred.session("open").session_id is None
        inferred.maintain()
        line = inferred.wait_for_line(f'"pid":{session.info.backend_pid},', '"message":"connection authorized')
        row = inferred.session("open")
        assert (row.session_id, row.ended_by) == (line["session_id"], None)


def test_what_happens_in_a_session_changes_nothing_in_its_row(inferred: Record) -> None:
    with inferred.enter("first") as session:
        before = inferred.session("first")
        session.execute("SET application_name = 'second'")
        session.execute("DISCARD ALL")
        inferred.maintain()
        after = inferred.session("first")
        assert inferred.sessions("second") == []
        assert before._replace(session_id=after.session_id) == after


def test_a_superuser_is_recorded_too(inferred: Record) -> None:
    inferred.enter("root", "postgres").close()
    assert inferred.session("root").login_user == "postgres"


@on_17_and_18("inferred")
def test_the_reader_reads_the_views_and_nothing_else(inferred: Record) -> None:
    inferred.visit("somebody")
    inferred.maintain()
    inferred.run("GRANT audit_reader TO eve")
    try:
        with inferred.enter("reads", "eve") as reader:
            assert reader.execute("SELECT count(*) FROM audit.sessions").fetchone() == (2,)
            for view in ("refused_logins", "coverage_gaps", "tamper_findings", "seal"):
                reader.execute(f"SELECT * FROM audit.{view}".encode())
            for attempt in (
                "SELECT * FROM audit.session_inbox",
                "SELECT * FROM audit.session_log",
                "SELECT * FROM audit.refused_login",
                "SELECT * FROM audit.coverage",
                "SELECT * FROM audit.session_state",
                "SELECT * FROM audit.log_position",
                "DELETE FROM audit.sessions",
                "INSERT INTO audit.sessions (login_user) VALUES ('x')",
                "UPDATE audit.refused_logins SET login_user = 'x'",
                "DELETE FROM audit.seal",
                "SELECT audit.maintain()",
                "SELECT audit.reap(0, 1, 1)",
                "CREATE TABLE audit.mine (x integer)",
            ):
                with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.ObjectNotInPrerequisiteState)):
                    reader.execute(attempt.encode())
    finally:
        inferred.run("REVOKE audit_reader FROM eve")


@on_17_and_18("inferred")
def test_nobody_can_be_the_owner_or_the_writer(inferred: Record) -> None:
    query = "SELECT rolname FROM pg_roles WHERE rolname LIKE 'audit\\_%' AND (rolcanlogin OR rolsuper OR rolcreaterole)"
    assert inferred.run(query) == []
    owners = "SELECT DISTINCT proowner::regrole::text FROM pg_proc WHERE pronamespace = 'audit'::regnamespace"
    assert sorted(inferred.run(owners)) == [("audit_owner",), ("audit_writer",)]


@pytest.mark.parametrize(
    ("harm", "undo", "said"),
    [
        ("GRANT audit_writer TO eve", "REVOKE audit_writer FROM eve", "role audit_writer has the member eve"),
        ("GRANT audit_owner TO eve", "REVOKE audit_owner FROM eve", "role audit_owner has the member eve"),
        ("ALTER ROLE audit_writer LOGIN", "ALTER ROLE audit_writer NOLOGIN", "role audit_writer may log in"),
    ],
)
def test_it_is_not_deployed_while_somebody_can_be_the_owner(inferred: Record, harm: str, undo: str, said: str) -> None:
    triggers = session_audit(ddl=False, look_every="60min")
    inferred.run(harm)
    try:
        assert any(said in str(problem) for problem in xtrig.status(triggers, inferred.database.url).problems)
        with pytest.raises((RefusedPlanError, xtrig.errors.DatabaseError), match=said):
            apply(session_audit(ddl=False, look_every="1s"), inferred.database.url)
    finally:
        inferred.run(undo)


def test_a_login_to_a_standby_is_told_to_its_log(tmp_path: Path) -> None:
    with EmbeddedServer(18, tcp=False, settings=LOG) as primary, recorded(primary, logoff="server log") as record:
        make_people(primary)
        with EmbeddedServer(18, tcp=False, primary=primary, settings=LOG) as standby:
            name = record.database.name
            wait_until(lambda: has_trigger(standby, name), "the standby has the trigger")
            standby.connect("alice", name, application_name="there").close()
            found: list[str] = []

            def told() -> bool:
                text = "".join(file.read_text("utf-8") for file in (standby.data_dir / "log").glob("*.json"))
                found[:] = [line for line in text.splitlines() if "xtrig {" in line and "there" in line]
                return bool(found)

            wait_until(told, "a line in the standby's log")
            (line,) = found
            said = json.loads(json.loads(line)["message"].removeprefix("xtrig "))
            assert (said["outcome"], said["login_user"], said["sqlstate"]) == ("not written", "alice", "25006")
            assert record.sessions("there") == []


def has_trigger(server: EmbeddedServer, database: str) -> bool:
    with server.connect(database=database) as session:
        return session.execute("SELECT count(*) FROM pg_event_trigger").fetchone() == (1,)


@on_17_and_18("logged")
def test_a_login_that_may_only_read_is_a_row_once_the_log_is_read(logged: Record) -> None:
    with logged.enter("read only", options=READ_ONLY) as session:
        line = logged.wait_for_line('"message":"xtrig {', "read only")
        assert logged.sessions("read only") == []
        logged.maintain()
        row = logged.session("read only")
        assert (row.login_user, row.session_id, row.ended_by) == ("alice", line["session_id"], None)
        assert (row.backend_pid, row.source) == (session.info.backend_pid, "login trigger, by its log line")
    logged.wait_for_end(row.backend_pid)
    logged.maintain()
    assert logged.session("read only").ended_by == "server log"


def test_quotes_around_all_names_do_not_hide_a_login(logged: Record) -> None:
    # The server then says from where the line comes in other words.
    with logged.enter("quoted", options=f"{READ_ONLY} -c quote_all_identifiers=on"):
        logged.wait_for_line('"message":"xtrig {', "quoted")
        logged.maintain()
        assert logged.session("quoted").ended_by is None


def test_a_locked_table_does_not_hold_up_a_login_for_ever(logged: Record) -> None:
    with connect_admin(logged.database) as locker:
        locker.execute("BEGIN; LOCK TABLE audit.session_inbox IN ACCESS EXCLUSIVE MODE")
        logged.enter("locked").close()
        locker.execute("ROLLBACK")
    logged.wait_for_line('"message":"xtrig {', "locked", "55P03")
    logged.maintain()
    assert logged.session("locked").login_user == "alice"


@on_17_and_18("logged")
@pytest.mark.parametrize(
    ("harm", "undo"),
    [
        ("ALTER TABLE @.session_inbox RENAME TO gone", "ALTER TABLE @.gone RENAME TO session_inbox"),
        (
            "ALTER TABLE @.session_inbox ADD CONSTRAINT never CHECK (false) NOT VALID",
            "ALTER TABLE @.session_inbox DROP CONSTRAINT never",
        ),
        ("REVOKE INSERT ON @.session_inbox FROM audit_writer", "GRANT INSERT ON @.session_inbox TO audit_writer"),
    ],
)
def test_a_broken_record_refuses_nobody_and_is_mended_from_the_log(logged: Record, harm: str, undo: str) -> None:
    logged.run(harm)
    logged.enter("broken").close()
    logged.run(undo)
    logged.wait_for_line('"message":"xtrig {', "broken")
    logged.maintain()
    assert logged.session("broken").login_user == "alice"


@contextmanager
def small_disk(server: EmbeddedServer) -> Iterator[Path]:
    """Mount a little memory as a disk that the server's user owns."""
    if os.geteuid() != 0:
        pytest.skip("needs root, to mount a small tmpfs")
    with TemporaryDirectory(dir="/tmp") as name:
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", name], capture_output=True)
        if mounted.returncode:
            pytest.skip("cannot mount a tmpfs here")
        try:
            owner = server.data_dir.stat()
            os.chown(name, owner.st_uid, owner.st_gid)
            yield Path(name)
        finally:
            subprocess.run(["umount", "--lazy", name], check=True)


def fill(file: Path) -> None:
    with file.open("wb", buffering=0) as filler, contextlib.suppress(OSError):
        while True:
            filler.write(b"x" * 4096)


def test_a_full_disk_refuses_nobody_and_loses_no_login(logged: Record) -> None:
    with small_disk(logged.server) as disk:
        logged.run(f"CREATE TABLESPACE small LOCATION '{disk}'")
        try:
            logged.run("ALTER TABLE @.session_inbox SET TABLESPACE small")
            fill(disk / "filler")
            for number in range(150):
                logged.enter(f"full {number}").close()
            written = logged.value("SELECT count(*) FROM @.sessions WHERE application LIKE 'full %'")
            assert written < 150
            logged.wait_for_line("full 149", '"message":"disconnection: ')
            logged.wait_for_line("full 149", "53100", '"message":"xtrig {')
            (disk / "filler").unlink()
            logged.maintain()
            assert len({row.application for row in logged.sessions() if row.application.startswith("full ")}) == 150
        finally:
            logged.run("ALTER TABLE @.session_inbox SET TABLESPACE pg_default")
            logged.run("CHECKPOINT")
            logged.run("DROP TABLESPACE small")

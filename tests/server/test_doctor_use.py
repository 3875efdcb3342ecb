"""Who asks the doctor, how, and what they are told: rights, ways in, exit codes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import create_engine, text

from tests.server.conftest import Database, fresh_database
from tests.server.deploy import deploy
from tests.server.doctoring import pooler, problems, run_shell, told, trigger
from xtrig.cli import main
from xtrig.doctor import examine
from xtrig.errors import DatabaseError, UsageError
from xtrig.findings import Severity
from xtrig_pgfamily.embedded.server import EmbeddedServer

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("doctor_use")]

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE
ORDINARY = {"log-not-collected", "plpgsql-not-preloaded"}
"""What an embedded server has of itself."""


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedServer]:
    with EmbeddedServer(18) as server:
        with server.connect() as admin:
            admin.execute("CREATE ROLE doctor_ordinary LOGIN")
        yield server


@pytest.fixture
def database(server: EmbeddedServer) -> Iterator[Database]:
    with fresh_database(server) as database:
        yield database


@pytest.fixture
def admin(database: Database) -> Iterator[psycopg.Connection[Any]]:
    with database.connect(options="-c event_triggers=off") as admin:
        yield admin


def names(url: str) -> set[str]:
    return {problem.name for problem in examine(url).problems}


def plain(database: Database) -> str:
    """Return a connection string without options, so that PGOPTIONS counts."""
    return f"host={database.server.socket_dir} port={database.server.port} user=postgres dbname={database.name}"


def as_ordinary(database: Database) -> str:
    return database.server.conninfo("doctor_ordinary", database.name)


def test_a_server_as_it_is_installed_is_safe(database: Database) -> None:
    report = examine(database.url)
    assert {problem.name for problem in report.problems} == ORDINARY
    assert report.is_safe
    assert report.server.title.startswith("PostgreSQL 18.")


def test_what_xtrig_renders_is_safe(database: Database, admin: psycopg.Connection[Any]) -> None:
    deploy(
        admin,
        "xtrig: 1\nschema: audit\ntables: {log: {columns: {who: text}}}\n"
        "triggers: {t: {event: logon, steps: [{insert: log, values: {who: '${login_user}'}}]}}\n",
    )
    assert names(database.url) == ORDINARY


def test_what_is_off_for_this_session_alone_is_no_problem(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGOPTIONS", "-c event_triggers=off -c session_replication_role=replica")
    url = plain(database)
    assert names(url) == ORDINARY


def test_a_login_trigger_that_refuses_everybody_lets_a_superuser_s_doctor_in(
    database: Database, admin: psycopg.Connection[Any]
) -> None:
    admin.execute(trigger("t", body="RAISE ''nobody'';").encode())
    with pytest.raises(DatabaseError, match="nobody"):
        examine(as_ordinary(database))
    assert "triggers-of-others" in names(plain(database))


def test_no_way_back(database: Database, admin: psycopg.Connection[Any]) -> None:
    admin.execute("ALTER ROLE postgres NOLOGIN")
    try:
        assert told(as_ordinary(database), "no-way-back") == [(ERROR, "roles")]
        report = examine(as_ordinary(database))
        assert not any("psql" in command.text for command in report.commands)
        assert report.commands, "the machine itself is a way in"
        admin.execute("GRANT SET ON PARAMETER event_triggers TO doctor_ordinary")
        assert told(as_ordinary(database), "no-way-back") == [(WARNING, "roles")]
        assert told(as_ordinary(database), "no-reserved-connections") == [(NOTE, "reserved_connections")]
        admin.execute("ALTER ROLE postgres LOGIN VALID UNTIL '2020-01-01'")
        assert told(as_ordinary(database), "no-way-back") == [(WARNING, "roles")]
    finally:
        admin.execute("ALTER ROLE postgres LOGIN VALID UNTIL 'infinity'")
        admin.execute("REVOKE SET ON PARAMETER event_triggers FROM doctor_ordinary")
    assert told(as_ordinary(database), "no-way-back") == []


def test_an_ordinary_role_is_told_what_it_cannot_see(database: Database, admin: psycopg.Connection[Any]) -> None:
    assert names(as_ordinary(database)) == ORDINARY | {"ordinary-role", "not-looked-at"}
    (found,) = problems(as_ordinary(database), "not-looked-at")
    assert all(name in found.remedy for name in ("standbys-shut", "hanging-logins", "pools"))
    admin.execute("GRANT pg_monitor TO doctor_ordinary")
    try:
        assert names(as_ordinary(database)) == ORDINARY | {"ordinary-role"}
    finally:
        admin.execute("REVOKE pg_monitor FROM doctor_ordinary")


def test_behind_a_pooler_the_commands_go_to_the_server_itself(database: Database) -> None:
    assert told(database.url, "pooled-connection") == []
    with pooler(database.server) as port:
        url = f"host=127.0.0.1 port={port} user=postgres dbname={database.name} sslmode=disable gssencmode=disable"
        assert told(url, "pooled-connection") == [(WARNING, "this connection")]
        first = examine(url).commands[0].text
    assert f"host={database.server.socket_dir} port={database.server.port} " in first
    assert run_shell(database.server, f"{first} -Atc 'SELECT current_database()'") == f"{database.name}\n"


def test_settings_that_need_a_restart() -> None:
    settings = {
        "superuser_reserved_connections": "0",
        "shared_preload_libraries": "plpgsql",
        "logging_collector": "on",
    }
    with EmbeddedServer(18, tcp=False, settings=settings) as server:
        assert told(server.url(), "no-reserved-connections") == [(WARNING, "superuser_reserved_connections")]
        assert names(server.url()) == {"no-reserved-connections"}


def test_a_server_without_login_triggers(database16: Database) -> None:
    report = examine(database16.url)
    assert {problem.name for problem in report.problems} == {"no-login-triggers", "log-not-collected"}
    assert report.commands == ()
    assert report.is_safe


def test_functions_that_somebody_put_in_the_way_are_not_run(database: Database, admin: psycopg.Connection[Any]) -> None:
    for arguments, result in (("oid, name", "text"), ("text, text", "boolean")):
        called = "obj_description" if result == "text" else "starts_with"
        head = f"CREATE FUNCTION evil.{called}({arguments}) RETURNS {result} LANGUAGE plpgsql"
        admin.execute(f"CREATE SCHEMA IF NOT EXISTS evil; {head} AS 'BEGIN RAISE ''caught''; END'".encode())
    admin.execute(trigger("t").encode())
    admin.execute(f"ALTER DATABASE {database.name} SET search_path = evil, pg_catalog")
    with pytest.raises(psycopg.errors.RaiseException), database.connect() as other:
        other.execute("SELECT starts_with(proname::text, 'x') FROM pg_proc")
    assert told(database.url, "not-looked-at") == []


def test_nothing_is_changed_and_a_callers_transaction_goes_on(database: Database) -> None:
    engine = create_engine(database.url)
    with engine.connect() as connection:
        connection.execute(text("CREATE TABLE mine (a integer)"))
        before = connection.execute(text("SHOW search_path")).scalar()
        assert examine(connection).server.database == database.name
        connection.execute(text("INSERT INTO mine VALUES (1)"))
        assert connection.execute(text("SHOW search_path")).scalar() == before
    engine.dispose()


def test_the_dialect_that_is_named_has_to_be_the_servers(database: Database) -> None:
    assert examine(database.url, "postgresql").dialect == "postgresql"
    with pytest.raises(UsageError, match="'polardb'"):
        examine(database.url, "polardb")


def test_no_password_is_told(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    url = database.server.url(database=database.name, tcp=True)
    assert database.server.password in url
    for form in ("text", "json"):
        with pytest.raises(SystemExit) as left:
            main(["doctor", "--url", url, "--format", form])
        said = "".join(capsys.readouterr())
        assert left.value.code == 0
        assert "127.0.0.1" in said
        assert database.server.password not in said


def test_exit_codes(database: Database, admin: psycopg.Connection[Any], capsys: pytest.CaptureFixture[str]) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as left:
            main(["doctor", *arguments])
        assert isinstance(left.value.code, int)
        return left.value.code, capsys.readouterr().out

    assert run("--url", database.conninfo)[0] == 0
    admin.execute(trigger("t", "SECURITY DEFINER").encode())
    code, out = run("--url", database.conninfo, "--format", "json")
    assert code == 1
    assert json.loads(out)["ailments"][0]["name"] == "unpinned-search-path"
    assert run("--url", "host=/nowhere user=nobody")[0] == 3

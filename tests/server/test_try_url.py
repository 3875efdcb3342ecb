"""``xtrig try --url``: nothing stays on the user's server, and mistakes are one line."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.trying import DDL, EXAMPLES, SOURCES, Try, actions, everything, rows, untouched
from xtrig_pgfamily.embedded.server import EmbeddedServer

pytestmark = pytest.mark.server

HANGS = """
xtrig: 1
triggers:
  slow: {event: logon, timeout: 0, steps: [{sql: "PERFORM pg_sleep(1000)"}]}
"""
IMPORTS = {
    **os.environ,
    "PYTHONPATH": os.pathsep.join(
        filter(None, (str(SOURCES), str(SOURCES / "dialects"), os.environ.get("PYTHONPATH")))
    ),
}


@pytest.fixture
def try_(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Try:
    monkeypatch.delenv("COLUMNS", raising=False)
    return Try(tmp_path, capsys)


@pytest.fixture
def url(server18: EmbeddedServer) -> Iterator[str]:
    with untouched(server18) as url:
        yield url


def test_roles_of_the_server_are_left_alone(try_: Try, server18: EmbeddedServer) -> None:
    with server18.connect() as admin:
        # They belong to the whole server, and other tests of it may have left some of these names.
        admin.execute("DROP ROLE IF EXISTS day_worker, night_worker")
        admin.execute("CREATE ROLE day_worker; CREATE ROLE night_worker; GRANT night_worker TO postgres")
    before = everything(server18)
    try:
        arguments = ("--url", server18.url(tcp=True), "--format", "json", "--rounds", "0")
        outcome = try_(EXAMPLES / "init_session.yaml", *arguments)
        assert "made for the trial" not in outcome.err
        assert outcome.report["roles"].keys() == {"superuser", "ordinary"}
        assert everything(server18) == before
    finally:
        with server18.connect() as admin:
            admin.execute("DROP ROLE day_worker; DROP ROLE night_worker")


def test_a_statement_that_fails_leaves_nothing(try_: Try, url: str) -> None:
    definition = """
xtrig: 1
schema: audit
tables:
  log: {columns: {who: no_such_type}}
triggers:
  a: {event: logon, exempt_roles: [some_dba], steps: [{insert: log, values: {who: "${login_user}"}}]}
"""
    outcome = try_(definition, "--url", url)
    assert (outcome.code, outcome.out) == (3, "")
    last = outcome.err.splitlines()[-1]
    assert last == (
        'xtrig: cannot apply the definition: Table audit.log: type "no_such_type" does not exist (SQLSTATE 42704)'
    )


def test_an_old_server_gets_the_way_out(try_: Try, server16: EmbeddedServer) -> None:
    before = everything(server16)
    outcome = try_(EXAMPLES / "session_audit.yaml", "--url", server16.url(tcp=True))
    assert (outcome.code, outcome.out) == (1, "")
    assert "logon on postgresql 16: PostgreSQL has login event triggers from version 17 on" in outcome.err
    report = try_(EXAMPLES / "no_ddl.yaml", "--url", server16.url(tcp=True), "--format", "json").report
    assert [name for name, _ in actions(report, "refused")] == DDL * 2
    assert everything(server16) == before


@pytest.mark.parametrize(
    "address", ["postgresql://ann:hunter2@127.0.0.1:1/x", "host=127.0.0.1 port=1 password=hunter2"]
)
def test_a_server_that_is_not_there(address: str, try_: Try) -> None:
    outcome = try_(EXAMPLES / "no_ddl.yaml", "--url", address)
    assert (outcome.code, outcome.out) == (3, "")
    assert outcome.err.startswith("xtrig: cannot connect to the server of --url: ")
    assert outcome.err.count("\n") == 1
    assert "hunter2" not in outcome.err


@pytest.mark.parametrize("address", ["hunter2", "mysql://ann:hunter2@x/y", "password=hunter2 word"])
def test_what_is_no_url_is_wrong_usage(address: str, try_: Try) -> None:
    outcome = try_(EXAMPLES / "no_ddl.yaml", "--url", address)
    assert (outcome.code, outcome.out) == (64, "")
    assert outcome.err.count("\n") == 1
    assert "hunter2" not in outcome.err


def test_an_ordinary_user_is_told(try_: Try, server18: EmbeddedServer) -> None:
    with server18.connect() as admin:
        admin.execute("CREATE ROLE olga LOGIN")
    try:
        outcome = try_(EXAMPLES / "no_ddl.yaml", "--url", server18.conninfo("olga"))
    finally:
        with server18.connect() as admin:
            admin.execute("DROP ROLE olga")
    assert (outcome.code, outcome.out) == (3, "")
    assert outcome.err.startswith("xtrig: the role 'olga' is no superuser: ")
    assert outcome.err.count("\n") == 1


def test_roles_come_in_by_tcp_where_the_socket_keeps_them_out(try_: Try) -> None:
    with EmbeddedServer(18, settings={"log_statement": "all"}) as server:
        hba = server.data_dir / "pg_hba.conf"
        kept = hba.read_text()
        hba.write_text("local all postgres trust\n" + kept.replace("trust", "reject"))
        with server.connect() as admin:
            admin.execute("SELECT pg_reload_conf()")
        report = try_(EXAMPLES / "session_audit.yaml", "--url", server.conninfo(), "--format", "json").report
        assert {row["client_ip"] for row in rows(report, "audit.users_log")} == {"127.0.0.1"}
        assert "PASSWORD 'SCRAM-SHA-256$" in server.log_text()
        hba.write_text("local all postgres trust\n")
        with server.connect() as admin:
            admin.execute("SELECT pg_reload_conf()")
        outcome = try_(EXAMPLES / "session_audit.yaml", "--url", server.conninfo())
        assert outcome.code == 3
        assert "roles made for the trial cannot log in: " in outcome.err.splitlines()[-1]
        assert everything(server)[0] == ["postgres", "template0", "template1"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_leaves_nothing(number: int, try_: Try, url: str, server18: EmbeddedServer) -> None:
    command = [sys.executable, "-m", "xtrig", "try", str(try_.file(HANGS)), "--url", url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=IMPORTS) as process:
        with server18.connect() as admin:
            query = "SELECT 1 FROM pg_stat_activity WHERE datname LIKE 'xtrig_try_%' AND wait_event = 'PgSleep'"
            deadline = time.monotonic() + 20
            while not admin.execute(query).fetchone() and time.monotonic() < deadline:
                time.sleep(0.05)
        process.send_signal(number)
        time.sleep(0.02)
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (130, "")
    assert err.splitlines()[-1] == "xtrig: interrupted"

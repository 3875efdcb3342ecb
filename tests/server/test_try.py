"""``xtrig try``: what it shows of each example, and of definitions that want more."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.server.clock import NOON, Clocked
from tests.server.trying import DDL, EXAMPLES, Try, actions, everything, rows, untouched
from xtrig_pgfamily.embedded.server import EmbeddedServer

pytestmark = pytest.mark.server

REFUSES_ALL = """
xtrig: 1
triggers:
  nobody:
    event: logon
    steps:
      - log: "no entry for ${login_user}"
      - deny: "nobody gets in: ${login_user}"
"""


@pytest.fixture
def try_(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Try:
    monkeypatch.delenv("COLUMNS", raising=False)
    return Try(tmp_path, capsys)


@pytest.fixture
def url(server18: EmbeddedServer) -> Iterator[str]:
    with untouched(server18) as url:
        yield url


def test_session_audit_on_a_server_of_its_own(try_: Try, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"PGSERVICE": "nowhere", "PGSSLMODE": "require", "PGOPTIONS": "-c event_triggers=off"}.items():
        monkeypatch.setenv(name, value)
    outcome = try_(EXAMPLES / "session_audit.yaml", "--format", "json", "--rounds", "3")
    report = outcome.report
    assert report["server"].startswith("PostgreSQL 18.")
    assert actions(report, "refused") == []
    recorded = rows(report, "audit.users_log")
    assert Counter((row["event"], row["tag"], row["user_name"]) for row in recorded) == {
        ("logon", "LOGIN", "postgres"): 2,
        ("logon", "LOGIN", "app_user"): 1,
        ("logoff", "INFERRED", "postgres"): 1,
        ("logoff", "INFERRED", "app_user"): 1,
    }
    assert {row["client_ip"] for row in recorded} == {"127.0.0.1"}
    assert {row["database_name"] for row in recorded} == {"trial"}
    assert report["login_time"]["rounds"] == 3
    assert min(report["login_time"]["with_ms"], report["login_time"]["without_ms"]) > 0
    assert all(line.startswith("xtrig: ") for line in outcome.err.splitlines())
    assert "xtrig: PostgreSQL 18: starting" in outcome.err.splitlines()
    assert os.environ["PGSERVICE"] == "nowhere"


def test_refusing_everybody_is_a_result(try_: Try) -> None:
    outcome = try_(REFUSES_ALL, "--rounds", "3")
    assert outcome.code == 0
    assert "What happened" in outcome.out
    assert "FATAL:  nobody gets in: app_user\n" in outcome.out.replace(" \n", "\n")
    assert "not measured: the login of postgres was refused" in outcome.out
    log = outcome.out.partition("Log lines")[2]
    assert "no entry for postgres" in log
    assert "no entry for app_user" in log


def test_text_holds_every_section(try_: Try, url: str) -> None:
    outcome = try_(EXAMPLES / "session_audit.yaml", "--url", url, "--rounds", "2")
    assert outcome.code == 0
    lines = outcome.out.splitlines()
    titles = ["What happened", "Log lines", "Login time"]
    assert [line for line in lines if line in titles] == titles
    assert "What was recorded: audit.users_log, 5 rows (#: seen after that action)" in lines
    assert "(not shown: the log of a server named with --url cannot be read)" in lines
    assert "\x1b" not in outcome.out
    assert max(map(len, lines)) <= 120


def test_no_ddl(try_: Try, url: str) -> None:
    report = try_(EXAMPLES / "no_ddl.yaml", "--url", url, "--format", "json").report
    assert [name for name, _ in actions(report, "refused")] == DDL * 2
    refused = [each["error"] for each in report["actions"] if each["error"]]
    assert {error["sqlstate"] for error in refused} == {"42501"}
    assert refused[0]["message"].startswith('ERROR:  command "CREATE TABLE" denied')
    assert report["login_time"] is None
    assert "no trigger of the definition fires at login" in report["login_time_missing"]


def test_ddl_audit(try_: Try, url: str) -> None:
    report = try_(EXAMPLES / "ddl_audit.yaml", "--url", url, "--format", "json").report
    assert actions(report, "refused") == []
    recorded = rows(report, "audit.ddl_log")
    for kind, role in report["roles"].items():
        assert [
            (row["command_tag"], row["object_identity"])
            for row in recorded
            if row["user_name"] == role and row["object_type"] in ("table", "function")
        ] == [
            ("CREATE TABLE", f"public.new_table_of_{kind}"),
            ("ALTER TABLE", f"public.table_of_{kind}"),
            ("ALTER TABLE", f"public.table_of_{kind}"),
            ("CREATE FUNCTION", f"public.function_of_{kind}()"),
            ("DROP TABLE", f"public.table_of_{kind}"),
        ]


@pytest.mark.xdist_group("clock")
@pytest.mark.parametrize(("hour", "told"), [(3, None), (12, "only allowed between 1am and 6am")])
def test_no_rewrite(hour: int, told: str | None, try_: Try, clocked: Clocked) -> None:
    clocked.stand_at(datetime(2030, 1, 1, hour, 30, tzinfo=UTC))
    report = try_(EXAMPLES / "no_rewrite.yaml", "--url", clocked.server.url(tcp=True), "--format", "json").report
    assert [name for name, _ in actions(report, "refused")] == (["ALTER TABLE (rewrite)"] * 2 if told else [])
    assert all(told and told in each["error"]["message"] for each in report["actions"] if each["error"])


@pytest.mark.xdist_group("clock")
def test_init_session_by_day_and_in_the_refused_hours(try_: Try, clocked: Clocked) -> None:
    arguments = ("--url", clocked.server.url(tcp=True), "--format", "json", "--rounds", "2")
    before = everything(clocked.server)
    clocked.stand_at(NOON)
    outcome = try_(EXAMPLES / "init_session.yaml", *arguments)
    report = outcome.report
    assert "made for the trial, dropped afterwards: roles night_worker, day_worker" in outcome.err
    assert actions(report, "refused") == []
    assert {row["user"] for row in rows(report, "public.user_login_log")} == set(report["roles"].values())
    for action, role in zip((0, 2), report["roles"].values(), strict=True):
        assert report["actions"][action]["effects"] == [
            f"granted day_worker to {role}",
            "temporary table session_storage",
        ]
    clocked.stand_at(datetime(2030, 1, 1, 3, tzinfo=UTC))
    report = try_(EXAMPLES / "init_session.yaml", *arguments).report
    clocked.stand_at(NOON)
    assert actions(report, "ok") == []
    assert {each["error"]["message"].splitlines()[0] for each in report["actions"]} == {"FATAL:  Login forbidden"}
    assert rows(report, "public.user_login_log") == []
    assert everything(clocked.server) == before


def test_what_a_definition_needs_is_made(try_: Try, url: str) -> None:
    definition = """
xtrig: 1
tables:
  theirs: {schema: other, create: false, columns: {who: text, tenant: text}}
triggers:
  never: {event: logon, enable: replica, steps: [{deny: "no"}]}
  a:
    event: logon
    exempt_roles: ["Dr. O'X"]
    steps:
      - {set: app.tenant, value: "'acme of ' || ${login_user}"}
      - {insert: theirs, values: {who: "${login_user}", tenant: "current_setting('app.tenant')"}}
"""
    outcome = try_(definition, "--url", url, "--format", "json", "--rounds", "0")
    report = outcome.report
    assert "xtrig: note: does not fire in the trial's sessions: never (enable: replica)" in outcome.err.splitlines()
    assert report["roles"]["exempt"] == "Dr. O'X"
    user = report["roles"]["ordinary"]
    assert {"who": user, "tenant": f"acme of {user}"} in rows(report, "other.theirs")
    assert "Dr. O'X" not in {row["who"] for row in rows(report, "other.theirs")}
    assert report["actions"][2]["effects"] == [f"app.tenant = acme of {user}"]


def test_findings_come_before_any_server(try_: Try) -> None:
    definition = "xtrig: 1\ntriggers:\n  a: {event: logoff, steps: [{log: bye}]}\n"
    outcome = try_(definition)
    assert (outcome.code, outcome.out) == (1, "")
    assert "[XT201]" in outcome.err
    assert "starting" not in outcome.err

"""The plugin `pytest_xtrig`: its fixture in this process, and the page's example in a pytest of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import xtrig
from tests.test_docs import blocks
from xtrig.errors import DatabaseError
from xtrig.testing.plugin import XtrigDatabase

pytestmark = pytest.mark.server

PAGE = "docs/testing-your-triggers.md"
DEFINITION = blocks(PAGE, "yaml")[0]
MORE = """
xtrig: 1
schema: audit
tables:
  log: {columns: {app: text, zone: text}}
triggers:
  on_logon:
    event: logon
    steps:
      - {deny: "not with ${application}", when: "${application} = 'sh''op \\\\ x'"}
      - {insert: log, values: {app: "${application}"}}
      - {grant_role: team, to: "${login_user}", when: "${login_user} = 'carol'"}
      - {log: "seen ${login_user}"}
"""


@pytest.fixture
def triggers() -> xtrig.TriggerSet:
    return xtrig.load_text(MORE)


def test_the_example_of_the_page_runs(tmp_path: Path) -> None:
    (example,) = blocks(PAGE, "python")
    (tmp_path / "triggers.yaml").write_text(DEFINITION, "utf-8")
    (tmp_path / "test_triggers.py").write_text(example, "utf-8")
    body = example.partition(") -> None:\n")[2]
    assert len(body.splitlines()) <= 10

    def run(*more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *more, str(tmp_path)]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)

    done = run()
    assert done.returncode == 0, done.stdout + done.stderr
    (tmp_path / "triggers.yaml").write_text(DEFINITION.replace('${login_user}"', '${database}"'), "utf-8")
    assert run().returncode == 1
    said = run("-o", "xtrig_dialect=polardb").stdout
    assert "UsageError: dialect 'polardb' brings no server for tests; set xtrig_dialect to another one" in said


def test_a_login_with_its_options(triggers: xtrig.TriggerSet, xtrig_database: XtrigDatabase) -> None:
    database = xtrig_database(triggers)
    outcome = database.login_as("alice", application_name="a b")
    assert (outcome.refusal, outcome.rows["audit.log"][0]["app"]) == ("", "a b")
    assert outcome.log == ("seen alice",)
    refused = database.login_as("alice", application_name="sh'op \\ x")
    assert "not with sh'op \\ x" in refused.refusal
    assert refused.rows == {}
    assert database.login_as("carol").effects == ("granted team to carol",)


def test_a_command_is_told_apart_from_its_login(xtrig_database: XtrigDatabase) -> None:
    database = xtrig_database(xtrig.load_text(DEFINITION))
    assert database.run_as("alice", "SELECT 1").rows == {}
    missing = database.run_as("alice", "SELECT * FROM none")
    assert missing.sqlstate == "42P01"
    assert [row["who"] for row in database.execute("SELECT who FROM audit.log ORDER BY at")] == ["alice", "alice"]
    with pytest.raises(DatabaseError, match='relation "none" does not exist'):
        database.execute("SELECT * FROM none")


def test_roles_of_the_tests_own_are_used_as_they_are(xtrig_database: XtrigDatabase) -> None:
    database = xtrig_database(xtrig.load_text(DEFINITION))
    database.execute("CREATE ROLE dba SUPERUSER LOGIN")
    assert database.run_as("dba", "SELECT * FROM pg_authid").refusal == ""
    assert database.login_as("postgres").refusal == ""
    database.execute("CREATE ROLE nobody NOLOGIN")
    refusal = database.login_as("nobody").refusal
    assert "not permitted to log in" in refusal


def test_two_databases_and_nothing_left(triggers: xtrig.TriggerSet, xtrig_database: XtrigDatabase) -> None:
    one, two = xtrig_database(triggers), xtrig_database(DEFINITION_FILE)
    assert one.login_as("alice").rows.keys() == {"audit.log"}
    assert two.login_as("alice").rows.keys() == {"audit.session_log"}
    assert one.login_as("alice").rows.keys() == {"audit.log"}
    names = [row["datname"] for row in one.execute("SELECT datname FROM pg_database WHERE datname LIKE 'xtrig_test%'")]
    assert len(names) == 2
    roles = {row["rolname"] for row in one.execute("SELECT rolname FROM pg_roles WHERE rolname !~ '^pg_'")}
    assert roles == {"postgres", "alice", "team"}


DEFINITION_FILE = Path(__file__).parents[2] / "xtrig" / "presets" / "session-rows.yaml"


def test_a_definition_that_is_wrong_says_so(xtrig_database: XtrigDatabase) -> None:
    with pytest.raises(xtrig.DefinitionError):
        xtrig_database(xtrig.load_text("xtrig: 1\n"))
    with pytest.raises(xtrig.UsageError, match="cannot be read"):
        xtrig_database("none.yaml")

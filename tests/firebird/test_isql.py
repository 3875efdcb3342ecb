"""The printed script through isql, the way in which people run it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

import xtrig
from tests.firebird.servers import PASSWORD, Database

DEFINITION = """
xtrig: 1
schema: audit
tables:
  log: {columns: {at: timestamptz, who: varchar(63), what: text}}
triggers:
  guard:
    event: logon
    exempt_roles: [sysdba]
    steps:
      - {insert: log, values: {who: "${login_user}", what: "'^; it''s ^ größe'"}}
      - {deny: "not ^ you; größe", when: "${login_user} = 'ALICE'"}
"""


@pytest.fixture
def run(database: Database, tmp_path: Path) -> object:
    """Return what runs a script."""
    if shutil.which("isql-fb") is None:
        pytest.skip("needs Debian's isql-fb: sh scripts/debian.sh")
    if not database.server.host:
        pytest.skip("isql of 3.0 does not open the files of the 5.0 engine")

    def isql(script: str) -> subprocess.CompletedProcess[str]:
        file = tmp_path / "script.sql"
        file.write_text(script, "utf-8")
        command = ["isql-fb", "-q", "-charset", "UTF8", "-user", "SYSDBA", "-password", PASSWORD]
        return subprocess.run(
            [*command, "-input", str(file), database.dsn], capture_output=True, text=True, encoding="utf-8", check=False
        )

    return isql


def test_the_script_runs_whole_and_is_taken_back(run, database: Database) -> None:
    triggers = xtrig.load_text(DEFINITION, "d.yaml")
    for _ in range(2):
        done = run(str(xtrig.render(triggers, "firebird", target_version="3.0")))
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert database.login("BOB") is None
    assert "not ^ you; größe" in str(database.login("ALICE"))
    assert database.rows("SELECT who, what FROM log") == [("BOB", "^; it's ^ größe"), ("ALICE", "^; it's ^ größe")]
    done = run(str(xtrig.render(triggers, "firebird", target_version="3.0", drop=True, with_data=True)))
    assert (done.returncode, done.stderr) == (0, "")
    assert database.rows("SELECT rdb$trigger_name FROM rdb$triggers WHERE rdb$system_flag = 0") == []
    assert database.rows("SELECT 1 FROM rdb$exceptions WHERE rdb$system_flag = 0") == []


def test_the_script_stops_at_the_first_error_and_nothing_of_it_stays(run, database: Database) -> None:
    database.execute("CREATE TRIGGER guard ACTIVE ON CONNECT AS BEGIN END")
    done = run(str(xtrig.render(xtrig.load_text(DEFINITION, "d.yaml"), "firebird", target_version="3.0")))
    assert done.returncode == 1
    assert "trigger GUARD is there, and this set did not make it" in done.stderr
    assert database.rows("SELECT 1 FROM rdb$relations WHERE rdb$relation_name = 'LOG'") == []
    assert database.rows("SELECT 1 FROM rdb$exceptions WHERE rdb$system_flag = 0") == []

"""``xtrig doctor`` on real servers: what it finds, and its commands, run where a trigger refuses everybody."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.firebird.servers import PASSWORD, Database
from tests.firebird.test_deploying import url_of
from tests.firebird.test_sessions import SET
from xtrig.doctor import examine

SHUT = 'CREATE TRIGGER "Shut it" ACTIVE ON CONNECT AS DECLARE x INTEGER; BEGIN x = 1 / 0; END'


def names(database: Database, user: str = "SYSDBA", more: str = "") -> list[str]:
    return [each.name for each in examine(url_of(database, user, more)).problems]


def test_a_database_with_a_set_of_ours_is_safe(database: Database) -> None:
    assert examine(url_of(database)).commands == ()
    database.deploy(SET)
    report = examine(url_of(database))
    assert report.problems == ()
    assert report.is_safe
    assert [each.purpose.split(",")[0] for each in report.commands][:1] == ["A session that meets no trigger"]
    assert PASSWORD not in str(report.to_dict())


def test_what_could_refuse_everybody_is_found(database: Database) -> None:
    database.execute(
        "CREATE PROCEDURE p AS BEGIN END",
        "CREATE FUNCTION f RETURNS INTEGER AS BEGIN RETURN 1; END",
        "GRANT ALTER DATABASE TO USER bob",
    )
    database.execute(
        "CREATE TRIGGER a ACTIVE ON CONNECT AS DECLARE x INTEGER; BEGIN EXECUTE PROCEDURE p; x = f(); END",
        "CREATE TRIGGER b ACTIVE ON DISCONNECT AS DECLARE x INTEGER; BEGIN SELECT 1 FROM mon$attachments INTO :x; END",
        "CREATE TRIGGER c INACTIVE ON CONNECT AS BEGIN EXECUTE PROCEDURE p; END",
    )
    found = [str(each).partition("; ")[0] for each in examine(url_of(database)).problems]
    assert [re.split(", which|: whoever|, and the", each)[0] for each in found] == [
        "warning: trigger A: it calls F by name",
        "warning: trigger A: it calls P by name",
        "warning: trigger B: it reads MON$ATTACHMENTS",
        "warning: user BOB: with ALTER DATABASE he may make and drop triggers at logon",
        "note: trigger A: it fires at each login or logoff, and xtrig did not make it",
        "note: trigger B: it fires at each login or logoff, and xtrig did not make it",
    ]
    assert "no-way-past" in names(database, "BOB")
    assert "not-looked-at" not in names(database, "BOB")


def test_a_trigger_whose_types_changed_is_found_until_it_is_made_anew(database: Database) -> None:
    """The server marks it, and goes on letting people in as long as it compiles."""
    body = "ACTIVE ON CONNECT AS DECLARE x amount; DECLARE y TYPE OF COLUMN paid.what; BEGIN x = 1; y = 2; END"
    database.execute("CREATE DOMAIN amount INTEGER", "CREATE TABLE paid (what INTEGER)")
    for change in ("ALTER DOMAIN amount TYPE BIGINT", "ALTER TABLE paid ALTER what TYPE BIGINT"):
        database.execute(f"CREATE OR ALTER TRIGGER pays {body}")
        assert "types-changed" not in names(database)
        database.execute(change)
        (problem,) = [each for each in examine(url_of(database)).problems if each.name == "types-changed"]
        assert str(problem).startswith("warning: trigger PAYS: a domain or a column whose type it uses was altered")
        assert database.login("BOB") is None


def test_a_call_that_no_longer_fits_refuses_everybody_and_is_found_as_a_call(database: Database) -> None:
    """The server does not say that the trigger does not compile."""
    database.execute("CREATE PROCEDURE p AS BEGIN END")
    database.execute("CREATE TRIGGER calls ACTIVE ON CONNECT AS BEGIN EXECUTE PROCEDURE p; WHEN ANY DO BEGIN END END")
    database.execute("ALTER PROCEDURE p (q INTEGER) AS BEGIN END")
    assert "mismatch for procedure P" in str(database.login("BOB"))
    found = names(database, more="?no_db_triggers=1")
    assert found == ["static-call", "not-by-xtrig"]


def test_its_commands_let_people_in_again(database: Database, tmp_path: Path) -> None:
    isql = shutil.which("isql-fb")
    if isql is None:
        pytest.skip("needs Debian's isql-fb: sh scripts/debian.sh")
    if not database.server.host:
        pytest.skip("isql of 3.0 does not open the files of the 5.0 engine")
    (tmp_path / "isql").symlink_to(isql)
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "ISC_PASSWORD": PASSWORD}
    environment.pop("FIREBIRD", None)
    database.execute(SHUT)
    for number in (1, 2):
        assert "zero" in str(database.login("SYSDBA"))
        command = examine(url_of(database, more="?no_db_triggers=1")).commands[number]
        for text, refused in ((command.text, False), (command.afterwards, True)):
            if text:
                subprocess.run(["sh", "-c", text], env=environment, check=True, capture_output=True)
                assert (database.login("BOB") is not None) == refused
    assert examine(url_of(database)).commands == ()

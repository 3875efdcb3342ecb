"""Existing triggers of scripts and databases as definitions: kept whole, or named."""

from __future__ import annotations

import time

import pytest

import xtrig
from tests.firebird.servers import Database
from tests.firebird.test_deploying import audit, url_of
from xtrig.deploy import apply, plan
from xtrig.deploy.live import import_database
from xtrig.errors import DefinitionError
from xtrig.importer import import_script, to_yaml

SCRIPT = """
-- by hand
SET TERM ^ ;
create or alter trigger guard
inactive on connect position 3
as
declare variable s varchar(10) = '^ ; --';
begin
  if (current_user = 'BOB') then exit; /* ^ */
end^
RECREATE TRIGGER "Odd one" ACTIVE AFTER DROP TABLE OR CREATE VIEW AS
BEGIN
END ^
create trigger of_table for log active before insert position 0 as begin end^
create trigger starts on transaction start as begin end^
CREATE TABLE log (a INTEGER)^
create trigger first_one active on connect position 1 as begin exit; end^
SET TERM ; ^
COMMIT;
"""


def test_a_script_is_read_in_the_order_in_which_its_triggers_fire() -> None:
    read = import_script(SCRIPT.encode(), "firebird", "old.sql")
    triggers = read.triggers.triggers
    assert list(triggers) == ["Odd one", "first_one", "guard"]
    assert {name: str(each.event) for name, each in triggers.items()} == {
        "Odd one": "ddl_command_end",
        "first_one": "logon",
        "guard": "logon",
    }
    assert triggers["guard"].enable == "disabled"
    assert triggers["Odd one"].tags == ("DROP TABLE", "CREATE VIEW")
    assert triggers["guard"].body["firebird"].startswith("declare variable s varchar(10) = '^ ; --';\nbegin")
    left_out = {each.subject: each.location.line for each in read.findings if each.code == "XT402" and each.location}
    assert sorted(left_out.values()) == [14, 15, 16]
    assert "trigger 'starts'" in left_out
    assert {each.code for each in read.findings} == {"XT402", "XT405"}


@pytest.mark.parametrize(
    "script", ["", "select 1", "create trigger", "create trigger x on connect", "'", "SET TERM", "^"]
)
def test_what_is_no_script_of_triggers_is_said_in_a_line(script: str) -> None:
    with pytest.raises(DefinitionError):
        import_script(script.encode(), "firebird", "bad.sql")


def test_what_is_imported_from_a_script_runs(database: Database) -> None:
    read = import_script(SCRIPT.encode(), "firebird", "old.sql")
    again = xtrig.load_text(to_yaml(read))
    database.run(xtrig.render(again, "firebird", target_version=database.server.version))
    assert database.login("BOB") is None
    (body,) = database.rows("SELECT rdb$trigger_source FROM rdb$triggers WHERE rdb$trigger_name = 'GUARD'")[0]
    assert "'^ ; --'" in body


def test_a_database_is_read_and_a_plan_with_it_changes_nothing(database: Database) -> None:
    database.execute("CREATE TABLE seen (who VARCHAR(63))")
    database.execute(
        "CREATE TRIGGER seen_in ACTIVE ON CONNECT POSITION 0 AS\nBEGIN\n  INSERT INTO seen VALUES (current_user);\nEND",
        "CREATE TRIGGER of_table FOR seen ACTIVE BEFORE INSERT AS BEGIN END",
    )
    url = url_of(database)
    read = import_database(url)
    assert list(read.triggers.triggers) == ["seen_in"]
    changes = plan(read.triggers, url, adopt=True).changes
    assert [[each.attribute for each in change.differences] for change in changes] == [["mark"]]


def test_a_set_of_ours_comes_back_with_its_bodies(database: Database) -> None:
    url = url_of(database)
    apply(audit(), url)
    read = import_database(url, set_name="audit")
    assert sorted(read.triggers.triggers) == ["begins", "ends"]
    changes = plan(read.triggers, url).changes
    assert [str(change.action) for change in changes] == []
    assert database.login() is None


def test_a_body_that_is_cut_off_is_not_taken_for_one() -> None:
    """Without SET TERM the first semicolon of the body ends the statement."""
    script = "create trigger t active on connect as begin exit; end;"
    with pytest.raises(DefinitionError, match="SET TERM"):
        import_script(script.encode(), "firebird", "cut.sql")


def test_a_long_script_is_read_in_time() -> None:
    trigger = "create trigger t{} active on connect as begin /* /* ^ */ exit; end^\n"
    script = "SET TERM ^ ;\n" + "".join(trigger.format(number) for number in range(1000))
    start = time.process_time()
    assert len(import_script(script.encode(), "firebird", "long.sql").triggers.triggers) == 1000
    assert time.process_time() - start < 20

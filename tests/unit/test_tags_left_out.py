"""Tags of commands that only other vendors have: left out where ``if_unsupported`` says so, else refused."""

from __future__ import annotations

import pytest

import xtrig

DIALECTS = ("firebird", "oracle", "polardb", "polardb-oracle", "postgresql")
DEFINITION = """
xtrig: 1
tables: {{log: {{columns: {{what: varchar(63)}}}}}}
triggers:
  a:
    event: {event}
    tags: [{tags}]
    if_unsupported: {policy}
    steps: [{{insert: log, values: {{what: "${{tag}}"}}}}]
"""


def rendered(dialect: str, tags: str, policy: str = "skip", event: str = "ddl_command_end") -> xtrig.Script:
    return xtrig.render(xtrig.load_text(DEFINITION.format(tags=tags, policy=policy, event=event)), dialect)


@pytest.mark.parametrize(
    ("dialect", "tag"),
    [
        ("firebird", "CREATE EXTENSION"),
        ("firebird", "GRANT"),
        ("oracle", "CREATE TABLE AS"),
        ("oracle", "SELECT INTO"),
        ("polardb", "CREATE PACKAGE"),
        ("polardb-oracle", "CREATE EXCEPTION"),
        ("postgresql", "CREATE PACKAGE BODY"),
        ("postgresql", "CREATE ROLE"),
    ],
)
def test_it_is_left_out_and_named_or_refused(dialect: str, tag: str) -> None:
    script = rendered(dialect, f"CREATE TABLE, {tag}")
    (finding,) = [each for each in script.warnings if each.code == "XT205"]
    assert finding.message.startswith(f"tags {tag}: ddl_command_end on {dialect} ")
    assert [each.sql for each in script] == [each.sql for each in rendered(dialect, "CREATE TABLE")]
    with pytest.raises(xtrig.RefusedError, match=r"XT20[57]"):
        rendered(dialect, f"CREATE TABLE, {tag}", "refuse")


def test_what_another_event_fires_for_is_left_out() -> None:
    script = rendered("firebird", "CREATE TABLE, DROP TABLE", event="sql_drop")
    assert [each.code for each in script.warnings] == ["XT205"]
    assert "AFTER DROP TABLE POSITION" in str(script)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_trigger_without_any_tag_would_fire_for_everything(dialect: str) -> None:
    with pytest.raises(xtrig.RefusedError, match=r"XT20[57]"):
        rendered(dialect, "CREATE FROB, SELECT INTO FROB")


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("tag", ["CREATE TABEL", "CRAETE TABLE", "ALTER VEIW"])
def test_a_misspelt_tag_is_refused_all_the_same(dialect: str, tag: str) -> None:
    with pytest.raises(xtrig.RefusedError, match=r"XT20[57]"):
        rendered(dialect, f"DROP TABLE, CREATE TABLE, {tag}")

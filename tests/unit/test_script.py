"""Scripts as data: text, JSON, and the way back."""

from __future__ import annotations

import json

from xtrig.script import Framing, Hazard, Script, Statement, transactions

TABLE = Statement(
    "CREATE TABLE t (a text)",
    "Table t",
    undo=(Statement("DROP TABLE t", "Drop t", hazards=(Hazard.LOSES_DATA,)),),
)
FUNCTION = Statement("CREATE FUNCTION f", "Function f", undo=(Statement("DROP FUNCTION f", "Drop f"),))
TRIGGER = Statement(
    "CREATE TRIGGER x",
    "",
    undo=(Statement("DROP TRIGGER x", ""), Statement("UPDATE flag", "Flag")),
    transactional=False,
    hazards=(Hazard.BLOCKS_LOGINS,),
)
FRAMING = Framing("BEGIN", "COMMIT")
SETTING = Statement("SET x", "")
SCRIPT = Script("any", "1", "A title", (TABLE, FUNCTION, TRIGGER), FRAMING, settings=(SETTING,))


def sql(script: Script) -> list[str]:
    return [statement.sql for statement in script]


def test_iterating_gives_what_is_executed():
    assert sql(SCRIPT) == ["SET x", "CREATE TABLE t (a text)", "CREATE FUNCTION f", "CREATE TRIGGER x"]


def test_the_text_is_the_title_and_each_statement_with_its_purpose():
    assert str(Script("any", "1", "A title", (TABLE,), FRAMING)) == (
        "-- A title\n\nBEGIN;\n\n-- Table t\nCREATE TABLE t (a text);\n\nCOMMIT;\n"
    )


def test_a_vendor_may_end_statements_otherwise():
    script = Script("any", "1", "T", (FUNCTION,), Framing(terminator="\n/"))
    assert str(script) == "-- T\n\n-- Function f\nCREATE FUNCTION f\n/\n"


def test_text_for_the_client_alone_is_printed_and_not_executed():
    framing = Framing(terminator=" ^", before="SET TERM ^ ;", after="SET TERM ; ^")
    script = Script("any", "1", "T", (FUNCTION,), framing)
    assert str(script) == "-- T\n\nSET TERM ^ ;\n\n-- Function f\nCREATE FUNCTION f ^\n\nSET TERM ; ^\n"
    assert sql(script) == ["CREATE FUNCTION f"]
    assert [each["sql"] for each in script.to_dict()["statements"]] == ["CREATE FUNCTION f"]


def test_a_statement_may_need_what_comes_before_it_committed():
    after = Statement("CREATE TRIGGER y", "", after_commit=True)
    groups = [
        [each.sql for each in group] for group in transactions([TABLE, FUNCTION, TRIGGER, FUNCTION, after, TABLE])
    ]
    assert groups == [
        ["CREATE TABLE t (a text)", "CREATE FUNCTION f", "CREATE TRIGGER x", "CREATE FUNCTION f"],
        ["CREATE TRIGGER y", "CREATE TABLE t (a text)"],
    ]
    assert "after_commit" not in TABLE.to_dict()
    assert after.to_dict()["after_commit"] is True


def test_a_purpose_cannot_leave_its_comment():
    text = str(Script("any", "1", "a\nDROP x;", (Statement("S", "b\r\n\u2028DROP y;"),)))
    assert [line for line in text.splitlines() if line.startswith("DROP")] == []


def test_undone_takes_back_the_last_first_and_keeps_the_tables():
    assert sql(SCRIPT.undone("Gone")) == ["SET x", "DROP TRIGGER x", "UPDATE flag", "DROP FUNCTION f"]


def test_undone_with_data_drops_the_tables_too():
    assert sql(SCRIPT.undone("Gone", with_data=True))[-1:] == ["DROP TABLE t"]


def test_undone_has_its_own_title():
    assert str(SCRIPT.undone("Gone")).startswith("-- Gone\n")


def test_a_script_is_json():
    data = json.loads(json.dumps(SCRIPT.to_dict()))
    assert [statement["sql"] for statement in data["statements"]] == ["BEGIN", *sql(SCRIPT), "COMMIT"]
    assert data["statements"][2]["undo"][0]["hazards"] == ["loses_data"]
    assert data["statements"][4]["transactional"] is False
    assert (data["dialect"], data["target_version"], data["findings"]) == ("any", "1", [])

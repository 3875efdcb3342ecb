"""Findings over a definition alone: each code at its line, and gone when its remedy is followed."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

import xtrig
from tests.unit.given import load, place, step
from xtrig.findings import OWN_CODES, Severity


@dataclass(frozen=True)
class Case:
    """A definition with one finding at the marked line, what it says, and the same definition cured."""

    code: str
    definition: str
    said: str
    old: str
    new: str


LOG = "tables:\n  t: {columns: {id: {type: bigint, identity: true}, a: text}}\n"
WHO = "when: \"${login_user} = 'bob'\""
WARNINGS = ("XT109", "XT111", "XT112", "XT113", "XT117", "XT118")
NO_TRIGGER = "functions:\n  f: {steps: [{log: x}]}  # here"
CASES = {
    "a DDL trigger that fires itself": Case(
        "XT115",
        "triggers:\n  x:\n    event: ddl_command_end\n    tags: [CREATE TABLE]\n    steps:\n"
        "      - {create_temp_table: s, columns: {a: text}}  # here",
        "fires the trigger itself",
        "CREATE TABLE]",
        "ALTER TABLE]",
    ),
    "a number of one's own": Case(
        "XT116",
        f"{LOG}triggers:\n  x:\n    event: logon\n    steps:\n      - {{insert: t, values: {{id: 1, a: '1'}}}}  # here",
        "numbers the column 'id' itself",
        "id: 1, ",
        "",
    ),
    "a guard that a body does not have": Case(
        "XT117",
        "functions:\n  f:\n    exempt_roles: [dba]  # here\n    body: {postgresql: 'BEGIN RETURN; END'}\n"
        "triggers:\n  x: {event: logon, run: f}",
        "exempt_roles beside body",
        "    exempt_roles: [dba]  # here\n",
        "",
    ),
    "a text that turns round": Case(
        "XT118",
        step("deny: 'not \u202eeno yna'  # here\n        when: ${login_user} = 'guest'").replace(
            "event: logon", "event: logon\n    exempt_roles: [dba]"
        ),
        "U+202E",
        "\u202e",
        "",
    ),
    "a body that moves the cursor": Case(
        "XT118",
        'triggers:\n  x:\n    event: logon\n    body:\n      postgresql: "BEGIN RETURN; -- \\e[2K\\nEND"  # here',
        "U+001B",
        "\\e[2K",
        "",
    ),
    "an expression with a letter that is blank": Case(
        "XT118",
        step("log: x\n        when: ${login_user} = 'a\u3164'  # here"),
        "U+3164",
        "\u3164",
        "",
    ),
    "a comment that hides": Case(
        "XT118",
        step("sql: 'PERFORM 1 /* \u200b */'  # here"),
        "U+200B",
        "\u200b",
        "",
    ),
    "a table that is not defined": Case(
        "XT101", step("insert: tt  # here\n        values: {a: '1'}"), "did you mean 't'", "tt", "t"
    ),
    "a table made elsewhere": Case(
        "XT101",
        step("insert: other  # here\n        values: {a: '1'}"),
        "declared with 'create: false'",
        "tables:",
        "tables:\n  other: {create: false}",
    ),
    "a table in an inner step": Case(
        "XT101",
        step("{if: 'true', then: [{log: x}], else: [{insert: tt, values: {a: '1'}}]}  # here"),
        "insert into 'tt'",
        "insert: tt",
        "insert: t",
    ),
    "a table in a for_each": Case(
        "XT101",
        step("{for_each: ddl_command, do: [{insert: tt, values: {a: '1'}}]}  # here", "ddl_command_end"),
        "insert into 'tt'",
        "insert: tt",
        "insert: t",
    ),
    "a function that is not defined": Case(
        "XT102",
        "functions:\n  rec: {steps: [{log: x}]}\ntriggers:\n  x:\n    event: logon\n    run: reco  # here\n"
        "  y: {event: logon, run: rec}",
        "did you mean 'rec'",
        "run: reco",
        "run: rec",
    ),
    "a column that is not there": Case(
        "XT103",
        step("insert: t\n        values:\n          b: '1'  # here", column="bb"),
        "did you mean 'bb'",
        "          b:",
        "          bb:",
    ),
    "a fact of another event": Case(
        "XT104",
        step("log: ${table}  # here"),
        "it is known at table_rewrite",
        "event: logon",
        "event: table_rewrite",
    ),
    "a command's fact at logon": Case(
        "XT104",
        step("log: x\n        when: ${command_tag} = 'x'  # here"),
        "it is known at ddl_command_start",
        "event: logon",
        "event: ddl_command_start",
    ),
    "an item's fact without an item": Case(
        "XT104",
        step("log: ${object_type}  # here", "ddl_command_end"),
        r"use it inside 'for_each: ddl_command'",
        "- log: ${object_type}",
        "- {for_each: ddl_command, do: [{log: '${object_type}'}]}",
    ),
    "tags at logon": Case(
        "XT105",
        "triggers:\n  x:\n    event: logon\n    tags: [CREATE TABLE]  # here\n    steps: [{log: x}]",
        "remove tags, or use a DDL event",
        "event: logon",
        "event: ddl_command_end",
    ),
    "for_each at another event": Case(
        "XT106",
        step("{for_each: dropped_object, do: [{log: x}]}  # here", "ddl_command_end"),
        "use it at sql_drop",
        "event: ddl_command_end",
        "event: sql_drop",
    ),
    "a for_each inside another": Case(
        "XT106",
        step(
            "{for_each: ddl_command, do: [{for_each: ddl_command, do: [{log: x}]}]}  # here",
            "ddl_command_end",
        ),
        "put its steps side by side",
        "do: [{for_each: ddl_command, do: [{log: x}]}]",
        "do: [{log: x}]",
    ),
    "defaults that differ": Case(
        "XT107",
        "functions:\n  f:  # here\n    steps: [{log: x}]\n"
        "triggers:\n  x: {event: logon, run: f}\n  y: {event: sql_drop, run: f}",
        "write on_error: allow or deny",
        "steps:",
        "on_error: allow\n    steps:",
    ),
    "a function nobody runs": Case(
        "XT109",
        "functions:\n  f: {steps: [{log: x}]}  # here\ntriggers:\n  x: {event: logon, steps: [{log: x}]}",
        "run it from a trigger or remove it",
        "x: {event: logon, steps: [{log: x}]}",
        "x: {event: logon, run: f}",
    ),
    "a bound that DDL does not have": Case(
        "XT111",
        "triggers:\n  x:\n    event: sql_drop\n    timeout: 1s  # here\n    steps: [{log: x}]",
        "remove it",
        "    timeout: 1s  # here\n",
        "",
    ),
    "the owner for the user": Case(
        "XT113",
        step("set: a.b\n        value: ${current_user}  # here"),
        "write ${login_user}",
        "${current_user}",
        "${login_user}",
    ),
    "a waiver of nothing": Case(
        "XT112",
        "triggers:\n  x:\n    event: logon\n    steps: [{log: x}]\n    ignore: {XT111: said long ago}  # here",
        "there is no such finding here",
        "    ignore: {XT111: said long ago}  # here",
        "",
    ),
    "a waiver of an unknown code": Case(
        "XT112",
        "triggers:\n  x:\n    event: logon\n    steps: [{log: x}]\n    ignore: {XT999: nobody knows why}  # here",
        "there is no such code",
        "    ignore: {XT999: nobody knows why}  # here",
        "",
    ),
    "a logon that its own set denies": Case(
        "XT110",
        "triggers:\n  no: {event: ddl_command_start, steps: [{deny: x}]}\n  x:\n    event: logon\n    steps:\n"
        "      - {create_temp_table: s, columns: {a: text}}  # here",
        "restrict that trigger by tags",
        "event: ddl_command_start",
        "event: ddl_command_start, tags: [DROP TABLE]",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_each_finding_has_its_code_place_and_remedy(case: Case):
    found = xtrig.check(load(case.definition))
    assert [finding.code for finding in found] == [case.code]
    (finding,) = found
    assert str(finding.location) == place(case.definition)
    assert case.said in finding.remedy or case.said in finding.message
    assert "\n" not in str(finding)
    assert "<" not in str(finding)


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_following_the_remedy_silences_the_finding(case: Case):
    assert case.old in case.definition
    assert xtrig.check(load(case.definition.replace(case.old, case.new, 1))) == []


def test_a_definition_without_triggers_does_nothing():
    codes = [finding.code for finding in xtrig.check(load(NO_TRIGGER))]
    assert "XT108" in codes
    assert xtrig.check(load(NO_TRIGGER + "\ntriggers:\n  x: {event: logon, run: f}")) == []


def test_every_general_code_is_shown_here():
    general = {code for code in OWN_CODES if code.startswith("XT1")}
    assert {case.code for case in CASES.values()} | {"XT108"} == general


def test_what_has_no_effect_is_a_warning_and_everything_else_an_error():
    for case in CASES.values():
        (finding,) = xtrig.check(load(case.definition))
        assert (finding.severity is Severity.WARNING) == (case.code in WARNINGS)


def test_findings_come_in_the_order_of_the_text():
    definition = """
    triggers:
      b: {event: logon, run: nowhere}
      a: {event: logon, steps: [{insert: t, values: {a: '1'}}, {insert: s, values: {a: '1'}}]}
      c: {event: logon, run: nowhere}
    """
    assert [finding.location.line for finding in xtrig.check(load(definition))] == [3, 4, 4, 5]


def test_a_table_of_someone_else_may_have_any_columns():
    definition = "tables:\n  t: {create: false}\n" + step("insert: t\n        values: {any: '1'}").replace(
        "tables:\n  t: {columns: {a: text}}\n", ""
    )
    assert xtrig.check(load(definition)) == []


def test_a_set_made_in_python_has_findings_without_places():
    (finding,) = xtrig.check(xtrig.TriggerSet())
    assert finding.location is None
    assert str(finding).startswith("definition: ")


def test_a_function_and_a_trigger_with_steps_may_not_make_the_same_object():
    # Both become the function public.x, and the second would silently replace the first.
    definition = """
    functions:
      x: {steps: [{log: one}]}
    triggers:
      a: {event: logon, run: x}
      x: {event: logon, steps: [{log: two}]}
    """
    assert [finding.code for finding in xtrig.check(load(definition))] == ["XT002"]


def test_in_different_schemas_they_are_two_objects():
    definition = """
    functions:
      x: {schema: s, steps: [{log: one}]}
    triggers:
      a: {event: logon, run: x}
      x: {event: logon, steps: [{log: two}]}
    """
    assert xtrig.check(load(definition)) == []

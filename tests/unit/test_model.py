"""The classes of the model: what they take, and that they stay as they are."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from tests.unit.given import load, step, wrong
from xtrig.model import Column, Deny, Function, Insert, Log, Policies, Table, Trigger, TriggerSet


def column(**given: object) -> Column:
    return Column.model_validate(given)


@pytest.mark.parametrize("name", ["a", "Select", 'a"b', "é 😀", "a\nb", "a.b", "$", " ", "'"])
def test_any_text_is_a_name(name: str):
    assert name in TriggerSet(tables={name: Table(create=False)}).tables


@pytest.mark.parametrize("name", ["", "a\0b", "\ud800"])
def test_what_no_server_can_hold_is_no_name(name: str):
    with pytest.raises(ValidationError):
        TriggerSet(tables={name: Table(create=False)})


@pytest.mark.parametrize("text", ["250ms", "5s", "1min", "0ms", "0s", "1000000ms"])
def test_a_duration_is_a_number_and_a_unit(text: str):
    assert Policies(lock_timeout=text).lock_timeout == text


def test_zero_is_a_duration_without_a_unit():
    assert Policies(timeout=0).timeout == "0ms"


@pytest.mark.parametrize("text", ["", "5", "-1s", "1.5s", "05s", "1h", "1 s", "5S", "5s\n", 5, False, "s"])
def test_anything_else_is_no_duration(text: object):
    with pytest.raises(ValidationError):
        Policies(lock_timeout=text)


@pytest.mark.parametrize(
    "text",
    [
        "text",
        "varchar(64)",
        "numeric(10,2)",
        "numeric(10, 2)",
        "double precision",
        "timestamp(3) with time zone",
        "timestamp without time zone",
        "integer[]",
        "my.type",
    ],
)
def test_a_column_type_may_have_a_schema_words_and_lengths(text: str):
    assert column(type=text).type == text


@pytest.mark.parametrize("text", ["", "text;", "text)", "text, b int", "text --", "text'", '"t"', "text\n", "1a"])
def test_a_column_type_is_nothing_more(text: str):
    with pytest.raises(ValidationError, match="not a column type"):
        column(type=text)


def test_a_column_may_be_its_type_alone():
    assert Table(columns={"a": "text"}).columns["a"] == Column(type="text")


@pytest.mark.parametrize("word", ["yes", "no", "on", "off", "y", "t", "1", 1, 0])
def test_only_true_and_false_are_booleans(word: object):
    with pytest.raises(ValidationError):
        Table.model_validate({"columns": {"a": "text"}, "create": word})


def test_what_is_made_stays_as_it_is():
    with pytest.raises(ValidationError, match="frozen"):
        Policies().security = "invoker"  # type: ignore[misc]


def test_a_misspelt_field_is_refused_in_python_too():
    with pytest.raises(ValidationError, match="extra"):
        Policies(securty="definer")


def test_python_may_use_the_field_names_and_instances():
    trigger = Trigger(
        event="logon",
        steps=(Insert(table="t", values={"a": "1"}), Deny(message="no"), {"log": "x"}, Log(message="y")),
    )
    assert [type(each).__name__ for each in trigger.steps] == ["Insert", "Deny", "Log", "Log"]


@pytest.mark.parametrize(
    "definition",
    [
        "schema_: audit",
        "tables:\n  t: {schema_: a, columns: {a: text}}",
        step("{if: 'true', then: [{log: x}], otherwise: [{log: y}]}"),
        step("{condition: 'true', then: [{log: x}]}"),
        step("{revoke_role: r, from_: '1'}"),
    ],
)
def test_a_file_may_not_use_pythons_field_names(definition: str):
    assert {finding.code for finding in wrong(definition)} == {"XT001"}


def test_tags_are_upper_case_single_spaced_and_once():
    assert Trigger(event="sql_drop", tags=["drop  table", "DROP TABLE"], run="f").tags == ("DROP TABLE",)


@pytest.mark.parametrize("value", [1, 1.5, True, None, "now()"])
def test_a_value_is_an_expression_or_a_plain_literal(value: object):
    inserted = Insert(table="t", values={"a": value}).values["a"]
    assert inserted == value
    assert type(inserted) is type(value)


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan")])
def test_a_number_without_end_is_no_value(value: float):
    with pytest.raises(ValidationError):
        Insert(table="t", values={"a": value})


@pytest.mark.parametrize("routine", ["f", ".f", "a.", "a.b.c", "", "a\0.b"])
def test_a_call_names_a_schema_and_a_routine(routine: str):
    assert wrong(step(f"call: {routine!r}".replace("\\x00", "\\0").replace("'", '"')))


def test_a_routine_with_a_line_break_at_its_end_keeps_it():
    assert load(step('call: "a.b\\n"')).triggers["x"].steps[0].routine == "a.b\n"


@pytest.mark.parametrize("body", ["a\0b", "\0"])
def test_a_body_holds_no_nul(body: str):
    with pytest.raises(ValidationError):
        Function(body={"postgresql": body})


def test_a_function_has_steps_or_a_body():
    for given in ({}, {"steps": (Log(message="x"),), "body": {"postgresql": "x"}}):
        with pytest.raises(ValidationError, match="either steps or a body"):
            Function(**given)


def test_locating_falls_back_to_what_is_around():
    triggers = load(step("log: x"))
    assert str(triggers.locate(("triggers", "x", "steps", 0, "nowhere", 7))) == "audit.yaml:8"
    assert TriggerSet().locate(("triggers", "x")) is None


def test_a_set_goes_through_json_and_back():
    triggers = load(step("{if: 'true', then: [{insert: t, values: {a: 1}}], else: [{revoke_role: r, from: '1'}]}"))
    again = TriggerSet.model_validate_json(triggers.model_dump_json(by_alias=True, exclude_unset=True))
    assert again.model_dump() == triggers.model_dump()

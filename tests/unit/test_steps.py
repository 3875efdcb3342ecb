"""What a step knows about itself, for every kind."""

from __future__ import annotations

from typing import Any

import pytest

from xtrig.model import ForEach, Function, If, Insert, Log
from xtrig.model.steps import KINDS, STEP_LISTS, AnyStep

GIVEN: dict[str, dict[str, Any]] = {
    "insert": {"insert": "t", "values": {"a": "${login_user}", "b": 1, "c": "${now}"}, "when": "${ssl}"},
    "deny": {"deny": "no ${login_user}", "when": "${ssl}"},
    "if": {"if": "${login_user}", "then": [{"log": "x"}], "else": [{"log": "y"}]},
    "grant_role": {"grant_role": "r", "to": "${login_user}", "when": "${ssl}"},
    "revoke_role": {"revoke_role": "r", "from": "${login_user}", "when": "${ssl}"},
    "set": {"set": "app.user", "value": "${login_user}", "when": "${ssl}"},
    "create_temp_table": {
        "create_temp_table": "t",
        "columns": {"a": "text"},
        "owner": "${login_user}",
        "when": "${ssl}",
    },
    "call": {"call": "s.f", "args": ["${login_user}", 2, None, "${now}"], "when": "${ssl}"},
    "log": {"log": "a line ${login_user}", "when": "${ssl}"},
    "for_each": {"for_each": "ddl_command", "do": [{"log": "x"}], "when": "${ssl}"},
    "sql": {"sql": {"postgresql": "SELECT ${login_user}", "polardb": "SELECT ${now}"}, "when": "${ssl}"},
}


def made(key: str) -> AnyStep:
    return Function.model_validate({"steps": [GIVEN[key]]}).steps[0]


def at(data: Any, path: tuple[str | int, ...]) -> Any:
    for part in path:
        data = data[part]
    return data


@pytest.mark.parametrize("key", KINDS)
def test_a_step_yields_each_of_its_texts_with_its_place(key: str):
    texts = list(made(key).texts())
    assert {text for _, text in texts} == set(of_itself(GIVEN[key]))
    for path, text in texts:
        there = at(GIVEN[key], path)
        assert text in there.values() if isinstance(there, dict) else text == there


def of_itself(given: Any) -> list[str]:
    """Return every text with a fact in it, without those of the steps inside."""
    if isinstance(given, dict):
        return [text for key, value in given.items() if key not in STEP_LISTS for text in of_itself(value)]
    if isinstance(given, list):
        return [text for value in given for text in of_itself(value)]
    return [given] if isinstance(given, str) and "${" in given else []


@pytest.mark.parametrize("key", KINDS)
def test_the_key_of_a_step_is_that_of_one_of_its_fields(key: str):
    assert type(made(key)) is KINDS[key]
    assert key in {field.serialization_alias or name for name, field in KINDS[key].model_fields.items()}


@pytest.mark.parametrize("kind", KINDS.values(), ids=str)
def test_what_writes_may_write_and_may_fail(kind: type[AnyStep]):
    assert kind.writes <= kind.may_write <= kind.may_fail
    assert kind.may_write_rows <= kind.may_write


@pytest.mark.parametrize("key", KINDS)
def test_the_lists_of_a_step_are_all_its_fields_that_hold_steps(key: str):
    holding = {name for name, value in made(key) if isinstance(value, tuple) and isinstance(value[0], AnyStep)}
    assert holding == set(KINDS[key].lists.values())


def test_names_of_the_database_are_those_a_step_gives_itself():
    named = {key: made(key).names for key in GIVEN}
    assert {key: names for key, names in named.items() if names} == {
        "grant_role": ("r",),
        "revoke_role": ("r",),
        "create_temp_table": ("t", "a"),
        "call": ("s", "f"),
    }


def test_a_step_writes_only_if_each_step_inside_may():
    row, line = Insert(table="t", values={"a": 1}), Log(message="x")
    assert If(condition="true", then=(row,), otherwise=(row,)).only_writes()
    assert not If(condition="true", then=(row,), otherwise=(line,)).only_writes()
    assert ForEach(item="ddl_command", do=(If(condition="true", then=(row,)),)).only_writes()
    assert not line.only_writes()


def test_a_walk_comes_to_every_step_in_order():
    row, line = Insert(table="t", values={"a": 1}), Log(message="x")
    choice = If(condition="true", then=(row,), otherwise=(line,))
    assert list(ForEach(item="ddl_command", do=(choice, line)).walk())[1:] == [choice, row, line, line]

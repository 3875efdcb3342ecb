"""The JSON Schema of definition files: it takes what the loader takes, and what it refuses the loader refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

import xtrig
from tests.unit.given import step, text_of
from xtrig.errors import DefinitionError
from xtrig.load.yaml12 import read_document
from xtrig.model.triggers import json_schema

ROOT = Path(__file__).parents[2]
FILES = sorted([*ROOT.glob("examples/*.yaml"), *ROOT.glob("tests/golden/*/triggers.yaml")])
PRESETS = sorted(ROOT.glob("xtrig/**/presets/*.yaml"))

VALIDATOR = Draft202012Validator(json_schema())


def complaints(text: str) -> list[str]:
    return [error.message for error in VALIDATOR.iter_errors(read_document(text.encode(), "a.yaml").data)]


def test_it_is_a_schema():
    Draft202012Validator.check_schema(json_schema())
    assert json_schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("path", [*FILES, *PRESETS], ids=lambda path: path.relative_to(ROOT).as_posix())
def test_it_takes_every_definition_of_ours(path: Path):
    assert complaints(path.read_text("utf-8")) == []


def test_there_are_definitions_to_take():
    assert len(FILES) >= 5


RIGHT = {
    "an empty set": "",
    "zero as a bound": "defaults: {lock_timeout: 0, timeout: 0}",
    "every policy": "defaults: {security: invoker, on_error: deny, standby: run, lock_timeout: 1s, timeout: 1min,"
    " durability: relaxed, exempt_roles: [a], language: plpgsql}",
    "no policy": "defaults: {security: null, on_error: null, lock_timeout: null, exempt_roles: null}",
    "a column in short": "tables: {t: {columns: {a: text, b: {type: int, primary_key: true, nullable: false}}}}",
    "a table of someone else": "tables: {t: {create: false, schema: s}}",
    "values of every kind": step("{insert: t, values: {a: 1, b: 1.5, c: true, d: null, e: now()}}"),
    "set to a number": step("{set: a.b, value: 1, scope: transaction}"),
    "call": step("{call: a.b, args: [1, null, now()], kind: procedure, when: 'true'}"),
    "if and else": step("{if: 'true', then: [{deny: x}], else: [{revoke_role: r, from: a}]}"),
    "for_each": step("{for_each: ddl_command, do: [{sql: {postgresql: select 1}}], when: 'true'}"),
    "a temporary table": step("{create_temp_table: s, columns: {a: text}, owner: a}"),
    "tags and enable": "triggers: {x: {event: sql_drop, tags: [A], enable: replica, if_unsupported: infer, run: f}}",
    "a body": "functions: {f: {body: {postgresql: x}}}",
}


@pytest.mark.parametrize("case", RIGHT)
def test_what_the_loader_takes_it_takes(case: str):
    text = text_of(RIGHT[case])
    xtrig.load_text(text)
    assert complaints(text) == []


WRONG = {
    "no version": "schema: a",
    "another version": "xtrig: 2",
    "version as text": "xtrig: '1'",
    "version as a boolean": "xtrig: true",
    "unknown section": "xtrig: 1\ntrigers: {}",
    "python's name": "xtrig: 1\nschema_: a",
    "python's name of a table's": "xtrig: 1\ntables: {t: {create: false, schema_: a}}",
    "text for a section": "xtrig: 1\ntriggers: x",
    "nothing for a section": "xtrig: 1\ntables:",
    "text for a boolean": "xtrig: 1\ntables: {t: {create: 'no'}}",
    "number for a boolean": "xtrig: 1\ntables: {t: {create: 0}}",
    "yes for a boolean": "xtrig: 1\ntables: {t: {columns: {a: {type: int, identity: yes}}}}",
    "number for a name": "xtrig: 1\nschema: 1",
    "empty name": "xtrig: 1\nschema: ''",
    "unknown policy": "xtrig: 1\ndefaults: {securty: definer}",
    "unknown policy value": "xtrig: 1\ndefaults: {security: definr}",
    "number for a duration": "xtrig: 1\ndefaults: {timeout: 5}",
    "boolean for a duration": "xtrig: 1\ndefaults: {timeout: false}",
    "text for a list": "xtrig: 1\ndefaults: {exempt_roles: a}",
    "mapping for a list": "xtrig: 1\ndefaults: {exempt_roles: {a: b}}",
    "no event": "xtrig: 1\ntriggers: {x: {run: f}}",
    "unknown event": "xtrig: 1\ntriggers: {x: {event: login, run: f}}",
    "unknown enable": "xtrig: 1\ntriggers: {x: {event: logon, run: f, enable: on}}",
    "unknown step": text_of(step("insrt: t")),
    "an empty step": text_of(step("{}")),
    "text for a step": text_of(step("log")),
    "two steps in one": text_of(step("{log: x, deny: y}")),
    "a step's unknown key": text_of(step("{log: x, wen: 'true'}")),
    "an insert without values": text_of(step("insert: t")),
    "an insert of nothing": text_of(step("{insert: t, values: {}}")),
    "a list for a value": text_of(step("{insert: t, values: {a: [1]}}")),
    "a grant to nobody": text_of(step("grant_role: r")),
    "python's name of a step's": text_of(step("{revoke_role: r, from_: a}")),
    "an if without then": text_of(step("if: 'true'")),
    "an if with an empty then": text_of(step("{if: 'true', then: []}")),
    "when on an if": text_of(step("{if: 'true', then: [{log: x}], when: 'true'}")),
    "python's name of else": text_of(step("{if: 'true', then: [{log: x}], otherwise: [{log: x}]}")),
    "unknown item": text_of(step("{for_each: table, do: [{log: x}]}")),
    "an empty message": text_of(step("deny: ''")),
    "a number for a message": text_of(step("deny: 1")),
    "a boolean for a condition": text_of(step("{log: x, when: true}")),
    "a call without a schema": text_of(step("call: f")),
    "a temporary table without columns": text_of(step("{create_temp_table: s, columns: {}}")),
    "a column without a type": "xtrig: 1\ntables: {t: {columns: {a: {nullable: true}}}}",
    "a column's unknown key": "xtrig: 1\ntables: {t: {columns: {a: {type: int, nul: true}}}}",
    "a list": "- a",
    "nothing": "",
}


@pytest.mark.parametrize("case", WRONG)
def test_what_it_refuses_the_loader_refuses(case: str):
    assert complaints(WRONG[case])
    with pytest.raises(DefinitionError):
        xtrig.load_text(WRONG[case])


def test_every_key_is_described_to_an_editor_or_speaks_for_itself():
    described = json.dumps(json_schema())
    for word in ("The event that fires the trigger", "Run the step only when this is true", "break-glass"):
        assert word in described


def leaves(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(data, dict):
        return [found for key, value in data.items() for found in [(*path, key), *leaves(value, (*path, key))]]
    if isinstance(data, list):
        return [found for number, value in enumerate(data) for found in leaves(value, (*path, number))]
    return []


def replaced(data: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    copy = data.copy()
    copy[path[0]] = replaced(data[path[0]], path[1:], value)
    return copy


@pytest.mark.parametrize("junk", ["", "no", 0, 5, 1.5, True, None, [], {}, ["x"], {"x": "y"}], ids=repr)
@pytest.mark.parametrize("path", sorted(ROOT.glob("examples/*.yaml")), ids=lambda path: path.stem)
def test_with_junk_anywhere_in_an_example_the_loader_is_no_more_lenient(path: Path, junk: Any):
    data = read_document(path.read_bytes(), path.name).data
    for place in leaves(data):
        spoilt = replaced(data, place, junk)
        try:
            xtrig.load_text(yaml.safe_dump(spoilt, sort_keys=False))
        except DefinitionError:
            continue
        assert list(VALIDATOR.iter_errors(spoilt)) == [], place

"""``xtrig.dump``: the text of a definition file, made of a set."""

from __future__ import annotations

from pathlib import Path

import pytest

import xtrig
from xtrig.model import CreateTempTable, Deny, ForEach, Function, If, Insert, Log, Set, Table, Trigger, TriggerSet

ROOT = Path(__file__).parents[2]
FILES = sorted(
    [*ROOT.glob("examples/*.yaml"), *ROOT.glob("tests/golden/cases/*.yaml"), *ROOT.glob("xtrig/testing/cases/*.yaml")]
)


@pytest.mark.parametrize("file", FILES, ids=[each.name for each in FILES])
def test_what_was_loaded_loads_back_equal(file: Path) -> None:
    triggers = xtrig.load(file)
    assert xtrig.load_text(xtrig.dump(triggers)) == triggers
    assert triggers.to_yaml() == xtrig.dump(triggers)


def test_a_set_of_several_files_loads_back_equal(tmp_path: Path) -> None:
    one, other = tmp_path / "one.yaml", tmp_path / "other.yaml"
    one.write_text("xtrig: 1\ndefaults: {security: invoker}\ntriggers: {a: {event: logon, steps: [{log: a}]}}\n")
    other.write_text("xtrig: 1\ntriggers: {b: {event: logon, steps: [{log: b}]}}\n")
    triggers = xtrig.load(one, other)
    assert xtrig.load_text(xtrig.dump(triggers)) == triggers


def test_a_set_made_in_python_loads_back_equal() -> None:
    deny = Deny(message="no: ${tag}\n# \u0085 'x'", hint="0x1F", detail="yes", sqlstate="28000", when="${tag} = '1e3'")
    loop = ForEach(item="dropped_object", do=[If(condition="true", then=[Log(message="a", level="notice")])])
    steps = [
        Insert(table="t", values={"a": None, "on": True, "c": "NULL", "d": -1.5}),
        deny,
        Set(parameter="a.b", value="1"),
    ]
    triggers = TriggerSet(
        schema="no",
        name="x",
        tables={
            "t": Table(columns={"a": "text", "on": {"type": "bool", "default": "true"}, "c": "text", "d": "numeric"})
        },
        functions={
            "f": Function(steps=[*steps, CreateTempTable(table="s", columns={"a": "text"})], exempt_roles=["null"]),
            "g": Function(
                body={"postgresql": "\n BEGIN\n\tNULL;  \nEND\n"}, settings={"search_path": "", "work_mem": "8MB"}
            ),
        },
        triggers={
            "1": Trigger(event="logon", run="f"),
            "2": Trigger(event="sql_drop", steps=[loop], tags=["DROP TABLE"]),
            "3": Trigger(event="logon", run="g"),
        },
    )
    assert xtrig.load_text(xtrig.dump(triggers)) == triggers


def test_what_is_no_set_is_said_in_one_line() -> None:
    with pytest.raises(xtrig.UsageError, match="a set"):
        xtrig.dump("xtrig: 1")  # type: ignore[arg-type]

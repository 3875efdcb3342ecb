"""Sets made in Python: what type checkers are told is what the model takes, and wrong objects are one line."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Required, get_args, get_origin, get_type_hints

import pytest

import xtrig
from xtrig.cli import main
from xtrig.errors import UsageError
from xtrig.facts import Event, Item
from xtrig.load import merge
from xtrig.model import (
    Call,
    Column,
    CreateTempTable,
    ForEach,
    Function,
    If,
    Insert,
    Log,
    Policies,
    Sql,
    Table,
    Trigger,
    TriggerSet,
    arguments,
)
from xtrig.model.values import Model

YAML = """
xtrig: 1
name: mine
schema: audit
defaults: {exempt_roles: [dba], timeout: 0}
tables:
  log: {schema: other, columns: {id: {type: bigint, identity: true}, who: text}}
functions:
  note: {schema: other, steps: [{insert: log, values: {who: "${login_user}"}}]}
triggers:
  on_logon: {event: logon, run: note}
  on_end:
    event: ddl_command_end
    tags: [create table]
    steps:
      - {for_each: ddl_command, do: [{log: "${command_tag}"}]}
      - {if: "1 = 1", then: [{call: a.b, args: [1, "2"]}], else: [{sql: {postgresql: "PERFORM 1"}}]}
"""
MADE = TriggerSet(
    name="mine",
    schema="audit",
    defaults=Policies(exempt_roles=["dba"], timeout=0),
    tables={"log": Table(schema="other", columns={"id": {"type": "bigint", "identity": True}, "who": "text"})},
    functions={"note": Function(schema="other", steps=[Insert(table="log", values={"who": "${login_user}"})])},
    triggers={
        "on_logon": Trigger(event="logon", run="note"),
        "on_end": Trigger(
            event="ddl_command_end",
            tags=["create table"],
            steps=[
                ForEach(item="ddl_command", do=[Log(message="${command_tag}")]),
                If(
                    condition="1 = 1",
                    then=[Call(routine="a.b", args=[1, "2"])],
                    otherwise=[Sql(sql={"postgresql": "PERFORM 1"})],
                ),
            ],
        ),
    },
)


def test_a_set_made_in_python_is_that_of_a_file() -> None:
    assert xtrig.load_text(YAML) == MADE


@pytest.mark.parametrize(
    ("model", "told"),
    [
        (Column, arguments.ColumnArguments),
        (Table, arguments.TableArguments),
        (Policies, arguments.PolicyArguments),
        (Function, arguments.FunctionArguments),
        (Trigger, arguments.TriggerArguments),
        (TriggerSet, arguments.TriggerSetArguments),
        (Insert, arguments.InsertArguments),
        (CreateTempTable, arguments.CreateTempTableArguments),
        (Call, arguments.CallArguments),
        (Sql, arguments.SqlArguments),
        (If, arguments.IfArguments),
        (ForEach, arguments.ForEachArguments),
    ],
)
def test_type_checkers_are_told_the_fields(model: type[Model], told: Any) -> None:
    schema = {"schema"} if "schema_" in model.model_fields else set()
    assert set(told.__annotations__) == set(model.model_fields) | schema
    hints = get_type_hints(told, include_extras=True)
    required = {name for name, hint in hints.items() if get_origin(hint) is Required}
    assert required == {name for name, field in model.model_fields.items() if field.is_required()}


def test_type_checkers_are_told_the_names() -> None:
    assert get_args(arguments.EventName) == tuple(map(str, Event))
    assert get_args(arguments.ItemName) == tuple(map(str, Item))


@pytest.mark.parametrize("made", [MADE, xtrig.load_text(YAML)], ids=["python", "file"])
def test_a_set_is_data_and_back(made: TriggerSet) -> None:
    assert TriggerSet.model_validate(made.to_dict()) == made
    assert made.to_dict()["xtrig"] == 1


def test_a_set_of_several_files_is_data_and_back(tmp_path: Path) -> None:
    merged = merge(
        [
            xtrig.load_text(
                "xtrig: 1\ndefaults: {on_error: deny, exempt_roles: [a]}\n"
                "triggers: {a: {event: logon, steps: [{log: x}]}}"
            ),
            xtrig.load_text("xtrig: 1\nschema: b\ntriggers: {b: {event: logon, steps: [{log: x}]}}"),
        ]
    )
    assert merged.triggers["a"].on_error == "deny"
    assert TriggerSet.model_validate(merged.to_dict()) == merged


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: xtrig.plan("audit.yaml", "postgresql://h/d"), "is of type str; read a file with xtrig.load"),
        (lambda: xtrig.apply(Path("audit.yaml")), "a definition is a TriggerSet, and this is of type pathlib"),
        (lambda: xtrig.check({}), "is of type dict"),
        (lambda: xtrig.render(None), "is of type NoneType"),
        (lambda: xtrig.drop("first", "postgresql://h/d"), "is of type str"),
        (lambda: xtrig.render(MADE, dialect=7), "the name of a dialect is a str, and this is of type int"),
        (lambda: xtrig.apply(MADE, canary=True), "canary is a Canary, and this is of type bool"),
        (lambda: xtrig.apply(MADE, canary=None, bounds=5), "bounds is a Bounds, and this is of type int"),
        (lambda: xtrig.Canary(roles="app"), "roles of a canary is a list, and this is one text"),
        (lambda: xtrig.load(["a.yaml"]), "give paths one by one"),
        (lambda: xtrig.load(MADE), "the name of a definition file is a str or PathLike"),
        (lambda: xtrig.load_text(b"xtrig: 1"), "the text of a definition is a str, and this is of type bytes"),
        (lambda: xtrig.save_plan(MADE, "plan.json"), "what is saved is a Plan, and this is of type xtrig.model"),
    ],
)
def test_an_argument_of_a_wrong_type_is_one_line(call: Callable[[], object], message: str) -> None:
    with pytest.raises(UsageError) as refused:
        call()
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_version_may_be_a_number_and_roles_a_list() -> None:
    assert str(xtrig.render(MADE, target_version=17)) == str(xtrig.render(MADE, target_version="17"))
    assert xtrig.Canary(roles=["a"]) == xtrig.Canary(roles=("a",))


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    for name in [name for name in sys.modules if name.partition(".")[0] == "myapp"]:
        monkeypatch.delitem(sys.modules, name)

    def write(text: str) -> None:
        package = tmp_path / "myapp"
        package.mkdir()
        (package / "__init__.py").write_text("", "utf-8")
        (package / "triggers.py").write_text(text, "utf-8")

    return write


def run(*arguments_: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(list(arguments_))
    assert isinstance(left.value.code, int)
    return left.value.code


SET = "import xtrig\nTRIGGERS = xtrig.load_text('xtrig: 1\\ntriggers: {a: {event: logon, steps: [{log: x}]}}')\n"


@pytest.mark.parametrize("command", ["render", "check", "explain"])
def test_a_set_of_a_program_is_named_like_a_file(
    command: str, program: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    program(SET)
    assert run(command, "myapp.triggers:TRIGGERS") == 0
    assert run("render", "myapp.triggers:TRIGGERS", "myapp.triggers:TRIGGERS") == 1
    assert "the name is given twice" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "word", "message"),
    [
        (SET, "myap.triggers:TRIGGERS", "cannot import myap.triggers: ModuleNotFoundError: No module named 'myap'"),
        (SET, "myapp.triggers:TRIGERS", "TRIGERS is not there; did you mean 'TRIGGERS'?"),
        (SET, "myapp.triggers:xtrig", "is of type _Package, not a TriggerSet; sets there: TRIGGERS"),
        (SET, "myapp.triggers:TRIGGERS.none", "none is not there"),
        ("raise RuntimeError('a\\nb')", "myapp.triggers:X", "cannot import myapp.triggers: RuntimeError: a b"),
        ("raise SystemExit(3)", "myapp.triggers:X", "cannot import myapp.triggers: SystemExit: 3"),
        ("import xtrig\nxtrig.load('none.yaml')", "myapp.triggers:X", "none.yaml: cannot be read"),
    ],
)
def test_a_wrong_name_is_one_line(
    text: str, word: str, message: str, program: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    program(text)
    assert run("render", word) == 64
    said = capsys.readouterr().err
    assert message in said
    assert len(said.splitlines()) == 1


def test_a_file_of_that_name_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a:b").write_text("xtrig: 1\ntriggers: {a: {event: logon, steps: [{log: x}]}}", "utf-8")
    assert run("check", "a:b") == 0


def test_what_is_public_is_found_at_the_top() -> None:
    from xtrig import deploy

    assert {name for name in xtrig.__all__ if getattr(deploy, name, None) is getattr(xtrig, name)} >= {
        "Change",
        "Login",
        "Plan",
        "Stage",
        "Where",
        "import_database",
    }

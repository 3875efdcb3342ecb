"""Scripts to definitions: golden files, and every script of ours back to what it was rendered from.

``tests/import`` holds ``<case>.sql`` and the ``<case>.yaml`` that it becomes. Its first line says the dialect.
``make golden`` writes the definitions anew; review the diff.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import xtrig
from tests.test_golden import CASES as GOLDEN_CASES
from tests.test_golden import DIALECTS, definition, options
from xtrig.importer import Assembled, import_script, to_json, to_yaml
from xtrig.resolve import resolve

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "tests" / "import"
CASES = sorted(path.stem for path in FOLDER.glob("*.sql"))
EXAMPLES = sorted(path.stem for path in (ROOT / "examples").glob("*.yaml"))

# Rendered again, these read differently and mean the same.
REWORDED = {
    ("logon-sql-per-dialect", "postgresql"): "the statement of its sql step is a call, which is a step of its own",
    **{
        (f"logon-deny-terminate{form}", f"polardb{edition}"): "the deny's message is not in the text: its end is a call"
        for form in ("", "-plpgsql")
        for edition in ("", "-oracle")
    },
    **{("logon-plsql", f"polardb{edition}"): "as above, and parentheses around a CASE" for edition in ("", "-oracle")},
    ("logon-portable", "postgresql"): "a table of others that only a condition names comes back with its schema there",
    ("ddl-shared-function", "polardb-oracle"): "tg_event is the portable event's name at every DDL event",
}


def imported(case: str) -> Assembled:
    script = (FOLDER / f"{case}.sql").read_bytes()
    return import_script(script, script.decode().splitlines()[0].removeprefix("-- ").strip(), f"{case}.sql")


def shown(case: str) -> str:
    result = imported(case)
    findings = "".join(f"# {finding}\n" for finding in result.findings)
    return f"{findings}{to_yaml(result)}"


@pytest.mark.parametrize("case", CASES)
def test_definition_is_the_golden_one(case: str, update_golden: bool) -> None:
    golden = FOLDER / f"{case}.yaml"
    text = shown(case)
    if update_golden:
        golden.write_text(text, encoding="utf-8", newline="\n")
    assert golden.exists(), f"{golden.name} is missing: make golden, and review it"
    assert text == golden.read_text("utf-8")


def test_every_script_has_a_definition_and_no_other_is_there() -> None:
    assert {path.stem for path in FOLDER.glob("*.yaml")} == set(CASES)
    assert len(CASES) >= 5


@pytest.mark.parametrize("case", CASES)
def test_json_is_the_same_definition(case: str) -> None:
    result = imported(case)
    assert xtrig.load_text(to_json(result)) == xtrig.load_text(to_yaml(result)) == result.triggers


def rendered(case: str, dialect: str) -> xtrig.Script | None:
    version = options(case).get("target_version", {}).get(dialect)
    try:
        return xtrig.render(definition(case), dialect, target_version=version)
    except xtrig.XtrigError:
        return None


# Scripts of these hold no function: what comes back of Oracle's is asked in tests/unit/test_import_oracle.py.
@pytest.mark.parametrize("dialect", [name for name in DIALECTS if name not in ("firebird", "mariadb", "oracle")])
@pytest.mark.parametrize("case", GOLDEN_CASES)
def test_a_script_of_ours_comes_back(case: str, dialect: str) -> None:
    script = rendered(case, dialect)
    if script is None or options(case).get("drop"):
        return  # a refusal has no script, and a removal makes no trigger
    if definition(case).sessions:
        return  # it comes back as its parts: see below
    result = import_script(str(script).encode(), dialect, f"{case}.sql")
    assert {finding.code for finding in result.findings} <= {"XT410"}
    again = xtrig.render(xtrig.load_text(to_yaml(result)), dialect, target_version=script.target_version)
    if (case, dialect) not in REWORDED:
        assert [each.sql for each in again] == [each.sql for each in script]


def test_a_record_of_sessions_comes_back_as_its_parts_and_says_what_is_missing() -> None:
    script = rendered("sessions-inferred", "postgresql")
    result = import_script(str(script).encode(), "postgresql", "sessions-inferred.sql")
    assert set(result.triggers.triggers) == {"audit_logon"}
    assert "XT402" in {finding.code for finding in result.findings}


def meaning(triggers: xtrig.TriggerSet) -> dict[str, Any]:
    """Return everything that a definition says, without the form in which it does."""
    found = resolve(triggers)
    functions = {
        trigger.name: replace(
            trigger.function, path=(), policies=trigger.function.policies._replace(stated=frozenset())
        )
        for trigger in found.triggers
    }
    return {
        "tables": {name: table._replace(path=(), table=xtrig_table(table)) for name, table in found.tables.items()},
        "functions": functions,
        "triggers": {each.name: replace(each, path=(), function=functions[each.name]) for each in found.triggers},
    }


def xtrig_table(table: Any) -> Any:
    return table.table.model_copy(update={"schema_": None})


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_comes_back_as_it_was(name: str) -> None:
    text = (ROOT / "examples" / f"{name}.yaml").read_text("utf-8")
    # PostgreSQL has no variable for the instance: there it is the constant 1.
    expected = xtrig.load_text(text.replace("instance_num: ${instance}", "instance_num: 1"))
    script = str(xtrig.render(xtrig.load_text(text)))
    assert meaning(import_script(script.encode(), "postgresql").triggers) == meaning(expected)

"""Every situation in tests/golden on every dialect, byte for byte.

How the files are kept is said in ``tests/goldens.py``. ``make golden`` writes them anew; review the diff.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import xtrig
from tests.goldens import CASES, GOLDEN, golden, is_script, keep, options, parts_in_use
from tests.parsers.plsql import PlsqlParser
from tests.parsers.postgres import parse_plpgsql_functions, parse_script
from xtrig_polardb.compilation import in_plsql

ROOT = Path(__file__).parents[1]
DIALECTS = ("firebird", "mariadb", "oracle", "polardb", "polardb-oracle", "postgresql")
PAIRS = [(case, dialect) for case in CASES for dialect in DIALECTS]
POSTGRESQL = [case for case in CASES if is_script(case, "postgresql")]
EVENTS = {"logon": "login", "logoff": "login"}


@pytest.mark.parametrize(("case", "dialect"), PAIRS)
def test_rendering_is_the_golden_one(case: str, dialect: str, update_golden: bool) -> None:
    refused, text = rendered(case, dialect)
    if update_golden:
        keep(case, dialect, text, refused=refused)
    assert is_script(case, dialect) is not refused
    assert text == golden(case, dialect)


@pytest.mark.parametrize("case", CASES)
def test_folder_holds_one_file_for_each_dialect_and_no_other(case: str) -> None:
    files = {path.name for path in (GOLDEN / case).iterdir()} - {"triggers.yaml", "options.yaml"}
    assert len(files) == len(DIALECTS)
    assert {name.rpartition(".")[0] for name in files} == set(DIALECTS)


def test_what_scripts_share_is_in_use() -> None:
    used = parts_in_use()
    assert {path.stem for path in (GOLDEN / "parts").iterdir()} == set(used)
    assert min(used.values()) > 1


def test_all_installed_dialects_have_goldens() -> None:
    assert set(DIALECTS) <= set(xtrig.dialects())


def test_there_are_enough_situations() -> None:
    examples = {path.stem for path in (ROOT / "examples").glob("*.yaml")}
    covered = {Path(options(case).get("definition", "")).stem for case in CASES}
    assert examples <= covered
    assert len(CASES) >= len(examples) + 20


@pytest.mark.parametrize("case", POSTGRESQL)
def test_postgresql_golden_parses_with_its_triggers_and_functions(case: str) -> None:
    text = golden(case, "postgresql")
    objects = parse_script(text)
    functions = {each.name for each in objects if each.kind == "create_function"}
    assert parse_plpgsql_functions(text) == len([each for each in objects if each.kind == "create_function"])
    made = {each.name: each for each in objects if each.kind == "create_event_trigger"}
    if options(case).get("drop"):
        assert {each.name for each in objects if each.kind == "drop_event_trigger"} == set(definition(case).triggers)
        return
    wanted = wanted_triggers(case)
    assert {name: each.event for name, each in made.items()} == wanted
    run = {each.function for each in made.values()}
    # A record of sessions has functions beside those that triggers run.
    assert run < functions if definition(case).sessions else run == functions


@pytest.mark.xdist_group("plsql")
def test_polardb_goldens_parse_as_plsql(plsql: PlsqlParser) -> None:
    seen = 0
    for case, dialect in PAIRS:
        if not dialect.startswith("polardb") or not is_script(case, dialect):
            continue
        for statement in render(case, dialect):
            if in_plsql(statement.sql):
                # Oracle has no SET clause before IS; the vendor's page of CREATE FUNCTION has it.
                text = re.sub(r" SET \w+ = [\w, ]+(?= SET | IS\n)", "", statement.sql)
                result = plsql.parse(f"{text};")
                assert result.errors == (), (case, dialect, statement.sql)
                (unit,) = result.units
                assert unit.kind in ("create_function", "create_trigger")
                assert unit.returns == ("event_trigger" if unit.kind == "create_function" else "")
                seen += 1
    assert seen > 30


@pytest.mark.xdist_group("plsql")
def test_oracle_goldens_parse_as_plsql(plsql: PlsqlParser) -> None:
    scripts = [case for case in CASES if is_script(case, "oracle")]
    for case in scripts:
        for statement in render(case, "oracle"):
            result = plsql.parse(f"{statement.sql};")
            assert result.errors == (), (case, statement.sql)
            (unit,) = result.units
            assert unit.kind in ("create_trigger", "anonymous_block")
            if unit.kind == "create_trigger":
                assert (unit.timing, unit.scope) in {("AFTER", "DATABASE"), ("BEFORE", "DATABASE")}
    assert len(scripts) > 15


def wanted_triggers(case: str) -> dict[str, str]:
    """Return trigger name to PostgreSQL event for what a PostgreSQL script has to create."""
    triggers = definition(case)
    recording = {f"{triggers.name}_logon": "login"} if triggers.sessions else {}
    return recording | {
        name: EVENTS.get(trigger.event, str(trigger.event))
        for name, trigger in triggers.triggers.items()
        if not (trigger.event == "logoff" and trigger.if_unsupported == "skip")
    }


def rendered(case: str, dialect: str) -> tuple[bool, str]:
    """Return whether the case is refused, and the refusal or the script."""
    try:
        return False, str(render(case, dialect))
    except xtrig.XtrigError as error:
        return True, f"{error}\n"


def render(case: str, dialect: str) -> xtrig.Script:
    """Render a case as its options say."""
    given = options(case)
    version = given.get("target_version", {}).get(dialect)
    return xtrig.render(
        definition(case),
        dialect,
        target_version=version,
        drop=given.get("drop", False),
        with_data=given.get("with_data", False),
    )


def definition(case: str) -> xtrig.TriggerSet:
    """Return a case's definition; messages call its file by name alone."""
    path = ROOT / options(case).get("definition", f"tests/golden/{case}/triggers.yaml")
    return xtrig.load_text(path.read_text(encoding="utf-8"), path.name)

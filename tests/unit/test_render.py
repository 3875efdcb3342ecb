"""Rendering through the library: what is refused, what comes with the script, and the same bytes every time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import xtrig
from tests.unit.given import load, step
from xtrig.errors import DefinitionError, RefusedError, UsageError

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.yaml"))
GOOD = step("{set: a.b, value: 1}")


def test_postgresql_is_what_is_rendered_when_nobody_says():
    script = xtrig.render(load(GOOD))
    assert (script.dialect, script.target_version, script.findings) == ("postgresql", "18", ())


@pytest.mark.parametrize(
    ("dialect", "version"),
    [("postgresql", "17"), ("postgresql", "18.4"), ("polardb", "11"), ("polardb-oracle", "2.0.14.15.31.0")],
)
def test_the_target_version_is_in_the_script(dialect: str, version: str):
    script = xtrig.render(load(GOOD), dialect, target_version=version)
    assert script.target_version == version
    assert version in str(script).splitlines()[0]


@pytest.mark.parametrize("version", ["12", "9.6", "1", "17beta", "v17", "17..1", "²"])
def test_another_version_is_refused_with_those_there_are(version: str):
    with pytest.raises(UsageError, match="versions: 13, 14"):
        xtrig.render(load(GOOD), target_version=version)


def test_an_unknown_dialect_names_the_nearest():
    with pytest.raises(UsageError, match="did you mean 'postgresql'"):
        xtrig.render(load(GOOD), "postgres")


def test_a_wrong_definition_is_refused_before_the_dialect_is_asked():
    with pytest.raises(DefinitionError) as caught:
        xtrig.render(load(step("insert: nowhere\n        values: {a: '${auth_method}'}")), "polardb")
    assert [finding.code for finding in caught.value.findings] == ["XT101"]


def test_a_refusal_has_all_findings_warnings_too():
    definition = GOOD + "  y: {event: logoff, steps: [{log: x}]}\nfunctions:\n  f: {steps: [{log: x}]}\n"
    with pytest.raises(RefusedError) as caught:
        xtrig.render(load(definition))
    assert [finding.code for finding in caught.value.findings] == ["XT109", "XT201"]
    assert len(str(caught.value).splitlines()) == 2


def test_a_drop_script_keeps_the_tables_unless_told_otherwise():
    triggers = load(GOOD)
    assert "DROP TABLE" not in str(xtrig.render(triggers, drop=True))
    assert "DROP TABLE" in str(xtrig.render(triggers, drop=True, with_data=True))


@pytest.mark.parametrize("dialect", ["postgresql", "polardb", "polardb-oracle"])
def test_a_set_of_which_nothing_is_left_is_still_a_script(dialect: str):
    definition = "triggers:\n  x: {event: logoff, if_unsupported: skip, steps: [{set: a.b, value: 1}]}"
    text = str(xtrig.render(load(definition), dialect))
    assert "IN ()" not in text


def test_a_script_does_not_depend_on_the_hash_seed():
    code = (
        "import sys, xtrig\n"
        "for path in sys.argv[1:]:\n"
        "    for dialect in xtrig.dialects():\n"
        "        try: print(xtrig.render(xtrig.load(path), dialect))\n"
        "        except xtrig.RefusedError as error: print(error)\n"
    )
    texts = {
        subprocess.run(
            [sys.executable, "-c", code, *EXAMPLES],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(texts) == 1

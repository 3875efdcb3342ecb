"""What each example comes to on each dialect, in tests/explain, byte for byte; ``make golden`` writes it anew."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import xtrig
from tests.test_golden import CASES, definition, options
from xtrig.checks import examine
from xtrig.dialect import Situation, Support, Topic
from xtrig.errors import XtrigError
from xtrig.explain.markdown import as_markdown
from xtrig.registry import get_dialect
from xtrig.render import translate

ROOT = Path(__file__).parents[1]
EXPLAINED = ROOT / "tests" / "explain"
EXAMPLES = sorted(path.stem for path in (ROOT / "examples").glob("*.yaml"))
DIALECTS = ("firebird", "polardb", "polardb-oracle", "postgresql")
VERSION = "0"
"""Not xtrig's own, so that a release changes no golden file."""


@pytest.mark.parametrize("example", EXAMPLES)
def test_explanation_is_the_golden_one(example: str, update_golden: bool) -> None:
    source = ROOT / "examples" / f"{example}.yaml"
    triggers = xtrig.load_text(source.read_text("utf-8"), f"examples/{source.name}")
    text = as_markdown(xtrig.explain(triggers, dialects=DIALECTS), VERSION)
    golden = EXPLAINED / f"{example}.md"
    if update_golden:
        golden.write_text(text, encoding="utf-8", newline="\n")
    assert golden.exists(), f"{golden.name} is missing: make golden, and review it"
    assert text == golden.read_text("utf-8")


def test_there_is_one_file_for_each_example_and_no_other() -> None:
    assert sorted(path.name for path in EXPLAINED.iterdir()) == [f"{example}.md" for example in EXAMPLES]


PARAMETERS = {"timeout": "transaction_timeout", "lock_timeout": "lock_timeout"}
"""Policies that are rendered as a parameter of the server, and that parameter."""


@pytest.mark.parametrize("dialect", [name for name in DIALECTS if name != "firebird"])
def test_an_explanation_says_a_bound_where_the_text_has_one_and_nowhere_else(dialect: str) -> None:
    target = get_dialect(dialect)
    seen = set()
    for case in (case for case in CASES if not options(case).get("drop")):
        for version in map(target.parse_version, target.versions):
            try:
                resolved = translate(examine(definition(case)), target, version)[0].triggers
            except XtrigError:
                continue
            texts: dict[str, str] = {}
            for statement in target.compile(resolved, version):
                # The steps of a wrapper are in the helper, which comes first.
                texts.setdefault(_makes(statement.sql), statement.sql)
            for trigger in resolved.triggers:
                situation = Situation(trigger, version)
                is_inferred = target.capability_of(trigger, version).support is Support.EMULATED
                name = f"{trigger.name}_inferred" if is_inferred else trigger.function.name
                text = texts.get(name) or texts[trigger.name]
                for policy, parameter in PARAMETERS.items():
                    said = [each for each in target.behaviours if each.topic is Topic.POLICY and each.policy == policy]
                    behaviour = next((each for each in said if each.holds(situation)), None)
                    is_said = behaviour is not None and f"{{{policy}}}" in behaviour.text
                    if trigger.event.is_session or policy != "timeout":
                        # A bound of 0 is none: it only keeps the user's own out.
                        bounds = text.replace(f"SET {parameter} = 0\n", "")
                        assert is_said == (parameter in bounds), (case, version, trigger.name, policy)
                        seen.add((policy, is_said))
    assert len(seen) == len(PARAMETERS) * 2 - (dialect == "polardb-oracle")


def _makes(sql: str) -> str:
    """Return the name of the function, or the trigger with a body of its own, that a statement makes."""
    found = re.match(r'CREATE OR REPLACE (?:FUNCTION|TRIGGER) (?:(?:\w+|"[^"]+")\.)?(\w+|"(?:[^"]|"")+")', sql)
    return found[1].strip('"').replace('""', '"') if found else ""

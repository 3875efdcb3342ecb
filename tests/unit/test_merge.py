"""Several files as one set."""

from __future__ import annotations

import pytest

import xtrig
from xtrig.errors import DefinitionError
from xtrig.load import merge

AUDIT = """\
xtrig: 1
schema: audit
defaults: {on_error: deny, lock_timeout: 1s}
tables:
  log: {columns: {a: text}}
functions:
  f: {steps: [{log: hi}]}
triggers:
  one: {event: logon, run: f}
"""
OTHER = """\
xtrig: 1
schema: other
tables:
  own: {schema: mine, columns: {a: text}}
triggers:
  two: {event: logon, steps: [{log: hi}]}
"""


def together(*texts: str) -> xtrig.TriggerSet:
    return merge([xtrig.load_text(text, f"{number}.yaml") for number, text in enumerate(texts, 1)])


def test_everything_of_all_is_there():
    merged = together(AUDIT, OTHER)
    assert list(merged.tables) == ["log", "own"]
    assert list(merged.functions) == ["f"]
    assert list(merged.triggers) == ["one", "two"]


def test_each_part_keeps_the_schema_of_its_file():
    merged = together(AUDIT, OTHER)
    assert merged.tables["log"].schema_ == "audit"
    assert merged.functions["f"].schema_ == "audit"
    assert merged.triggers["two"].schema_ == "other"


def test_an_own_schema_wins_over_the_files():
    assert together(AUDIT, OTHER).tables["own"].schema_ == "mine"


def test_each_function_keeps_the_default_policies_of_its_file():
    merged = together(OTHER, AUDIT)
    assert merged.functions["f"].on_error == "deny"
    assert merged.functions["f"].lock_timeout == "1s"
    assert merged.triggers["two"].on_error is None


def test_an_own_policy_wins_over_the_files():
    text = AUDIT.replace("f: {steps", "f: {on_error: allow, steps")
    assert together(text, OTHER).functions["f"].on_error == "allow"


def test_a_trigger_may_run_a_function_of_another_file():
    text = OTHER.replace("steps: [{log: hi}]", "run: f")
    merged = together(text, AUDIT)
    assert xtrig.check(merged) == []
    assert "EXECUTE FUNCTION audit.f()" in str(xtrig.render(merged))


def test_merging_renders_what_each_file_would():
    alone = str(xtrig.render(xtrig.load_text(AUDIT)))
    merged = str(xtrig.render(together(AUDIT, OTHER)))
    function = alone[alone.index("CREATE OR REPLACE FUNCTION audit.f") :].partition("$xtrig$;")[0]
    assert function in merged


@pytest.mark.parametrize(
    ("section", "line"), [("tables", "  log: {columns: {b: text}}"), ("functions", "  f: {steps: [{log: b}]}")]
)
def test_a_name_given_twice_names_both_places(section: str, line: str):
    second = f"xtrig: 1\n{section}:\n{line}\ntriggers:\n  x: {{event: logon, steps: [{{log: hi}}]}}\n"
    with pytest.raises(DefinitionError) as caught:
        together(AUDIT, second)
    (finding,) = caught.value.findings
    first = AUDIT.splitlines().index(f"{section}:") + 2
    assert finding.code == "XT002"
    assert str(finding.location) == "2.yaml:3"
    assert f"first at 1.yaml:{first}" in finding.message


def test_the_same_file_twice_gives_every_name_twice():
    with pytest.raises(DefinitionError) as caught:
        together(AUDIT, AUDIT)
    assert [finding.subject for finding in caught.value.findings] == ["table 'log'", "function 'f'", "trigger 'one'"]


def test_the_same_name_in_two_sections_is_no_clash():
    text = OTHER.replace("  two:", "  log:")
    assert list(together(AUDIT, text).triggers) == ["one", "log"]


def test_findings_keep_the_file_they_are_in():
    text = OTHER.replace("{log: hi}", "{insert: nowhere, values: {a: '1'}}")
    (finding,) = xtrig.check(together(AUDIT, text))
    assert str(finding.location) == "2.yaml:6"


def test_one_set_alone_is_itself():
    triggers = xtrig.load_text(AUDIT)
    assert merge([triggers]) is triggers


def test_merging_adds_no_findings():
    one = "xtrig: 1\ndefaults: {timeout: 1s, standby: run}\ntriggers:\n"
    one += "  a: {event: sql_drop, steps: [{log: x}]}\n  b: {event: logon, steps: [{log: x}]}\n"
    assert xtrig.check(xtrig.load_text(one)) == []
    assert xtrig.check(together(one, OTHER)) == []

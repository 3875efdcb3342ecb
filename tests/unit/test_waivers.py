"""``ignore``: a reason for each code, silence where it fits, and a warning where it does not."""

from __future__ import annotations

import pytest

import xtrig
from tests.unit.given import load, step, translate, wrong
from xtrig.checks import examine, with_waivers
from xtrig.checks.waivers import unused
from xtrig.errors import RefusedError
from xtrig.findings import Severity
from xtrig.registry import get_dialect

STORAGE = """
triggers:
  no: {event: ddl_command_start, tags: [CREATE TABLE, CREATE TABLE AS, SELECT INTO], enable: always, steps: [{deny: x}]}
  x:
    event: logon
    ignore: {XT110: the owner of x passes}
    steps: [{create_temp_table: s, columns: {a: text}}]
"""
SHARED = """
functions:
  f:
    timeout: 1s
    steps: [{log: x}]
triggers:
  x: {event: sql_drop, run: f}
"""


def codes(definition: str) -> list[str]:
    return [finding.code for finding in xtrig.check(load(definition))]


def test_a_waivable_error_is_silent_and_keeps_its_reason():
    assert codes(STORAGE) == []
    (finding,) = examine(load(STORAGE)).findings
    assert (finding.code, finding.severity) == ("XT110", Severity.ERROR)
    assert finding.waiver == "the owner of x passes"
    assert xtrig.render(load(STORAGE)).findings == ()


def test_without_its_waiver_it_stops():
    definition = STORAGE.replace("    ignore: {XT110: the owner of x passes}\n", "")
    with pytest.raises(xtrig.DefinitionError, match="XT110"):
        xtrig.render(load(definition))


def test_a_refusal_that_would_not_work_cannot_be_waived():
    definition = step("{deny: x}").replace("event: logon", "event: logon\n    ignore: {XT203: we know}")
    (finding,) = translate(definition, "polardb")
    assert finding.code == "XT203"
    with pytest.raises(RefusedError, match="XT203"):
        xtrig.render(load(definition), "polardb")


def test_on_error_that_does_not_bind_can_be_accepted():
    definition = (
        "triggers:\n  x: {event: logon, on_error: deny, steps: [{set: a.b, value: 1}], ignore: {XT208: so be it}}"
    )
    assert translate(definition, "polardb") == []
    assert xtrig.render(load(definition), "polardb").statements


def test_a_waiver_of_a_trigger_does_not_reach_the_function_it_runs():
    here = SHARED.replace("run: f", "run: f, ignore: {XT111: wrong place}")
    assert codes(here) == ["XT111", "XT112"]
    assert codes(SHARED.replace("timeout: 1s", "timeout: 1s\n    ignore: {XT111: in its place}")) == []


def test_a_waiver_does_not_reach_the_neighbour():
    definition = """
    triggers:
      x: {event: sql_drop, timeout: 1s, steps: [{log: x}], ignore: {XT111: for x}}
      y: {event: sql_drop, timeout: 1s, steps: [{log: x}]}
    """
    (finding,) = xtrig.check(load(definition))
    assert (finding.code, finding.subject) == ("XT111", "trigger 'y'")


def test_a_waiver_of_a_translation_is_not_judged_without_one():
    definition = "triggers:\n  x: {event: logon, steps: [{log: x}], ignore: {XT203: for PolarDB}}"
    assert codes(definition) == []


def test_a_waiver_that_no_dialect_needs_is_unused():
    triggers = load("triggers:\n  x: {event: logon, steps: [{log: x}], ignore: {XT212: long ago}}")
    target = get_dialect("postgresql")
    found = examine(triggers).translate(target, target.parse_version(None)).findings
    (finding,) = unused(found, triggers, lambda code: code.startswith("XT2"))
    assert str(finding).startswith("audit.yaml:3: warning: trigger 'x': ignore XT212: there is no such finding here")


def test_a_waiver_of_an_error_that_stays_says_so():
    triggers = load("triggers:\n  x: {event: logon, steps: [{deny: x}], ignore: {XT203: we know}}")
    target = get_dialect("polardb")
    found = examine(triggers).translate(target, target.parse_version(None)).findings
    (finding,) = unused(found, triggers, lambda code: code == "XT203")
    assert "this error cannot be waived" in finding.message


def test_waivers_survive_a_merge(tmp_path):
    first, second = tmp_path / "a.yaml", tmp_path / "b.yaml"
    first.write_text(
        "xtrig: 1\ntriggers:\n  x: {event: sql_drop, timeout: 1s, steps: [{log: x}], ignore: {XT111: ok}}\n"
    )
    second.write_text("xtrig: 1\ntriggers:\n  y: {event: sql_drop, steps: [{log: x}], ignore: {XT111: none}}\n")
    (finding,) = xtrig.check(xtrig.load(first, second))
    assert (finding.code, finding.location.file) == ("XT112", str(second))


@pytest.mark.parametrize(
    ("ignore", "said"),
    [
        ("[XT111]", "expected a mapping of keys"),
        ("{XT111: }", "a valid string"),
        ("{XT111: ''}", "a waiver needs a reason of one line"),
        ("{XT111: ' '}", "a waiver needs a reason of one line"),
        ('{XT111: "one\\ntwo"}', "a waiver needs a reason of one line"),
        ("{timeout: x}", "'timeout' is not a finding's code"),
        ("{xt111: x}", "'xt111' is not a finding's code"),
    ],
)
def test_a_waiver_needs_a_code_and_a_reason(ignore: str, said: str):
    (finding,) = wrong(f"triggers:\n  x: {{event: logon, steps: [{{log: x}}], ignore: {ignore}}}")
    assert finding.code == "XT001"
    assert said in finding.message
    assert "\n" not in str(finding)


def test_a_set_that_is_wrong_anyway_is_given_back_as_it_is() -> None:
    """It can be translated to no dialect, so what a dialect would say of it is not known."""
    given = "xtrig: 1\ntriggers: {x: {event: logon, steps: [{insert: absent, values: {a: '1'}}]}}"
    triggers = xtrig.load_text(given)
    dialect = get_dialect("postgresql")
    assert with_waivers(triggers, dialect, (18,), "tried") is triggers

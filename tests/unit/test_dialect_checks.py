"""What a dialect warns of or notes: each code at its line, gone by its remedy, and silent where all is well."""

from __future__ import annotations

import pytest

from tests.unit.given import TranslationCase as Case
from tests.unit.given import load, place, translate
from tests.unit.test_set_order import CODES
from tests.unit.test_translation import CASES as REFUSALS
from xtrig.errors import RefusedError
from xtrig.findings import OWN_CODES, Severity
from xtrig.render import render

WARNINGS = {"XT213", "XT216", "XT218", "XT222", "XT223", "XT225", "XT227", "XT235", "XT236"}
LOG = "tables:\n  t: {columns: {a: text}}\n"
INSERT = "{insert: t, values: {a: '1'}}"
WHO = "when: \"${login_user} = 'bob'\""
GUARDED = "enable: always"
CASES = {
    "a deny after the row": Case(
        "XT213",
        "postgresql",
        None,
        f"{LOG}triggers:\n  x:\n    event: sql_drop\n    {GUARDED}\n    steps:\n"
        f"      - {INSERT}\n      - {{deny: x}}  # here",
        "takes the row back",
        f"      - {INSERT}\n      - {{deny: x}}",
        f"      - {{deny: x}}\n      - {INSERT}",
    ),
    "a deny in the branch of the row": Case(
        "XT213",
        "polardb",
        None,
        f"{LOG}triggers:\n  x:\n    event: sql_drop\n    {GUARDED}\n    steps:\n"
        f"      - {{if: 'true', then: [{INSERT}, {{deny: x}}]}}  # here",
        "none of those refused is recorded",
        f"then: [{INSERT}, {{deny: x}}]",
        f"then: [{INSERT}], else: [{{deny: x}}]",
    ),
    "a trigger that denies after one that records": Case(
        "XT213",
        "postgresql",
        None,
        f"{LOG}triggers:\n  a: {{event: sql_drop, steps: [{INSERT}]}}\n"
        f"  b: {{event: sql_drop, {GUARDED}, steps: [{{deny: x}}]}}  # here",
        "the rows of trigger 'a', which fires before",
        f"  a: {{event: sql_drop, steps: [{INSERT}]}}\n  b: {{event",
        f"  c: {{event: sql_drop, enable: disabled, steps: [{INSERT}]}}\n  b: {{event",
    ),
    "an order that is not that of the names": Case(
        "XT214",
        "postgresql",
        None,
        f"triggers:\n  b: {{event: sql_drop, {GUARDED}, steps: [{{deny: x}}]}}  # here\n"
        "  a: {event: sql_drop, steps: [{log: x}]}",
        "trigger 'a' fires before it",
        "  a: ",
        "  c: ",
    ),
    "two triggers of one event": Case(
        "XT215",
        "polardb",
        None,
        "triggers:\n  x: {event: logon, steps: [{set: a.b, value: 1}]}\n"
        "  y: {event: logon, steps: [{set: a.c, value: 1}]}  # here",
        "loses the rows of trigger 'x' too",
        "event: logon, steps: [{set: a.c",
        "event: logoff, steps: [{set: a.c",
    ),
    "a condition on the instance": Case(
        "XT216",
        "polardb-oracle",
        None,
        "triggers:\n  x:\n    event: logon\n    steps:\n      - set: a.b\n        value: 1\n"
        "        when: ${instance} = 2  # here",
        "always 1",
        "${instance} = 2",
        "${login_user} = 'bob'",
    ),
    "an instance asked for by an if": Case(
        "XT216",
        "postgresql",
        None,
        "triggers:\n  x:\n    event: logon\n    steps: [{if: '${instance} = 2', then: [{log: x}]}]  # here",
        "leave it out of the condition",
        "${instance}",
        "${backend_pid}",
    ),
    "a deny that replication roles pass": Case(
        "XT217",
        "polardb",
        None,
        "triggers:\n  x:  # here\n    event: sql_drop\n    steps: [{deny: x}]",
        "write enable: always",
        "event: sql_drop",
        f"event: sql_drop\n    {GUARDED}",
    ),
    "a deny for everybody": Case(
        "XT218",
        "postgresql",
        None,
        f"triggers:\n  x:\n    event: logon\n    ignore: {{XT221: known}}\n    {GUARDED}\n"
        "    steps: [{deny: x}]  # here",
        "under exempt_roles",
        "event: logon",
        "event: logon\n    exempt_roles: [dba]",
    ),
    "an error for everybody": Case(
        "XT218",
        "postgresql",
        None,
        "triggers:\n  x:\n    event: logon\n    on_error: deny  # here\n    steps: [{log: x}]",
        "nobody is exempt",
        "on_error: deny",
        "on_error: allow",
    ),
    "rewrites": Case(
        "XT219",
        "postgresql",
        None,
        "triggers:\n  x:  # here\n    event: table_rewrite\n    steps: [{log: x}]",
        "VACUUM FULL and CLUSTER",
        "steps:",
        "ignore: {XT219: only their owners can}\n    steps:",
    ),
    "any command": Case(
        "XT220",
        "polardb",
        None,
        "triggers:\n  x:  # here\n    event: ddl_command_start\n    steps: [{log: x}]",
        "does not fire for roles, databases, tablespaces or TRUNCATE",
        "steps:",
        "tags: [ALTER TABLE]\n    steps:",
    ),
    "a loop over nothing": Case(
        "XT235",
        "postgresql",
        "16",
        f"{LOG}triggers:\n  x:\n    event: ddl_command_end\n    tags: [DROP VIEW, ALTER VIEW]\n"
        f"    steps:\n      - for_each: ddl_command  # here\n        do: [{INSERT}]",
        "DROP VIEW lists nothing",
        "DROP VIEW, ",
        "",
    ),
    "tables under other tags": Case(
        "XT236",
        "postgresql",
        None,
        f"triggers:\n  x:\n    event: ddl_command_start\n    tags: [CREATE TABLE, SELECT INTO]  # here\n"
        f"    {GUARDED}\n    steps: [{{deny: x}}]",
        "add CREATE TABLE AS to tags",
        "SELECT INTO",
        "SELECT INTO, CREATE TABLE AS",
    ),
    "one database": Case(
        "XT221",
        "postgresql",
        None,
        f"triggers:\n  x:  # here\n    event: logon\n    {GUARDED}\n    steps: [{{deny: x, {WHO}}}]",
        "no other of the server",
        "steps:",
        "ignore: {XT221: one database is all there is}\n    steps:",
    ),
    "a deny that ends the session": Case(
        "XT223",
        "polardb",
        None,
        "triggers:\n  x:\n    event: logon\n    exempt_roles: [dba]\n    steps:\n"
        f"      - {{deny: x, {WHO}, enforce: terminate}}  # here",
        "is not documented",
        "event: logon",
        "event: logon\n    ignore: {XT223: tried on a server of ours}",
    ),
    "a deny that NULL passes": Case(
        "XT225",
        "postgresql",
        None,
        f"triggers:\n  x:\n    event: sql_drop\n    {GUARDED}\n    steps:\n"
        "      - deny: x\n        when: \"${client_ip} <> '10.0.0.1'\"  # here",
        "is distinct from",
        "<>",
        "is distinct from",
    ),
    "a function that is all PL/SQL": Case(
        "XT227",
        "polardb-oracle",
        None,
        "triggers:\n  x:  # here\n    event: logon\n    language: plsql\n    steps: [{set: a.b, value: 1}]",
        "leave language out",
        "language: plsql",
        "language: native",
    ),
    "a standby that nobody can enter": Case(
        "XT222",
        "postgresql",
        None,
        f"{LOG}triggers:\n  x:\n    event: logon\n    exempt_roles: [dba]\n    on_error: deny\n"
        f"    standby: run  # here\n    steps: [{INSERT}]",
        "write standby: skip",
        "standby: run",
        "standby: skip",
    ),
}
SILENT = {
    "a deny before the row": f"{{event: sql_drop, {GUARDED}, steps: [{{deny: x}}, {INSERT}]}}",
    "the row in the other branch": f"{{event: sql_drop, {GUARDED}, steps: "
    f"[{{if: 'true', then: [{INSERT}], else: [{{deny: x}}]}}]}}",
    "a trigger that is disabled": "{event: logon, enable: disabled, steps: [{deny: x}]}",
    "an instance that is recorded": "{event: logon, steps: [{insert: t, values: {a: '${instance}'}}]}",
    "a standby where errors are logged": f"{{event: logon, standby: run, steps: [{INSERT}]}}",
}


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_each_finding_has_its_code_place_and_remedy(case: Case):
    (finding,) = translate(case.definition, case.dialect, case.version)
    assert finding.code == case.code
    assert finding.severity is (Severity.WARNING if case.code in WARNINGS else Severity.NOTE)
    assert str(finding.location) == place(case.definition)
    assert case.said in finding.remedy or case.said in finding.message
    assert "\n" not in str(finding)


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_following_the_remedy_silences_the_finding(case: Case):
    assert case.old in case.definition
    assert translate(case.definition.replace(case.old, case.new, 1), case.dialect, case.version) == []


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_a_warning_is_in_the_script_and_a_note_is_not(case: Case):
    script = render(load(case.definition), case.dialect, target_version=case.version)
    assert [finding.code for finding in script.findings] == [case.code]
    assert (f"[{case.code}]" in str(script)) == (case.code in WARNINGS)
    assert [finding.code for finding in script.warnings] == [case.code] * (case.code in WARNINGS)


def test_a_note_does_not_come_with_a_refusal():
    definition = """
    triggers:
      x: {event: ddl_command_start, steps: [{deny: x}]}
      y: {event: logoff, steps: [{log: x}]}
    """
    assert {finding.code for finding in translate(definition, "postgresql")} == {"XT201", "XT217", "XT220"}
    with pytest.raises(RefusedError) as caught:
        render(load(definition))
    assert [finding.code for finding in caught.value.findings] == ["XT201"]


@pytest.mark.parametrize("trigger", SILENT.values(), ids=list(SILENT))
def test_what_is_as_it_should_be_has_no_finding(trigger: str):
    assert translate(f"{LOG}triggers:\n  x: {trigger}", "postgresql") == []


@pytest.mark.parametrize(("name", "codes"), [("A", ["XT214"]), ("á", []), ("b", [])])
def test_names_are_in_order_of_their_bytes(name: str, codes: list[str]):
    definition = f"""
    triggers:
      a: {{event: sql_drop, {GUARDED}, steps: [{{deny: x}}]}}
      {name}: {{event: sql_drop, steps: [{{log: x}}]}}
    """
    assert [finding.code for finding in translate(definition, "postgresql")] == codes


def test_every_code_of_translations_is_shown_here_or_in_test_translation():
    shown = {case.code for case in (*CASES.values(), *REFUSALS.values())}
    # In test_expression_checks.py, test_firebird_checks.py and test_oracle_rendering.py.
    elsewhere = {"XT244", "XT250", "XT251", "XT252", "XT253", "XT270", "XT271"}
    assert shown | CODES | elsewhere == {code for code in OWN_CODES if code.startswith("XT2")}

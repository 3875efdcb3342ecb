"""What one has to know of a definition on Firebird: each finding, and its remedy followed until it is silent."""

from __future__ import annotations

import pytest

import xtrig
from xtrig.errors import RefusedError

LOG = "xtrig: 1\ntables:\n  log: {columns: {base: varchar(64), what: text}}\ntriggers:\n"
CASES = {
    "a user in lower case": (
        "XT250",
        "  a: {event: logon, exempt_roles: [x], steps: [{deny: no, when: \"${login_user} <> 'dba'\"}]}",
        "'dba'",
        "'DBA'",
    ),
    "one of several users in lower case": (
        "XT250",
        "  a: {event: logon, steps: [{deny: no, when: \"${login_user} in ('BOB', 'ann')\"}]}",
        "'ann'",
        "'ANN'",
    ),
    "a user that a value asks for": (
        "XT250",
        "  a: {event: logon, steps: [{insert: log, values: {what: \"case when 'x' = ${login_user} then 1 end\"}}]}",
        "${login_user}",
        "lower(${login_user})",
    ),
    "nobody exempt": (
        "XT251",
        '  a: {event: logon, steps: [{deny: no, when: "${hour_utc} < 6"}]}',
        "event: logon",
        "event: logon, exempt_roles: [sysdba]",
    ),
    "an error that refuses everybody": (
        "XT251",
        '  a: {event: logon, on_error: deny, steps: [{insert: log, values: {what: "1"}}]}',
        ", on_error: deny",
        "",
    ),
    "the command with its password": (
        "XT252",
        "  a: {event: ddl_command_end, steps: [{insert: log, values: {what: "
        "\"rdb$get_context( 'DDL_TRIGGER', 'SQL_TEXT')\"}}]}",
        "\"rdb$get_context( 'DDL_TRIGGER', 'SQL_TEXT')\"",
        '"${command_tag}"',
    ),
    "the command in a body": (
        "XT252",
        "  a: {event: ddl_command_end, body: {firebird: \"BEGIN x = rdb$get_context('DDL_TRIGGER','sql_text'); END\"}}",
        "sql_text",
        "OBJECT_NAME",
    ),
    "a path in a short column": (
        "XT253",
        '  a: {event: logon, steps: [{insert: log, values: {base: "${application}"}}]}',
        "${application}",
        "substring(${application} from 1 for 64)",
    ),
}


def codes(definition: str) -> list[str]:
    try:
        return [each.code for each in xtrig.render(xtrig.load_text(definition, "x.yaml"), "firebird").findings]
    except RefusedError as refusal:
        return [each.code for each in refusal.findings]


@pytest.mark.parametrize(("code", "trigger", "old", "new"), CASES.values(), ids=list(CASES))
def test_it_is_found_and_its_remedy_silences_it(code: str, trigger: str, old: str, new: str) -> None:
    assert codes(LOG + trigger) == [code]
    assert codes(LOG + trigger.replace(old, new, 1)) == []


POLICIES = {
    "security: invoker": "XT209",
    "language: plsql": "XT209",
    "enable: replica": "XT209",
    "tags: [CREATE EXTENSION]": "XT205",
    "tags: [GRANT]": "XT205",
}


@pytest.mark.parametrize("policy", POLICIES)
def test_what_has_no_form_is_refused(policy: str) -> None:
    event = "ddl_command_end" if policy.startswith("tags") else "logon"
    trigger = f'  a: {{event: {event}, {policy}, steps: [{{insert: log, values: {{what: "1"}}}}]}}'
    assert POLICIES[policy] in codes(LOG + trigger)


STEPS = (
    "sql: UPDATE t SET a = 1",
    "log: hello",
    "grant_role: r, to: \"'BOB'\"",
    "revoke_role: r, from: \"'BOB'\"",
    "create_temp_table: t, columns: {a: integer}",
    "set: search_path, value: 1",
    "set: app.x, value: 1, scope: transaction",
    f"set: app.{'x' * 80}, value: 1",
    "insert: log, values: {what: \"'a' ~ 'b'\"}",
    "deny: \"no ${client_in('fd00::/8')}\"",
    "set: app.x, value: 1, when: \"${client_in('fd00::/8')}\"",
    'insert: log, values: {what: "(select 1)"}',
)


@pytest.mark.parametrize("step", STEPS)
def test_a_step_without_a_form_is_refused_with_what_to_do(step: str) -> None:
    with pytest.raises(RefusedError) as refused:
        xtrig.render(xtrig.load_text(f"{LOG}  a: {{event: logon, steps: [{{{step}}}]}}", "x.yaml"), "firebird")
    assert {each.code for each in refused.value.findings if each.severity == "error"} == {"XT207"}


@pytest.mark.parametrize("default", ["lower('x')", "1 + 1", "(select 1 from rdb$database)", "now()"])
def test_a_default_that_firebird_has_not_is_refused(default: str) -> None:
    table = f'xtrig: 1\ntables:\n  log: {{columns: {{what: {{type: text, default: "{default}"}}}}}}\ntriggers:\n'
    assert "XT207" in codes(table + '  a: {event: logon, steps: [{insert: log, values: {what: "1"}}]}')


@pytest.mark.parametrize("policy", ["lock_timeout: 1s", "timeout: 1s", "durability: relaxed"])
def test_a_bound_that_there_is_not_is_a_warning(policy: str) -> None:
    trigger = f'  a: {{event: logon, {policy}, steps: [{{insert: log, values: {{what: "1"}}}}]}}'
    assert codes(LOG + trigger) == ["XT209"]
    assert codes(LOG + trigger.replace(policy, f"{policy.partition(':')[0]}: {'full' if 'dur' in policy else 0}")) == []


def test_a_name_of_3_0_has_31_bytes() -> None:
    trigger = '  é23456789012345678901234567890: {event: logon, steps: [{insert: log, values: {what: "1"}}]}'
    triggers = xtrig.load_text(LOG + trigger, "x.yaml")
    assert str(xtrig.render(triggers, "firebird", target_version="3.0"))
    longer = xtrig.load_text(LOG + trigger.replace("é", "éé"), "x.yaml")
    assert str(xtrig.render(longer, "firebird", target_version="4.0"))
    with pytest.raises(RefusedError, match="31"):
        xtrig.render(longer, "firebird", target_version="3.0")


def test_what_an_exception_does_not_say_is_a_warning() -> None:
    given = "on_error: deny, steps: [{deny: no, hint: wait, sqlstate: '28000'}]"
    script = xtrig.render(
        xtrig.load_text(f"xtrig: 1\ntriggers: {{t: {{event: ddl_command_start, {given}}}}}"), "firebird"
    )
    said = [each for each in script.findings if "a refusal on Firebird has none" in each.message]
    assert [(each.code, str(each.severity)) for each in said] == [("XT207", "warning")] * 2

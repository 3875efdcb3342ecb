"""Steps that set parameters, call routines or need rights: what is found, at which weight, and what silences it."""

from __future__ import annotations

import pytest

from tests.unit.given import load
from xtrig.checks import examine
from xtrig.findings import Severity
from xtrig.registry import get_dialect

CODES = frozenset(("XT240", "XT241", "XT242", "XT243"))
"""What is shown here."""
LOG = "{log: x}"
PATH = "{set: search_path, value: \"'app'\"}"


def found(*steps: str, policies: str = "", event: str = "logon", dialect: str = "postgresql") -> dict[str, Severity]:
    """Return what is found in steps, by code."""
    tables = "tables: {t: {columns: {a: text}}}\n"
    listed = "".join(f"      - {step}\n" for step in steps)
    triggers = load(f"{tables}triggers:\n  x:\n    event: {event}\n{policies}    steps:\n{listed}")
    target = get_dialect(dialect)
    findings = examine(triggers).translate(target, target.parse_version(None)).findings
    return {each.code: each.severity for each in findings}


@pytest.mark.parametrize(
    "steps",
    [
        (PATH, LOG),
        ("{set: Search_Path, value: \"'app'\"}", LOG),
        (PATH, '{set: app.user, value: "${login_user}"}'),
        (PATH, "{set: search_path, value: \"'b'\", when: \"${login_user} = 'b'\"}"),
        ("{set: search_path, value: \"'app'\", scope: transaction}", LOG),
        ("{set: standard_conforming_strings, value: \"'off'\"}", LOG),
        (f"{{if: \"${{login_user}} = 'a'\", then: [{PATH}]}}", LOG),
        (f"{{if: \"${{login_user}} = 'a'\", then: [{PATH}, {LOG}]}}",),
        ('{call: pg_catalog.set_config, args: ["\'search_path\'", "\'app\'", "false"]}', LOG),
        ("{call: pg_catalog.set_config, args: [\"'search_' || 'path'\", \"'app'\", \"false\"]}", LOG),
        ("{log: x, when: \"set_config('search_path', 'app', false) = 'app'\"}",),
        ("{insert: t, values: {a: \"set_config('search_path', 'app', false)\"}}",),
    ],
)
def test_what_changes_names_before_other_steps_is_refused(steps: tuple[str, ...]):
    assert found(*steps).get("XT240") is Severity.ERROR


def test_in_a_loop_the_next_round_comes_after_it():
    loop = f"{{for_each: ddl_command, do: [{PATH}]}}"
    assert found(loop, event="ddl_command_end").get("XT240") is Severity.ERROR


@pytest.mark.parametrize(
    "steps",
    [
        (PATH,),
        (LOG, '{set: app.user, value: "${login_user}"}', PATH),
        (f"{{if: \"${{login_user}} = 'a'\", then: [{LOG}, {PATH}], else: [{PATH}]}}",),
        ('{set: app.user, value: "${login_user}"}', LOG),
        ("{set: work_mem, value: \"'8MB'\"}", LOG),
        ("{set: TimeZone, value: \"'UTC'\"}", PATH),
        (LOG, "{set: DateStyle, value: \"'ISO'\"}", "{set: TimeZone, value: \"'UTC'\"}"),
    ],
)
def test_what_stands_last_or_changes_no_meaning_is_not_found(steps: tuple[str, ...]):
    assert "XT240" not in found(*steps)


@pytest.mark.parametrize("parameter", ["TimeZone", "DateStyle", "intervalstyle", "quote_all_identifiers"])
def test_what_changes_values_alone_is_a_warning(parameter: str):
    step = f"{{set: {parameter}, value: \"'x'\"}}"
    assert found(step, LOG)["XT240"] is Severity.WARNING


@pytest.mark.parametrize("parameter", ["role", "Role", "session_authorization"])
def test_a_role_is_not_set_under_definer(parameter: str):
    step = f"{{set: {parameter}, value: \"'app'\"}}"
    assert found(step)["XT317"] is Severity.ERROR
    assert "XT317" not in found(step, policies="    security: invoker\n")


@pytest.mark.parametrize(
    "step",
    [
        '{call: pg_catalog.pg_sleep, args: ["1"]}',
        "{call: pg_catalog.pg_sleep_for, args: [\"'1 s'\"]}",
        '{call: pg_catalog.pg_advisory_lock, args: ["1"]}',
        "{call: public.dblink_connect, args: [\"'x'\"]}",
        '{log: x, when: "pg_sleep(1) IS NULL"}',
        '{insert: t, values: {a: "pg_catalog.pg_advisory_xact_lock(1)::text"}}',
        "{call: pg_catalog.pg_notify, args: [\"'a'\", \"'b'\"]}",
    ],
)
def test_a_step_that_waits(step: str):
    assert found(step)["XT241"] is Severity.WARNING
    assert "XT241" not in found(step, event="ddl_command_end")


@pytest.mark.parametrize(
    "step",
    [
        '{call: app.pg_sleep, args: ["1"]}',
        '{call: pg_catalog.pg_try_advisory_lock, args: ["1"]}',
        '{log: "pg_sleep(1)"}',
        '{log: x, when: "app.pg_sleep(1) IS NULL"}',
    ],
)
def test_a_step_that_only_looks_as_if_it_waited(step: str):
    assert "XT241" not in found(step)


def test_a_built_in_routine_that_is_not_there():
    assert found("{call: pg_catalog.note_login}")["XT242"] is Severity.ERROR
    assert found("{call: pg_catalog.nvl}")["XT242"] is Severity.ERROR
    assert found("{call: pg_catalog.sysdate}")["XT242"] is Severity.ERROR
    assert "XT242" not in found("{call: pg_catalog.lower, args: [\"'x'\"]}")
    assert "XT242" not in found("{call: app.note_login}")


def test_an_insert_with_the_rights_of_whoever_logs_in():
    step = '{insert: t, values: {a: "${login_user}"}}'
    assert found(step, policies="    security: invoker\n")["XT243"] is Severity.WARNING
    assert "XT243" not in found(step)
    assert "XT243" not in found(LOG, policies="    security: invoker\n")

"""A set made explicit: schemas, policies by event, who runs what."""

from __future__ import annotations

import pytest

from tests.unit.given import load
from xtrig.facts import Event, Item
from xtrig.resolve import ResolvedFunction, resolve, uses, walk


def function(policies: str = "", event: str = "logon", defaults: str = "{}") -> ResolvedFunction:
    resolved = resolve(
        load(
            f"""
            defaults: {defaults}
            functions:
              f: {{{policies + ", " if policies else ""}steps: [{{log: x}}]}}
            triggers:
              x: {{event: {event}, run: f}}
            """
        )
    )
    return resolved.functions[0]


@pytest.mark.parametrize("event", ["logon", "logoff"])
def test_a_session_function_lets_people_in_and_is_bounded(event: str):
    policies = function(event=event).policies
    assert (policies.on_error, policies.lock_timeout, policies.timeout) == ("allow", "250ms", "5s")


@pytest.mark.parametrize("event", ["ddl_command_start", "ddl_command_end", "sql_drop", "table_rewrite"])
def test_a_ddl_function_denies_on_error_and_waits(event: str):
    policies = function(event=event).policies
    assert (policies.on_error, policies.lock_timeout, policies.timeout) == ("deny", None, None)


def test_the_other_defaults_do_not_depend_on_the_event():
    for event in Event:
        policies = function(event=event).policies
        assert (policies.security, policies.standby, policies.durability) == ("definer", "skip", "full")
        assert (policies.exempt_roles, policies.language) == ((), "native")


def test_a_function_inherits_from_defaults_what_it_does_not_say():
    policies = function("on_error: allow", defaults="{on_error: deny, timeout: 1s}").policies
    assert (policies.on_error, policies.timeout, policies.lock_timeout) == ("allow", "1s", "250ms")


def test_an_empty_list_of_exempt_roles_wins_over_the_defaults():
    assert function("exempt_roles: []", defaults="{exempt_roles: [dba]}").policies.exempt_roles == ()
    assert function(defaults="{exempt_roles: [dba]}").policies.exempt_roles == ("dba",)


@pytest.mark.parametrize("zero", ["0", "0ms", "0s", "0min"])
def test_zero_is_no_bound(zero: str):
    assert function(f"lock_timeout: {zero}").policies.lock_timeout is None


SET = """
schema: audit
tables:
  t: {columns: {a: text}}
  own: {schema: mine, columns: {a: text}}
functions:
  f: {steps: [{log: x}]}
  unused: {steps: [{log: x}]}
  there: {schema: other, steps: [{log: x}]}
triggers:
  two: {event: logoff, run: f}
  one: {event: logon, run: f}
  alone: {event: sql_drop, schema: third, steps: [{log: x}]}
  last: {event: logon, run: there}
"""


def test_schemas_come_from_the_part_and_then_from_the_set():
    resolved = resolve(load(SET))
    assert {name: table.schema for name, table in resolved.tables.items()} == {"t": "audit", "own": "mine"}
    found = {each.name: each.schema for each in resolved.functions}
    assert found == {"f": "audit", "alone": "third", "there": "other"}


def test_a_function_knows_the_events_that_run_it_in_a_fixed_order():
    assert resolve(load(SET)).triggers[0].function.events == (Event.LOGON, Event.LOGOFF)


def test_triggers_of_one_function_share_it():
    two, one, *_ = resolve(load(SET)).triggers
    assert one.function is two.function


def test_messages_call_a_function_by_where_it_is_written():
    subjects = [each.function.subject for each in resolve(load(SET)).triggers]
    assert subjects == ["function 'f'", "function 'f'", "trigger 'alone'", "function 'there'"]


NESTED = """
triggers:
  x:
    event: ddl_command_end
    steps:
      - if: ${tag} = 'a'
        then: [{log: '${now}'}]
        else: [{set: p.q, value: '${database}', when: '${ssl}'}]
      - for_each: ddl_command
        when: ${event} = 'x'
        do:
          - {call: a.b, args: ['${object_type}', 1]}
      - {sql: {postgresql: 'select ${backend_pid}'}}
      - {create_temp_table: s, columns: {a: text}, owner: '${login_user}'}
      - {grant_role: r, to: '${current_user}'}
      - {revoke_role: r, from: '${session_id}'}
      - {deny: '${application}'}
"""


def test_a_walk_meets_every_step_in_order_with_its_place():
    visits = list(walk(resolve(load(NESTED)).functions[0]))
    kinds = [type(visit.step).__name__ for visit in visits]
    assert kinds == [
        *("If", "Log", "Set", "ForEach", "Call", "Sql"),
        *("CreateTempTable", "GrantRole", "RevokeRole", "Deny"),
    ]
    assert [visit.item for visit in visits] == [None] * 4 + [Item.DDL_COMMAND] + [None] * 5
    assert visits[2].path == ("triggers", "x", "steps", 0, "else", 0)


def test_every_expression_and_message_is_found_at_its_line():
    triggers = load(NESTED)
    lines = NESTED.splitlines()
    found = list(uses(resolve(triggers).functions[0]))
    assert len([use for use in found if use.template.facts]) == 11
    for use in found:
        line = triggers.locate(use.path).line
        for fact in use.template.facts:
            assert f"${{{fact}}}" in lines[line - 1]


def test_the_condition_of_a_for_each_is_outside_its_item():
    found = {use.path[-1]: use.item for use in uses(resolve(load(NESTED)).functions[0])}
    assert found["when"] is None
    assert found[0] is Item.DDL_COMMAND

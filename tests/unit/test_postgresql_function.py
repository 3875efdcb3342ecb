"""The guards around the steps of a plpgsql function, one for each policy."""

from __future__ import annotations

import re

import pytest

import xtrig
from tests.parsers.postgres import parse_plpgsql_functions, parse_script
from tests.unit.given import load


def function(policies: str = "", event: str = "logon", steps: str = "[{insert: t, values: {a: '1'}}]") -> str:
    definition = f"""
    schema: audit
    tables:
      t: {{columns: {{a: text}}}}
    triggers:
      x: {{event: {event}, {policies + ", " if policies else ""}steps: {steps}}}
    """
    script = xtrig.render(load(definition))
    parse_plpgsql_functions(str(script))
    (found,) = [each.sql for each in script if each.sql.startswith("CREATE OR REPLACE FUNCTION")]
    return found


def settings(text: str) -> dict[str, str]:
    (found,) = parse_script(text)
    return dict(found.settings)


def test_the_search_path_is_pinned_and_rights_are_the_owners():
    (found,) = parse_script(function())
    assert found.security_definer
    assert found.settings["search_path"] == "pg_catalog, pg_temp"


def test_an_invoker_has_a_pinned_search_path_too():
    (found,) = parse_script(function("security: invoker"))
    assert not found.security_definer
    assert found.settings["search_path"] == "pg_catalog, pg_temp"


def test_a_clients_quoting_cannot_change_what_the_text_means():
    assert settings(function())["standard_conforming_strings"] == "on"


@pytest.mark.parametrize("event", ["logon", "sql_drop"])
def test_bounds_are_clauses_of_the_function(event: str):
    found = settings(function("lock_timeout: 1s, timeout: 2s", event))
    assert found["lock_timeout"] == "1s"
    assert found.get("transaction_timeout") == ("2s" if event == "logon" else None)


def test_zero_leaves_the_bounds_out():
    found = settings(function("lock_timeout: 0, timeout: 0"))
    assert "transaction_timeout" not in found
    assert found["lock_timeout"] == "0", "a bound of the client's own would make errors, which are let through"
    assert "lock_timeout" not in settings(function("lock_timeout: 0, on_error: deny"))


def test_an_error_at_logon_is_logged_with_every_condition_caught():
    text = function()
    assert "EXCEPTION WHEN OTHERS OR assert_failure OR query_canceled THEN" in text
    assert "EXCEPTION" not in function("on_error: deny")
    assert "EXCEPTION" not in function(event="sql_drop")


def test_where_somebody_is_denied_a_cancel_is_not_caught():
    denial = "{deny: go, when: '${login_user} = ''a'''}"
    assert "query_canceled" not in function(steps=f"[{denial}]")
    assert "query_canceled" not in function("on_error: allow", event="sql_drop")


def test_what_comes_before_a_denial_has_a_handler_of_its_own():
    denial = "{deny: go, when: '${login_user} = ''a'''}"
    assert function(steps=f"[{denial}, {{sql: perform 1}}]").count("EXCEPTION WHEN") == 1
    assert function(steps=f"[{{sql: perform 1}}, {{sql: perform 2}}, {denial}]").count("EXCEPTION WHEN") == 2
    assert function(steps=f"[{denial}, {denial}]").count("EXCEPTION WHEN") == 2
    loop = f"[{{for_each: dropped_object, do: [{{sql: perform 1}}, {denial}]}}]"
    assert function("on_error: allow", event="sql_drop", steps=loop).count("EXCEPTION WHEN") == 3
    inside = f"[{{if: 1 = 1, then: [{{sql: perform 1}}, {denial}]}}, {denial}]"
    assert function(steps=inside).count("EXCEPTION WHEN") == 3


def test_a_deny_leaves_the_handler_before_it_raises():
    text = function(steps="[{deny: go}]")
    assert text.index("EXCEPTION WHEN OTHERS") < text.index("RAISE EXCEPTION USING")
    assert "denial := 'go';" in text


def test_without_a_handler_a_deny_raises_where_it_stands():
    text = function("on_error: deny", steps="[{deny: go}]")
    assert "denial" not in text
    assert "MESSAGE = 'go'" in text


def test_a_writing_step_is_skipped_on_a_standby_and_others_are_not():
    text = function(steps="[{deny: 'no', when: 'false'}, {insert: t, values: {a: '1'}}]")
    guard = text.index("IF pg_is_in_recovery()")
    assert text.index("denial := 'no'") < guard < text.index("INSERT INTO audit.t")
    assert "pg_is_in_recovery" not in function("standby: run")
    assert "pg_is_in_recovery" not in function(steps="[{log: x}]")


def test_exempt_roles_come_first():
    text = function('exempt_roles: [dba, "it\'s"]')
    assert re.search(r"BEGIN\n(\s+--.*\n)?\s+IF session_user IN \('dba', 'it''s'\) THEN", text)


def test_durability_is_switched_inside_the_body():
    text = function("durability: relaxed")
    assert "set_config('synchronous_commit', 'off', true)" in text
    assert "synchronous_commit" not in settings(text)
    assert "synchronous_commit" not in function()


def test_each_policy_is_one_comment():
    text = function("exempt_roles: [a], durability: relaxed")
    for policy in ("security", "lock_timeout", "timeout", "on_error", "standby", "exempt_roles", "durability"):
        assert len(re.findall(rf"^\s*-- {policy}: ", text, re.MULTILINE)) == 1, policy


@pytest.mark.parametrize(
    ("step", "sql"),
    [
        ("{set: a.b, value: 1}", "PERFORM set_config('a.b', '1', false);"),
        ("{set: a.b, value: true}", "PERFORM set_config('a.b', 'true', false);"),
        ("{set: a.b, value: null}", "PERFORM set_config('a.b', '', false);"),
        ("{set: a.b, value: now(), scope: transaction}", "set_config('a.b', CAST(now() AS text), true)"),
        ("{call: A.f, args: [1, null, true, now()]}", 'PERFORM "A".f(1, NULL, true, now());'),
        ("{call: a.p, kind: procedure}", "CALL a.p();"),
        ("{log: '100%'}", "RAISE LOG '%', '100%';"),
        ("{log: '100% of ${database}'}", "RAISE LOG '%', format('100%% of %s', current_database());"),
        ("{log: x, when: 1 = 1}", "IF 1 = 1 THEN"),
        ("{sql: 'perform 1'}", "perform 1;"),
        ("{sql: 'perform 1;'}", "perform 1;"),
        ("{sql: 'perform 1 -- why'}", "perform 1 -- why\n"),
        ("{insert: t, values: {a: null}}", "VALUES (NULL);"),
        ("{create_temp_table: s, columns: {a: text}}", "CREATE TEMPORARY TABLE IF NOT EXISTS s (a text);"),
        ("{grant_role: r, to: '${login_user}'}", "EXECUTE format('GRANT %I TO %I', 'r', session_user);"),
        ("{revoke_role: r, from: '${login_user}'}", "format('REVOKE %I FROM %I', 'r', session_user);"),
    ],
)
def test_each_step_is_its_statement(step: str, sql: str):
    assert sql in function(steps=f"[{step}]")


def test_a_for_each_is_a_loop_over_what_the_event_lists():
    steps = "[{for_each: ddl_command, do: [{log: '${object_identity}'}]}]"
    text = function(event="ddl_command_end", steps=steps)
    assert "FOR ddl_command IN SELECT * FROM pg_event_trigger_ddl_commands() LOOP" in text
    assert "ddl_command.object_identity" in text
    assert "ddl_command record;" in text


def test_if_and_else_nest():
    text = function(steps="[{if: 1 = 1, then: [{log: a}], else: [{if: 2 = 2, then: [{log: b}]}]}]")
    assert text.index("IF 1 = 1") < text.index("'a'") < text.index("ELSE") < text.index("IF 2 = 2") < text.index("'b'")


def test_a_hand_written_body_has_the_clauses_and_no_guards():
    definition = "triggers:\n  x: {event: logon, body: {postgresql: ' BEGIN END '}}"
    (found,) = [each for each in parse_script(str(xtrig.render(load(definition)))) if each.kind == "create_function"]
    assert found.body == " BEGIN END "
    assert found.settings["search_path"] == "pg_catalog, pg_temp"

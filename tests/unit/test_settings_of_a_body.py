"""The settings of a hand-written body: all that its function sets, in place of xtrig's."""

from __future__ import annotations

import pytest

import xtrig

BODY = "body: {postgresql: BEGIN PERFORM note(); END}"


def script(settings: str, more: str = "") -> xtrig.Script:
    return xtrig.render(
        xtrig.load_text(f"xtrig: 1\ntriggers: {{t: {{event: logon, {BODY}, {settings}{more}}}}}", "a.yaml")
    )


def found(settings: str, more: str = "") -> list[tuple[str, str]]:
    return [(str(each.severity), each.message) for each in script(settings, more).findings if each.code == "XT319"]


@pytest.mark.parametrize(
    ("settings", "clauses"),
    [
        ("settings: {}", []),
        ("settings: {work_mem: 8MB}", ["SET work_mem = '8MB'"]),
        ('settings: {search_path: \'app, "My S", "$user"\'}', ["SET search_path = 'app', 'My S', '$user'"]),
        ("settings: {search_path: '\"\"'}", ["SET search_path = ''"]),
        ("settings: {DateStyle: 'ISO, DMY', app.x: ''''''}", ["SET DateStyle = 'ISO, DMY'", "SET app.x = ''''''"]),
    ],
)
def test_they_are_all_that_the_function_sets(settings: str, clauses: list[str]) -> None:
    made_by = script(settings, ", security: invoker")
    (made,) = (each.sql for each in made_by if "FUNCTION public.t" in each.sql and "RETURNS" in each.sql)
    head = made.partition("\nAS ")[0].splitlines()
    assert [line.strip() for line in head if line.strip().startswith("SET ")] == clauses


def test_a_path_of_the_client_is_refused_where_it_has_the_rights_of_the_owner() -> None:
    with pytest.raises(xtrig.RefusedError, match="no search_path: the client's decides whose functions run with"):
        script("settings: {}")
    assert found("settings: {}", ", ignore: {XT319: nobody else may create}") == []
    assert [severity for severity, _ in found("settings: {}", ", security: invoker")] == ["note"]


@pytest.mark.parametrize(
    ("event", "path", "said"),
    [
        ("logon", '"$user"', "may be anybody"),
        ("logon", "pg_temp, app", "temporary tables"),
        ("sql_drop", "app", "temporary tables"),
        ("ddl_command_end", "pg_catalog", "temporary tables"),
        ("ddl_command_start", '""', "temporary tables"),
    ],
)
def test_a_path_that_the_user_moves_is_refused_where_it_has_the_rights_of_the_owner(
    event: str, path: str, said: str
) -> None:
    body = f"{{event: {event}, tags: [DROP TABLE], {BODY}, settings: {{search_path: '{path}'}}}}"
    given = body.replace("tags: [DROP TABLE], ", "") if event == "logon" else body
    with pytest.raises(xtrig.RefusedError, match=said):
        xtrig.render(xtrig.load_text(f"xtrig: 1\ntriggers: {{t: {given}}}"))
    invoker = given.replace("event:", "security: invoker, event:")
    assert xtrig.render(xtrig.load_text(f"xtrig: 1\ntriggers: {{t: {invoker}}}"))


def test_a_path_with_a_schema_is_a_warning_where_it_has_the_rights_of_the_owner() -> None:
    ((severity, message),) = found("settings: {search_path: 'app, pg_temp'}")
    assert severity == "warning"
    assert "what anybody creates in app may run" in message
    assert found("settings: {search_path: 'app, pg_temp'}", ", security: invoker") == []


def test_the_remedy_silences_it() -> None:
    assert found("settings: {search_path: 'pg_catalog, pg_temp'}") == []


@pytest.mark.parametrize(
    ("trigger", "said"),
    [
        ("{event: logon, steps: [{log: a}], settings: {}}", "settings belong to a body"),
        (f"{{event: logon, {BODY}, settings: {{}}, lock_timeout: 1s}}", "lock_timeout beside settings"),
        (f"{{event: logon, {BODY}, settings: {{}}, timeout: 1s}}", "timeout beside settings"),
    ],
)
def test_what_goes_with_no_settings_is_refused(trigger: str, said: str) -> None:
    with pytest.raises(xtrig.DefinitionError, match=said):
        xtrig.load_text(f"xtrig: 1\ntriggers: {{t: {trigger}}}")

"""DDL in a DDL trigger that fires for it: what runs itself, what ends, and what cannot be told."""

from __future__ import annotations

from textwrap import indent

import pytest

from tests.unit.given import load
from xtrig.checks import examine
from xtrig.findings import Severity
from xtrig.registry import get_dialect

COMMANDS = "FOR obj IN SELECT * FROM pg_event_trigger_ddl_commands() LOOP {} END LOOP;"
ALTER = "EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', obj.object_identity);"


def weight(trigger: str) -> Severity | None:
    """Return the severity of XT307 in a trigger; None: not found."""
    target = get_dialect("postgresql")
    triggers = load(f"triggers:\n  x:\n    event: ddl_command_end\n{trigger}\n")
    found = examine(triggers).translate(target, target.parse_version(None)).findings
    return next((each.severity for each in found if each.code == "XT307"), None)


def body(statements: str) -> Severity | None:
    text = f"DECLARE obj record;\nBEGIN\n{statements}\nEND"
    return weight("    body:\n      postgresql: |\n" + indent(text, " " * 8))


def each(statements: str) -> Severity | None:
    return body(COMMANDS.format(statements))


@pytest.mark.parametrize(
    "statements",
    [
        ALTER,
        f"IF obj.object_type = 'table' THEN {ALTER} END IF;",
        f"IF obj.object_type IN ('table', 'view') THEN {ALTER} END IF;",
        f"IF obj.object_type <> 'table' THEN CONTINUE; END IF; {ALTER}",
        f"IF obj.command_tag IN ('CREATE TABLE', 'ALTER TABLE') THEN {ALTER} END IF;",
        f"IF obj.command_tag = 'DROP TABLE' THEN NULL; ELSE {ALTER} END IF;",
        f"CONTINUE WHEN obj.command_tag = 'CREATE VIEW'; {ALTER}",
        f"IF obj.object_type = 'table' AND obj.command_tag = 'ALTER TABLE' THEN {ALTER} END IF;",
    ],
)
def test_it_runs_itself(statements: str):
    assert each(statements) is Severity.ERROR


@pytest.mark.parametrize(
    "statements",
    [
        "COMMENT ON TABLE a.t IS 'x';",
        "REFRESH MATERIALIZED VIEW a.v;",
        "GRANT SELECT ON a.t TO app;",
        "REVOKE SELECT ON a.t FROM app;",
        "SECURITY LABEL ON TABLE a.t IS 'x';",
        "ALTER TABLE a.t ADD COLUMN x integer;",
    ],
)
def test_every_command_with_a_tag_runs_itself(statements: str):
    assert body(statements) is Severity.ERROR


@pytest.mark.parametrize(
    "statements", ["GRANT app TO other;", "ALTER ROLE app NOLOGIN;", "COMMENT ON ROLE app IS 'x';"]
)
def test_no_event_trigger_sees_commands_of_the_whole_server(statements: str):
    assert body(statements) is None


@pytest.mark.parametrize(
    "statements",
    [
        f"IF obj.command_tag = 'CREATE TABLE' THEN {ALTER} END IF;",
        f"IF obj.command_tag IN ('CREATE TABLE', 'CREATE TABLE AS') THEN {ALTER} END IF;",
        f"IF tg_tag = 'CREATE TABLE' THEN {ALTER} END IF;",
        f"IF obj.command_tag <> 'CREATE TABLE' THEN CONTINUE; END IF; {ALTER}",
        f"CONTINUE WHEN obj.command_tag = 'ALTER TABLE'; {ALTER}",
        f"IF tg_tag = 'ALTER TABLE' THEN RETURN; END IF; {ALTER}",
        f"IF tg_tag = 'ALTER TABLE' THEN NULL; ELSE {ALTER} END IF;",
        f"IF tg_tag NOT IN ('ALTER TABLE', 'DROP TABLE') THEN {ALTER} END IF;",
        f"IF obj.object_type = 'table' AND obj.command_tag = 'CREATE TABLE' THEN {ALTER} END IF;",
        f"IF obj.object_type = 'view' THEN {ALTER} END IF;",
        "DROP TABLE a.t;",
    ],
)
def test_a_condition_stops_it(statements: str):
    assert each(statements) is None


@pytest.mark.parametrize(
    "statements",
    [
        f"IF obj.command_tag = 'CREATE TABLE' OR obj.in_extension THEN {ALTER} END IF;",
        f"IF current_setting('a.busy', true) IS NULL THEN {ALTER} END IF;",
        f"IF obj.command_tag LIKE 'CREATE%' THEN {ALTER} END IF;",
        f"IF EXISTS (SELECT FROM a.t WHERE tag = obj.command_tag) THEN {ALTER} END IF;",
        f"CASE tg_tag WHEN 'CREATE TABLE' THEN {ALTER} END CASE;",
        f"IF obj.in_extension THEN NULL; ELSIF tg_tag = 'CREATE TABLE' THEN RETURN; END IF; {ALTER}",
        f"IF obj.schema_name = 'a' THEN {ALTER} END IF;",
    ],
)
def test_where_it_cannot_be_told_it_is_a_warning(statements: str):
    assert each(statements) is Severity.WARNING


def test_the_query_of_the_loop_is_a_condition_too():
    loop = COMMANDS.replace("() LOOP", "() WHERE command_tag = {!r} LOOP")
    assert body(loop.format("CREATE TABLE", ALTER)) is None
    assert body(loop.format("ALTER TABLE", ALTER)) is Severity.ERROR


@pytest.mark.parametrize(
    ("when", "severity"),
    [
        ("${command_tag} = 'CREATE TABLE'", None),
        ("${command_tag} <> 'ALTER TABLE'", None),
        ("${command_tag} = 'ALTER TABLE'", Severity.ERROR),
        ("${object_type} = 'table'", Severity.ERROR),
        ("${object_schema} = 'app'", Severity.WARNING),
    ],
)
def test_the_conditions_of_the_steps_around_a_statement(when: str, severity: Severity | None):
    sql = "sql: \"EXECUTE format('ALTER TABLE %s OWNER TO app', ${object_identity})\""
    loop = "    steps:\n      - for_each: ddl_command\n        do:\n"
    assert weight(f'{loop}          - {sql}\n            when: "{when}"') is severity
    assert weight(f'{loop}          - if: "{when}"\n            then: [{{{sql}}}]') is severity


def test_tags_restrict_it():
    tags = "    tags: [CREATE TABLE]\n"
    text = "    body:\n      postgresql: |\n        BEGIN\n          {}\n        END"
    assert weight(tags + text.format("ALTER TABLE a.t ADD COLUMN x integer;")) is None
    assert weight(tags + text.format("CREATE TABLE a.u (x integer);")) is Severity.ERROR

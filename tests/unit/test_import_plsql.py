"""PolarDB's PL/SQL: where it begins and ends, and what it becomes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from xtrig.errors import DefinitionError
from xtrig.importer import Assembled, import_script, to_json
from xtrig_pgfamily.reading.plsql_units import as_plpgsql, scan, units

TRIGGER = "CREATE EVENT TRIGGER t ON after_user_logon EXECUTE PROCEDURE f();\n"


def script(body: str, declared: str = "", head: str = "f RETURN event_trigger IS") -> str:
    return f"CREATE TABLE log (who VARCHAR2(64));\nCREATE FUNCTION {head} {declared}\nBEGIN\n{body}\nEND;\n{TRIGGER}"


def read(text: str, dialect: str = "polardb") -> Assembled:
    return import_script(text.encode(), dialect, "a.sql")


def steps(body: str, declared: str = "") -> Any:
    return json.loads(to_json(read(script(body, declared))))["functions"]["f"].get("steps")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            "INSERT INTO log (who) VALUES (polar_login_user);",
            {"insert": "log", "values": {"who": "${login_user}"}},
        ),
        (
            "EXECUTE IMMEDIATE 'GRANT day TO ' || pg_catalog.quote_ident(polar_login_user);",
            {"grant_role": "day", "to": "${login_user}"},
        ),
        ("audit.note(polar_client_ip);", {"call": "audit.note", "kind": "procedure", "args": ["${client_ip}"]}),
        (
            "IF polar_instance_num = 1 THEN audit.note(1); END IF;",
            {"call": "audit.note", "kind": "procedure", "args": [1], "when": "${instance} = 1"},
        ),
        (
            "r := set_config('app.x', polar_database_name, false);",
            {"set": "app.x", "value": "${database}"},
        ),
    ],
)
def test_a_statement_becomes_a_step(body: str, expected: dict[str, Any]) -> None:
    assert steps(body, "r VARCHAR2(64);") == [expected]


@pytest.mark.parametrize(
    "body",
    [
        "INSERT INTO log (who) VALUES (polar_unknown);",
        "RAISE EXCEPTION 'no';",
        "FOR i IN 1..3 LOOP audit.note(i); END LOOP;",
        "CASE WHEN polar_instance_num = 1 THEN audit.note(1); ELSE audit.note(2); END CASE;",
    ],
)
def test_what_no_step_does_keeps_the_body(body: str) -> None:
    result = read(script(body))
    kept = result.triggers.functions["f"].body["polardb"]
    assert kept == f"BEGIN\n{body}\nEND"
    assert "XT405" in {finding.code for finding in result.findings}


@pytest.mark.parametrize(
    "head",
    [
        "f RETURN event_trigger IS",
        "f RETURN event_trigger AS",
        "f() RETURN event_trigger IS",
        "public.f RETURN event_trigger AUTHID DEFINER IS",
        '"f" return event_trigger is',
    ],
)
def test_every_documented_head_is_read(head: str) -> None:
    result = read(script("INSERT INTO log (who) VALUES (polar_login_user);", head=head))
    assert len(result.triggers.functions["f"].steps) == 1


def test_an_invoker_stays_one() -> None:
    text = script("INSERT INTO log (who) VALUES ('x');", head="f RETURN event_trigger AUTHID CURRENT_USER IS")
    assert read(text).triggers.functions["f"].security == "invoker"


def test_both_events_share_a_function() -> None:
    text = script("INSERT INTO log (who) VALUES (tg_event);")
    text += "CREATE EVENT TRIGGER u ON before_user_logoff EXECUTE FUNCTION f();"
    found = read(text).triggers
    assert [str(each.event) for each in found.triggers.values()] == ["logon", "logoff"]


def test_a_unit_ends_with_its_outermost_block() -> None:
    text = """CREATE FUNCTION f RETURN event_trigger IS BEGIN
        BEGIN IF a THEN LOOP NULL; END LOOP; END IF; x := CASE WHEN a THEN 1 END; END;
        -- END; of a comment
        y := 'END;';
    END f;
    SELECT 1;"""
    (unit,) = units(scan(text))
    assert text.encode()[: unit.words[-1].end].decode().endswith("END f;")


def test_plpgsql_keeps_the_lines() -> None:
    text = "CREATE FUNCTION f RETURN event_trigger IS\n a INT;\nBEGIN -- x\n\n EXECUTE IMMEDIATE 'a';\n p(1); END f;"
    (unit,) = units(scan(text))
    lines = ["DECLARE a integer;", "BEGIN -- x", "", " EXECUTE  'a';", " CALL p(1); END"]
    assert as_plpgsql(unit, text.encode(), {"int": "integer"}).splitlines() == lines


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (script("x y z;"), "a.sql:4: function 'f': syntax error at or near \"x\""),
        (script("NULL;").replace("END;", ""), "a.sql:2: script: syntax error"),
        ("SELECT 'a", "a.sql:1: script: unterminated quoted string"),
    ],
)
def test_a_mistake_has_its_line(text: str, said: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        read(text)
    assert said in str(caught.value)


def system(clause: str, body: str) -> str:
    return f"CREATE TABLE log (who text);\nCREATE OR REPLACE TRIGGER t {clause}\nBEGIN\n{body}\nEND;\n/\n"


INSERT = "INSERT INTO log (who) VALUES ({});"


@pytest.mark.parametrize(
    ("clause", "body", "expected"),
    [
        (
            "BEFORE DDL ON DATABASE",
            INSERT.format("ora_sysevent || ' ' || ora_dict_obj_type"),
            {"event": "ddl_command_start", "steps": [{"insert": "log", "values": {"who": "${command_tag}"}}]},
        ),
        (
            "AFTER CREATE OR ALTER OR DROP ON DATABASE",
            INSERT.format("LOWER(ora_dict_obj_type)"),
            {
                "event": "ddl_command_end",
                "steps": [{"for_each": "ddl_command", "do": [{"insert": "log", "values": {"who": "${object_type}"}}]}],
            },
        ),
        (
            "AFTER DROP ON DATABASE",
            INSERT.format("session_user"),
            {
                "event": "ddl_command_end",
                "steps": [
                    {
                        "if": "${command_tag} LIKE 'DROP %'",
                        "then": [{"insert": "log", "values": {"who": "${login_user}"}}],
                    }
                ],
            },
        ),
    ],
)
def test_a_system_trigger_is_a_ddl_trigger(clause: str, body: str, expected: dict[str, Any]) -> None:
    result = read(system(clause, body), "polardb-oracle")
    assert json.loads(to_json(result))["triggers"]["t"] == expected


@pytest.mark.parametrize(
    ("clause", "body", "said"),
    [
        ("INSTEAD OF CREATE ON DATABASE", INSERT.format("1"), "it fires instead of a command"),
        ("AFTER DDL ON hr.SCHEMA", INSERT.format("1"), "it fires for one schema alone"),
        ("AFTER DDL ON DATABASE", INSERT.format("ora_is_drop_column('A')"), r"ora_is_drop_column\(\) is no function"),
        ("AFTER STARTUP ON DATABASE", INSERT.format("1"), "it fires at STARTUP"),
        ("BEFORE DDL ON DATABASE", INSERT.format("LOWER(ora_dict_obj_type)"), "not known before the command"),
        ("AFTER DDL ON DATABASE", "RAISE DEBUG 'x';", "options that no log step has"),
    ],
)
def test_what_a_system_trigger_cannot_say_is_refused(clause: str, body: str, said: str) -> None:
    with pytest.raises(DefinitionError, match=said) as caught:
        read(system(clause, body), "polardb-oracle")
    assert str(caught.value).startswith("a.sql:2: trigger 't': ")

"""PolarDB's scripts: the documented form, strict PL/SQL, and where the two editions differ."""

from __future__ import annotations

import re
from contextlib import suppress
from difflib import unified_diff

import pytest

import xtrig
from tests.goldens import GOLDEN
from tests.unit.given import load, step
from xtrig.facts import Fact
from xtrig.findings import Finding, Severity
from xtrig_polardb.wrapper import VARIABLES

EDITIONS = ("polardb", "polardb-oracle")
SET = """
schema: audit
tables:
  t: {columns: {id: {type: bigint, identity: true, primary_key: true}, a: text}}
functions:
  f: {steps: [{insert: t, values: {a: '${event}'}}]}
triggers:
  on: {event: logon, run: f}
  off: {event: logoff, run: f}
"""


def statements(definition: str, dialect: str, version: str | None = None, **options: object) -> list[str]:
    return [each.sql for each in xtrig.render(load(definition), dialect, target_version=version, **options)]


def functions(definition: str, dialect: str = "polardb") -> list[str]:
    return [sql for sql in statements(definition, dialect) if sql.startswith("CREATE OR REPLACE FUNCTION")]


def function(definition: str, dialect: str = "polardb") -> str:
    """Return the function that holds the steps, or the text: the first, where a wrapper comes after it."""
    return functions(definition, dialect)[0]


def wrapper(definition: str, dialect: str = "polardb") -> str:
    _, found = functions(definition, dialect)
    return found


def in_plsql(definition: str) -> str:
    return definition.replace("  f: {", "  f: {language: plsql, ")


def test_triggers_are_made_in_the_documented_form_of_each_edition():
    assert 'CREATE EVENT TRIGGER "on" ON after_user_logon\n    EXECUTE PROCEDURE audit.f()' in statements(
        SET, "polardb"
    )
    assert "CREATE EVENT TRIGGER off ON before_user_logoff\n    EXECUTE PROCEDURE audit.f()" in statements(
        SET, "polardb"
    )
    oracle = statements(SET, "polardb-oracle")
    assert 'CREATE EVENT TRIGGER "on" AFTER LOGON ON DATABASE\n    EXECUTE FUNCTION audit.f()' in oracle
    assert "CREATE EVENT TRIGGER off BEFORE LOGOFF ON DATABASE\n    EXECUTE FUNCTION audit.f()" in oracle


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("word", ["PERFORM", "RAISE", r"\$", "LANGUAGE", "RETURNS", "SET search_path", "::", "E'"])
def test_a_session_function_is_strict_plsql(edition: str, word: str):
    steps = "[{insert: t, values: {a: '${client_ip}'}}, {set: a.b, value: '${login_user}'}, {call: b.c}]"
    definition = SET.replace("[{insert: t, values: {a: '${event}'}}]", steps)
    for text in (wrapper(definition, edition), function(in_plsql(definition), edition)):
        head, _, body = text.partition("\n")
        assert head.startswith("CREATE OR REPLACE FUNCTION audit.f RETURN event_trigger")
        assert not re.search(word, body)


@pytest.mark.parametrize("edition", EDITIONS)
def test_one_function_tells_logon_and_logoff_apart(edition: str):
    assert "'logon'" in function(SET, edition)


@pytest.mark.parametrize(
    ("fact", "sql"),
    [
        ("login_user", "polar_login_user"),
        ("database", "polar_database_name"),
        ("client_ip", "polar_client_ip"),
        ("instance", "polar_instance_num"),
        ("native_event", "tg_event"),
        ("tag", "tg_tag"),
    ],
)
def test_the_vendors_variables_are_used(fact: str, sql: str):
    definition = step(f"insert: t\n        values: {{a: '${{{fact}}}'}}")
    assert f"VALUES ({sql});" in function(definition)
    assert f"VALUES ({sql});" in function(definition.replace("    event:", "    language: plsql\n    event:"))
    assert f"CAST({sql} AS pg_catalog." in wrapper(definition)


@pytest.mark.parametrize("edition", EDITIONS)
def test_a_backslash_in_a_name_is_itself_whatever_the_client_sets(edition: str):
    definition = SET.replace("  f: {", r"  f: {exempt_roles: [a\b], ")
    assert r"session_user IN (E'a\\b')" in function(definition, edition)
    assert "NOT IN ('a' || pg_catalog.chr(92) || 'b')" in function(in_plsql(definition), edition)


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("language", ["native", "plsql", "plpgsql"])
@pytest.mark.parametrize("fact", ["now", "hour_utc", "hour('Asia/Seoul')", "weekday('Asia/Seoul')"])
def test_a_time_is_that_of_the_clock_and_not_of_a_statement(edition: str, language: str, fact: str):
    """At logoff the session's last statement, whose time PostgreSQL keeps, may be an hour ago."""
    text = f'triggers:\n  x: {{event: logoff, language: {language}, steps: [{{set: a.b, value: "${{{fact}}}"}}]}}'
    written = function(text, edition)
    assert "clock_timestamp()" in written
    assert not re.search(r"(?i)current_(time|date)|local_?time|\bnow\(|(statement|transaction)_timestamp", written)


@pytest.mark.parametrize("edition", EDITIONS)
def test_an_identity_is_the_vendors_serial(edition: str):
    (table,) = [sql for sql in statements(SET, edition) if sql.startswith("CREATE TABLE")]
    assert "id bigserial" in table
    assert "IDENTITY" not in table


def test_the_oracle_edition_says_whose_rights_a_function_has():
    definition = SET.replace("  f: {", "  f: {security: invoker, ")
    assert "AUTHID DEFINER IS" in wrapper(SET, "polardb-oracle")
    assert "AUTHID CURRENT_USER IS" in wrapper(definition, "polardb-oracle")
    assert "AUTHID" not in wrapper(SET, "polardb")
    assert "SECURITY DEFINER" in function(SET, "polardb-oracle")
    assert "SECURITY INVOKER" in function(definition, "polardb-oracle")


@pytest.mark.parametrize("edition", EDITIONS)
def test_ddl_events_are_plpgsql(edition: str):
    definition = "triggers:\n  x: {event: ddl_command_start, tags: [DROP TABLE], steps: [{deny: 'no'}]}"
    text = function(definition, edition)
    assert "LANGUAGE plpgsql" in text
    assert any("ON ddl_command_start\n    WHEN TAG IN ('DROP TABLE')" in sql for sql in statements(definition, edition))


RECORD = """
tables:
  t: {columns: {a: text}}
triggers:
  x: {event: ddl_command_end, steps: [{insert: t, values: {a: '${tag}'}}]}
"""


def test_what_only_records_is_a_system_trigger_from_its_revision_on():
    new = statements(RECORD, "polardb-oracle", "2.0.14.15.31.0")
    old = statements(RECORD, "polardb-oracle", "2.0.14.15.30.0")
    assert any("AFTER DDL ON DATABASE" in sql for sql in new)
    assert not any("AFTER DDL ON DATABASE" in sql for sql in old)
    assert any("ON ddl_command_end" in sql for sql in old)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[{insert", "[{deny: x, when: 'false'}, {insert"),
        ("[{insert", "[{log: x}, {insert"),
        ("ddl_command_end", "ddl_command_end, enable: always"),
        ("ddl_command_end", "ddl_command_end, on_error: allow"),
        ("ddl_command_end", "ddl_command_end, security: invoker"),
        ("ddl_command_end", "ddl_command_end, tags: [CREATE TABLE]"),
        ("ddl_command_end", "ddl_command_end, exempt_roles: [dba]"),
        ("[{insert", "[{insert: t, when: \"'a' = 'b'\", values: {a: '1'}}, {insert"),
        ("${tag}", "${tag} || ${login_user}"),
        ("${tag}", "${client_host}"),
        ("[{insert", "[{grant_role: r, to: x}, {insert"),
        ("[{insert", "[{sql: 'NULL'}, {insert"),
        ("ddl_command_end", "sql_drop"),
        ("x: {", "_polar_evt_tg_on_db: {"),
    ],
)
def test_what_a_system_trigger_cannot_keep_stays_an_event_trigger(old: str, new: str):
    found = statements(RECORD.replace(old, new, 1), "polardb-oracle")
    assert not any(sql.startswith("CREATE OR REPLACE TRIGGER") for sql in found)
    assert any(sql.startswith("CREATE EVENT TRIGGER") for sql in found)


@pytest.mark.parametrize("edition", EDITIONS)
def test_dropping_takes_back_what_was_made_and_keeps_the_rows(edition: str):
    *dropped, schema = statements(SET, edition, drop=True)
    assert schema.startswith("DO LANGUAGE plpgsql $xtrig$")
    assert "LIKE 'xtrig:%'" in schema
    assert "DROP SCHEMA audit;" in schema
    assert dropped == [
        "DROP EVENT TRIGGER IF EXISTS off",
        'DROP EVENT TRIGGER IF EXISTS "on"',
        "DROP FUNCTION IF EXISTS audit.f()",
        "DROP FUNCTION IF EXISTS audit.f(text, text, text, integer, text, text)",
    ]


@pytest.mark.parametrize("edition", EDITIONS)
def test_a_hand_written_body_is_used_as_it_is(edition: str):
    text = function(f"triggers:\n  x: {{event: logon, body: {{{edition}: '\n      BEGIN NULL; END'}}}}", edition)
    assert text.endswith("BEGIN NULL; END")


@pytest.mark.parametrize("edition", EDITIONS)
def test_a_name_that_plsql_reads_otherwise_is_quoted(edition: str):
    for name in ("_x", "date", "rem", "level", "mode", "Été"):
        assert f'"{name}"' in function(
            SET.replace("  t:", f"  {name}:").replace("insert: t", f"insert: {name}"), edition
        )


def without_effect(options: str, edition: str) -> list[Finding]:
    triggers = xtrig.load_text(f"xtrig: 1\nschema: audit\nsessions: {{{options}}}\n")
    return [each for each in xtrig.render(triggers, edition).findings if each.code == "XT209"]


@pytest.mark.parametrize("edition", EDITIONS)
def test_what_of_a_record_has_no_effect_on_polardb_is_a_note_with_its_reason(edition: str):
    by_event, by_rights = without_effect("look_every: 1min, logoff: server log, owner: me, writer: you", edition)
    assert (by_event.severity, by_event.path) == (Severity.NOTE, ("sessions",))
    assert by_event.message.startswith("look_every, logoff: server log have no effect on PolarDB")
    assert "logoff is an event there" in by_event.message
    assert by_rights.message.startswith("owner, writer have no effect on PolarDB")
    assert "no page of the vendor's says" in by_rights.message


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize(
    "options", ["instance: a", "retention: 90 days", "partition: week", "ahead: 3", "logoff: inferred", "reader: us"]
)
def test_what_has_an_effect_there_has_no_note_and_changes_the_script(options: str, edition: str):
    assert not without_effect(options, edition)
    plain, changed = (
        str(xtrig.render(xtrig.load_text(f"xtrig: 1\nschema: audit\nsessions: {{{each}}}\n"), edition))
        for each in ("", options)
    )
    assert (plain == changed) == (options == "logoff: inferred")


@pytest.mark.parametrize(
    ("version", "language", "said", "remedy"),
    [
        ("14", "native", "kernels before 17", "rely on lock_timeout"),
        ("14", "plpgsql", "kernels before 17", "rely on lock_timeout"),
        ("17", "native", "", ""),
        ("17", "plsql", "PL/SQL", "rely on lock_timeout"),
        ("17", "plpgsql", "", ""),
    ],
)
def test_a_timeout_that_is_not_rendered_is_said(version: str, language: str, said: str, remedy: str):
    step = f"{{event: logon, timeout: 3s, language: {language}, steps: [{{insert: t, values: {{a: '1'}}}}]}}"
    triggers = xtrig.load_text(
        f"xtrig: 1\nschema: s\ntables: {{t: {{columns: {{a: text}}}}}}\ntriggers: {{x: {step}}}\n"
    )
    script = xtrig.render(triggers, "polardb", target_version=version)
    found = [each for each in script.findings if each.code == "XT209"]
    assert [said in each.message and each.remedy == remedy for each in found] == [True] * bool(said)
    assert ("SET transaction_timeout = '3s'" in str(script)) is not bool(said)


@pytest.mark.parametrize("edition", EDITIONS)
def test_a_clients_search_path_is_pinned_before_the_first_operator(edition: str):
    text = function(in_plsql(SET.replace("  f: {", "  f: {exempt_roles: [dba], ")), edition)
    head, _, body = text.partition(" IS\n")
    if edition == "polardb":
        first = next(line.strip() for line in body.partition("BEGIN\n")[2].splitlines() if "--" not in line)
        assert first == "xtrig_ignored := pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);"
    else:
        assert head.endswith(" SET search_path = pg_catalog, pg_temp SET standard_conforming_strings = on")
    assert "    xtrig_ignored pg_catalog.text;\n" in body


@pytest.mark.parametrize("edition", EDITIONS)
def test_a_wrapper_holds_no_operator_and_no_unqualified_name(edition: str):
    text = wrapper(SET, edition)
    code = re.sub("--.*", "", text)
    words = set(re.findall(r"[\w.]+", code)) - {"audit.f", "pg_catalog.text", "pg_catalog.int4", *VARIABLES}
    keywords = "CREATE OR REPLACE FUNCTION RETURN event_trigger AUTHID DEFINER IS BEGIN END CAST AS"
    assert words <= {*keywords.split(), "xtrig_ignored"}
    assert not set(code) & set("=<>|+-*/%") - {"="}
    assert code.count("=") == code.count(":=") == 1


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize(
    "written",
    ["{log: x}", "{grant_role: r, to: x}", "{revoke_role: r, from: x}", "{create_temp_table: x, columns: {a: text}}"],
)
def test_what_the_manual_shows_nothing_of_is_refused_in_plsql_and_rendered_otherwise(edition: str, written: str):
    definition = f"functions:\n  f: {{steps: [{written}]}}\ntriggers:\n  x: {{event: logon, run: f}}\n"
    assert len(functions(definition, edition)) == 2
    with pytest.raises(xtrig.XtrigError, match=r"has no form in language: plsql.*XT207"):
        statements(in_plsql(definition), edition)


@pytest.mark.parametrize("edition", EDITIONS)
def test_columns_of_users_are_not_hidden_by_variables_of_ours(edition: str):
    written = "{sql: 'UPDATE app.seen SET held = held + 1, ignored = ignored WHERE who = ${login_user}'}"
    definition = SET.replace("{insert: t, values: {a: '${event}'}}", written)
    for text in (*functions(definition, edition), *functions(in_plsql(definition), edition)):
        declared = set(re.findall(r"^    (\w+) pg_catalog", text, re.MULTILINE)) - {"RETURNS"}
        assert declared <= {"xtrig_ignored", *VARIABLES}


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_helper_is_what_postgresql_gets_but_for_the_vendors_variables(edition: str):
    definition = GOLDEN.joinpath("logon-every-step", "triggers.yaml").read_text("utf-8").removeprefix("xtrig: 1\n")
    ours, theirs = (function(definition, name).partition("\nAS ")[2].splitlines() for name in (edition, "postgresql"))
    replaced = {
        "session_user": "polar_login_user",
        "current_database()": "polar_database_name",
        "host(inet_client_addr())": "polar_client_ip",
        "AT TIME ZONE INTERVAL '0'": "",
    }
    changed = [
        line for line in unified_diff(theirs, ours, n=0, lineterm="") if not line.startswith(("@", "---", "+++"))
    ]
    gone, come = ([line[1:] for line in changed if line[0] == sign] for sign in "-+")
    assert all(any(word in line for word in replaced) or re.search('[ (]at[,)]|"?level|"?rem', line) for line in gone)
    start = come.index("    -- Only the trigger calls this: else anybody could record what never was.")
    refusal = come[start : come.index("    END IF;", start) + 1]
    rest = [line for line in come if line not in refusal and line != "    RETURN NULL;"]
    assert len(rest) == len(gone)
    assert all(
        any(word in line for word in (*VARIABLES, '"at"', '"level"', '"rem"', "timezone('UTC'")) for line in rest
    )


@pytest.mark.parametrize("language", ["plpgsql", "plsql", None])
@pytest.mark.parametrize("event", ["logon", "logoff"])
@pytest.mark.parametrize("dialect", EDITIONS)
def test_a_fact_is_rendered_or_refused_in_each_language(dialect: str, event: str, language: str | None) -> None:
    """A logoff trigger runs in the session that ends, so that all is known there that is known at logon."""
    zone, network = "'Asia/Seoul'", "'10.0.0.0/8'"
    arguments = {Fact.HOUR: zone, Fact.WEEKDAY: zone, Fact.MEMBER_OF: "'dba'", Fact.CLIENT_IN: network}
    defaults = {"language": language} if language else {}
    rendered = set()
    for fact in Fact:
        called = f"{fact}({arguments[fact]})" if fact in arguments else str(fact)
        trigger = {
            "event": event,
            "steps": [{"insert": "t", "values": {"a": "1"}, "when": f"${{{called}}} is not null"}],
        }
        given = {"tables": {"t": {"columns": {"a": "text"}}}, "defaults": defaults, "triggers": {"on_session": trigger}}
        triggers = xtrig.TriggerSet.model_validate(given)
        with suppress(xtrig.RefusedError, xtrig.DefinitionError):
            assert "is not null" in str(xtrig.render(triggers, dialect)).lower()
            rendered.add(fact)
    assert {*arguments, Fact.USER_SESSIONS, Fact.CLIENT_IP} <= rendered

"""When a hand-written text is looked at: the event, the dialect, the policies around it, step or body."""

from __future__ import annotations

import pytest

from tests.unit.given import load, step, translate
from tests.unit.written import block, codes, found
from xtrig.findings import Severity

WRITE = "INSERT INTO a.t VALUES (1);"
COMMIT = "COMMIT;"
SLEEP = "PERFORM pg_sleep(1);"
DDL_EVENTS = ("ddl_command_start", "ddl_command_end", "sql_drop", "table_rewrite")


def severities(text: str, dialect: str = "postgresql", **options: object) -> dict[str, Severity]:
    return {finding.code: finding.severity for finding in found(text, dialect, **options)}  # type: ignore[arg-type]


def of_own_table(statement: str) -> list[tuple[str, Severity, int | None]]:
    """Return code, severity and line of what is said of a body beside a table of the definition."""
    body = "".join(f"        {line}\n" for line in f"BEGIN\n{statement}\nEND".splitlines())
    given = f"""
schema: audit
tables: {{log: {{columns: {{who: text, what: text}}}}, ext: {{create: false, columns: {{a: text}}}}}}
triggers:
  t:
    event: ddl_command_end
    body:
      postgresql: |
{body}"""
    found = translate(given, "postgresql")
    return [
        (each.code, each.severity, each.location.line if each.location else None)
        for each in found
        if each.code in ("XT231", "XT302")
    ]


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("NULL;\nINSERT INTO audit.log (who, whatt) VALUES ('a', 'b');", [("XT231", Severity.ERROR, 11)]),
        ("UPDATE audit.log SET whoo = 'a' WHERE who = 'b';", [("XT231", Severity.ERROR, 10)]),
        (
            "IF true THEN WITH x AS (SELECT 1) INSERT INTO audit.log (a) SELECT 1; END IF;",
            [("XT231", Severity.ERROR, 10)],
        ),
        ("INSERT INTO log (who) VALUES ('a');", [("XT302", Severity.ERROR, 10)]),
        ("DELETE FROM logs;", [("XT302", Severity.WARNING, 10)]),
        ("INSERT INTO audit.log (who, what) VALUES ('a', 'b');", []),
        ("INSERT INTO audit.ext (b) VALUES ('a');", []),
        ("INSERT INTO other.log (b) VALUES ('a');", []),
        ("CREATE TEMP TABLE log (b text); INSERT INTO log (b) VALUES ('a');", []),
    ],
)
def test_what_the_definition_knows_of_a_table_is_an_error(
    statement: str, expected: list[tuple[str, Severity, int | None]]
):
    assert of_own_table(statement) == expected


@pytest.mark.parametrize("event", DDL_EVENTS)
@pytest.mark.parametrize(
    "text", [WRITE, SLEEP, "GRANT a TO b;", "RAISE EXCEPTION 'no';", "PERFORM 1 FROM pg_stat_ssl;", COMMIT]
)
def test_what_concerns_logins_is_not_said_of_commands(event: str, text: str):
    assert codes(block(text), event=event) == set()


@pytest.mark.parametrize("dialect", ["polardb", "polardb-oracle"])
def test_where_an_error_refuses_nobody_a_write_needs_no_guard(dialect: str):
    assert codes(block(WRITE), dialect) == set()
    assert codes(block(WRITE), dialect, policies="language: plpgsql") == set()


def test_an_sql_step_has_guards_around_it():
    assert codes(WRITE, step=True) == set()
    assert codes("RAISE EXCEPTION 'no'", step=True) == set()
    assert codes(SLEEP, step=True) == {"XT304"}


def test_the_facts_of_a_step_are_values_like_others():
    assert codes("EXECUTE 'SELECT ' || ${login_user}", step=True) == {"XT306"}
    assert codes("EXECUTE format('SELECT %s', ${application})", step=True) == {"XT306"}
    assert codes("EXECUTE format('SELECT %L', ${application})", step=True) == set()
    assert codes("EXECUTE 'SELECT ' || ${backend_pid}", step=True) == set()
    assert codes("EXECUTE 'SELECT ' || ${tag}", step=True) == set()


def test_with_the_rights_of_the_user_there_is_no_owner_to_mistake_him_for():
    text = block("RAISE LOG '%', current_user; PERFORM note(1); SET search_path = a; PERFORM a.f();")
    assert codes(text) == {"XT302", "XT303", "XT305"}
    # The path is pinned all the same, and whoever logs in may be a superuser.
    assert codes(text, policies="security: invoker") == {"XT302", "XT303"}


@pytest.mark.parametrize("word", ["current_user", "CURRENT_ROLE", "user"])
def test_whom_a_client_chooses_to_be_is_no_reason_to_refuse_another(word: str):
    text = block(f"IF {word} = 'a' THEN RAISE EXCEPTION 'no'; END IF;")
    assert "XT316" in codes(text, policies="security: invoker")
    assert "XT316" not in codes(text)
    assert "XT316" not in codes(text.replace(word, "session_user"), policies="security: invoker")


@pytest.mark.parametrize(
    ("path", "logon", "ddl"),
    [
        ("path", Severity.ERROR, Severity.ERROR),
        ("'\"$user\", pg_temp'", Severity.ERROR, Severity.ERROR),
        ("'pg_temp, app'", Severity.ERROR, Severity.ERROR),
        ("'app'", Severity.WARNING, Severity.ERROR),
        ("'app, pg_temp'", Severity.WARNING, Severity.WARNING),
        ("'pg_catalog'", None, Severity.ERROR),
        ("'pg_catalog, pg_temp'", None, None),
    ],
)
def test_a_changed_path_is_an_error_unless_its_schemas_can_be_looked_at(
    path: str, logon: Severity | None, ddl: Severity | None
):
    text = block(f"PERFORM set_config('search_path', {path}, true); PERFORM a.f();")
    assert severities(text).get("XT303") is logon
    assert severities(text, event="sql_drop").get("XT303") is ddl
    assert severities(text, policies="security: invoker").get("XT303") is (logon and Severity.WARNING)


def test_a_transaction_that_ends_is_an_error_where_it_refuses_the_login():
    assert severities(block(COMMIT))["XT304"] is Severity.ERROR
    assert severities(block(COMMIT), "polardb")["XT304"] is Severity.WARNING
    caught = f"BEGIN {COMMIT} EXCEPTION WHEN others OR query_canceled THEN RAISE LOG 'x'; END;"
    assert severities(block(caught))["XT304"] is Severity.WARNING
    assert severities(COMMIT, step=True)["XT304"] is Severity.WARNING
    assert severities(COMMIT, step=True, policies="on_error: deny")["XT304"] is Severity.ERROR


@pytest.mark.parametrize("event", ["ddl_command_start", "ddl_command_end"])
@pytest.mark.parametrize("text", ["CREATE TEMP TABLE IF NOT EXISTS s (a int);", "ALTER TABLE a.t ADD x int;"])
def test_ddl_that_fires_its_own_trigger_is_an_error(event: str, text: str):
    assert severities(block(text), event=event) == {"XT307": Severity.ERROR}
    assert severities(block(text), event=event, policies="tags: [DROP TABLE]") == {}
    unknown = severities(block(f"IF a.outside() THEN {text} END IF;"), event=event)
    assert unknown == {"XT307": Severity.WARNING}


@pytest.mark.parametrize("text", ["CREATE ROLE x;", "GRANT a TO b;"])
def test_commands_that_no_trigger_sees_do_not_fire_it(text: str):
    assert Severity.ERROR not in severities(block(text), event="ddl_command_end").values()


def test_a_session_has_its_temporary_tables_to_itself():
    guarded = "IF pg_is_in_recovery() THEN RETURN; END IF;"
    assert codes(block(f"{guarded} CREATE TEMP TABLE s (a int);")) == set()


def test_the_second_login_finds_any_other_table():
    assert "XT307" in codes(block("CREATE TABLE a.s (x int);"))


def test_a_name_without_schema_is_the_users_choice_where_functions_have_no_path():
    (ours,) = found(block("PERFORM note_login(1);"))
    (theirs,) = found(block("note_login(1);"), "polardb")
    assert "isn't found" in ours.message
    assert "the user's decides" in theirs.message


def test_a_routine_that_the_body_declares_is_not_looked_up():
    text = "procedure note_login(x integer) is begin a.f(x); end;\nbegin note_login(1); end"
    assert codes(text, "polardb") == set()
    assert codes("n integer;\nBEGIN other(1); END", "polardb") == {"XT302"}


def test_an_exception_keeps_nobody_out_where_errors_are_only_logged():
    plpgsql = "language: plpgsql"
    assert severities(block("RAISE EXCEPTION 'no';"), "polardb", policies=plpgsql) == {"XT314": Severity.WARNING}
    assert severities(block("RAISE EXCEPTION 'no';")) == {"XT314": Severity.NOTE}
    assert severities(block("raise_application_error(-20001, 'no');"), "polardb-oracle")["XT314"] is Severity.WARNING


def test_what_others_lets_through_matters_where_it_refuses():
    text = block("BEGIN PERFORM a.f(); EXCEPTION WHEN others THEN PERFORM a.note(SQLERRM); END;")
    assert severities(text) == {"XT310": Severity.NOTE}
    assert severities(text, "polardb", policies="language: plpgsql") == {}


def test_ddl_is_plpgsql_on_polardb_too():
    assert codes(block("PERFORM a.f(x::text);"), "polardb", event="ddl_command_end") == set()
    assert codes(block("PERFORM a.f(x::text);"), "polardb", policies="language: plpgsql") == set()


@pytest.mark.parametrize(("version", "expected"), [("17", set()), ("18", {"XT311"}), ("19", {"XT311"})])
def test_a_time_zone_is_looked_up_in_the_clients_from_18_on(version: str, expected: set[str]):
    assert codes(block("RAISE LOG '%', now() AT TIME ZONE 'utc';"), version=version) == expected


@pytest.mark.parametrize(
    "text",
    ["{log: x, when: \"${now} at time zone 'UTC' > now()\"}", "{set: a.b, value: \"timezone('utc', ${now})\"}"],
)
def test_it_is_in_expressions_too(text: str):
    assert [finding.code for finding in translate(step(text), "postgresql")] == ["XT311"]
    assert [finding.code for finding in translate(step(text), "postgresql", "17")] == []


def test_a_text_of_another_dialect_is_not_read():
    triggers = "triggers:\n  x:\n    event: logon\n    body:\n      polardb: |\n        BEGIN PERFORM a.f(); END\n"
    assert load(triggers)
    text = block("NULL;")
    assert codes(text) == set()


def test_a_value_is_followed_through_its_variable_and_its_type():
    declared = "DECLARE\n  n int := 1;\n  who text;\n  cmd text := 'SELECT ' || {};\nBEGIN\n  EXECUTE cmd;\nEND"
    assert codes(declared.format("n")) == set()
    assert codes(declared.format("who")) == {"XT306"}


def test_each_name_is_said_once():
    text = block("PERFORM note(1); PERFORM note(2); PERFORM other(3);")
    assert [finding.message.partition(" ")[0] for finding in found(text)] == ["note", "other"]

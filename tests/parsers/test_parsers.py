"""The harness itself: it must see what is there, and reject what the vendor's server would reject."""

from pathlib import Path

import pytest

from tests.parsers.plsql import PlsqlParser, PlsqlUnit
from tests.parsers.postgres import Parsed, ParseError, parse_plpgsql_functions, parse_script

HERE = Path(__file__).parent


LOGIN_BODY = """
DECLARE
    message text := 'a' || 'b';
    steps int[];
    item record;
BEGIN
    <<commands>>
    FOR item IN SELECT * FROM pg_catalog.pg_event_trigger_ddl_commands() LOOP
        EXIT commands WHEN item.in_extension;
        INSERT INTO audit.log ("User", tag) VALUES (session_user, CASE tg_tag WHEN 'LOGIN' THEN 'logon' END);
    END LOOP;
    SET CONSTRAINTS ALL IMMEDIATE;
    EXECUTE pg_catalog.format('GRANT day_worker TO %I', session_user);
    steps[pg_catalog.abs(x := 1)] := 2;
    GET DIAGNOSTICS message = ROW_COUNT;
EXCEPTION
    WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS message = MESSAGE_TEXT;
        RAISE WARNING '100%%: %', message USING ERRCODE = '42501', HINT = 'h' || message;
END
"""

SCRIPT = f"""
CREATE SCHEMA IF NOT EXISTS audit;
CREATE TABLE IF NOT EXISTS audit.log ("User" text, tag text);
CREATE OR REPLACE FUNCTION audit."on Login"() RETURNS event_trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, "My Schema", pg_temp SET lock_timeout = '250ms'
    AS $body${LOGIN_BODY}$body$;
COMMENT ON FUNCTION audit."on Login"() IS 'xtrig: 1';
DO $xtrig$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_event_trigger WHERE evtname = 'e') THEN
        CREATE EVENT TRIGGER e ON ddl_command_end WHEN TAG IN ('CREATE TABLE', 'DROP TABLE')
            EXECUTE FUNCTION audit."on Login"();
        EXECUTE 'COMMENT ON EVENT TRIGGER e IS ''xtrig: 2''';
    END IF;
END
$xtrig$;
ALTER EVENT TRIGGER e ENABLE ALWAYS;
GRANT day_worker TO bob;
DROP EVENT TRIGGER IF EXISTS f, g;
DROP FUNCTION audit.old();
"""


def function(body: str) -> str:
    return f"CREATE FUNCTION f() RETURNS event_trigger LANGUAGE plpgsql AS $f$DECLARE n int; BEGIN {body} END$f$"


class TestPostgresScript:
    def test_objects_are_listed_in_order(self):
        assert [(found.kind, found.name, found.nested) for found in parse_script(SCRIPT)] == [
            ("create_schema", "audit", False),
            ("create_table", "audit.log", False),
            ("create_function", "audit.on Login", False),
            ("comment", "audit.on Login", False),
            ("do", "", False),
            ("create_event_trigger", "e", True),
            ("comment", "e", True),
            ("alter_event_trigger", "e", False),
            ("GrantRoleStmt", "", False),
            ("drop_event_trigger", "f", False),
            ("drop_event_trigger", "g", False),
            ("drop_function", "audit.old", False),
        ]

    def test_a_function_is_described(self):
        assert parse_script(SCRIPT)[2] == Parsed(
            kind="create_function",
            name="audit.on Login",
            language="plpgsql",
            security_definer=True,
            settings={"search_path": 'pg_catalog, "My Schema", pg_temp', "lock_timeout": "250ms"},
            returns="event_trigger",
            body=LOGIN_BODY,
            create_or_replace=True,
        )

    def test_event_triggers_and_comments_are_described(self):
        trigger, comment, altered = parse_script(SCRIPT)[5:8]
        tags = ("CREATE TABLE", "DROP TABLE")
        assert (trigger.event, trigger.function, trigger.tags) == ("ddl_command_end", "audit.on Login", tags)
        assert (comment.on, comment.text) == ("event_trigger", "xtrig: 2")
        assert altered.enabled == "always"

    @pytest.mark.parametrize(
        ("clause", "value"),
        [("= a, b", "a, b"), ("= 'a, b'", '"a, b"'), ("= ''", '""'), ("FROM CURRENT", "CURRENT")],
    )
    def test_a_search_path_is_spelled_as_the_server_stores_it(self, clause: str, value: str):
        sql = f"CREATE FUNCTION f() RETURNS int LANGUAGE sql SET search_path {clause} AS 'SELECT 1'"
        assert parse_script(sql)[0].settings == {"search_path": value}

    def test_an_empty_script_has_no_objects(self):
        assert parse_script("-- nothing\n") == []

    @pytest.mark.parametrize(
        "sql",
        [
            "CREATE EVENT TRIGGER IF NOT EXISTS e ON login EXECUTE FUNCTION f()",
            "CREATE OR REPLACE EVENT TRIGGER e ON login EXECUTE FUNCTION f()",
            "CREATE EVENT TRIGGER s.e ON login EXECUTE FUNCTION f()",
            "CREATE EVENT TRIGGER e AFTER LOGON ON DATABASE EXECUTE FUNCTION f()",
            "CREATE FUNCTION f RETURN event_trigger IS BEGIN NULL; END",
            "DO $$ BEGIN CREATE EVENT TRIGGER e login EXECUTE FUNCTION f(); END $$",
            "DO $$ BEGIN EXECUTE 'CREATE EVENT TRIGGER e login EXECUTE FUNCTION f()'; END $$",
            "DO $$ BEGIN NULL; $$",
        ],
    )
    def test_broken_scripts_are_rejected(self, sql: str):
        with pytest.raises(ParseError):
            parse_script(sql)

    def test_an_unknown_filter_is_rejected(self):
        with pytest.raises(ValueError, match="TAG is all there is"):
            parse_script("CREATE EVENT TRIGGER e ON login WHEN role IN ('a') EXECUTE FUNCTION f()")


class TestPlpgsqlBodies:
    def test_every_function_is_checked_and_counted(self):
        nested = f"DO $do$ BEGIN {function('NULL;')}; END $do$;"
        other = "CREATE FUNCTION g() RETURNS int LANGUAGE sql AS 'SELECT 1';"
        assert parse_plpgsql_functions(SCRIPT + nested + other) == 2

    @pytest.mark.parametrize(
        "body",
        [
            "INSERT INTTO t VALUES (1);",
            "INSERT INTO t VALUES (1;",
            "n := 1 +;",
            "unknown := 1;",
            "IF n > THEN NULL; END IF;",
            "FOR i IN 1.. LOOP NULL; END LOOP;",
            "EXIT nowhere;",
            "PERFORM f(;",
            "RAISE WARNING 'one %';",
            "RAISE EXCEPTION USING MESSAGE = 'a' ||;",
            "EXECUTE 'a' || ;",
            "GET DIAGNOSTICS n = NOTHING;",
            "BEGIN NULL;",
        ],
    )
    def test_broken_bodies_are_rejected(self, body: str):
        for sql in (function(body), f"DO $do$BEGIN {function(body)}; END$do$"):
            with pytest.raises(ParseError):
                parse_plpgsql_functions(sql)


SAMPLE = """\
CREATE OR REPLACE FUNCTION audit.sample_event_trigger RETURN event_trigger AUTHID DEFINER IS
    ignored VARCHAR2(200);
BEGIN
    ignored := pg_catalog.set_config('lock_timeout', '250ms', true);
    IF polar_login_user NOT IN ('dba', 'it''s') THEN
        IF NOT pg_catalog.pg_is_in_recovery()
           AND pg_catalog.current_setting('transaction_read_only') = 'off' THEN
            INSERT INTO audit.users_log (user_name, "User")
            VALUES (polar_login_user, CASE tg_event WHEN 'after_user_logon' THEN 'logon' ELSE tg_event END);
            EXECUTE IMMEDIATE 'GRANT day_worker TO "' || REPLACE(polar_login_user, '"', '""') || '"';
        END IF;
    END IF;
END;
"""


def unit(body: str, head: str = "RETURN event_trigger IS") -> str:
    return f"CREATE FUNCTION f {head}\nBEGIN\n{body}\nEND;"


class TestPlsql:
    def test_a_function_is_described(self, plsql: PlsqlParser):
        result = plsql.parse(SAMPLE)
        assert result.errors == ()
        name, returns = "audit.sample_event_trigger", "event_trigger"
        assert result.units == (PlsqlUnit("create_function", name, True, returns, "DEFINER"),)

    @pytest.mark.parametrize("declare", ["", "DECLARE x VARCHAR2(10); "])
    def test_a_system_trigger_is_described(self, plsql: PlsqlParser, declare: str):
        head = 'CREATE OR REPLACE TRIGGER "My T" AFTER CREATE OR ALTER ON DATABASE'
        result = plsql.parse(f"{head} {declare}BEGIN NULL; END;")
        assert result.errors == ()
        events = ("CREATE", "ALTER")
        described = PlsqlUnit("create_trigger", '"My T"', True, timing="AFTER", events=events, scope="DATABASE")
        assert result.units == (described,)

    def test_a_trigger_on_a_schema_is_described(self, plsql: PlsqlParser):
        found = plsql.parse("CREATE TRIGGER t BEFORE DDL ON s.SCHEMA BEGIN NULL; END;").units[0]
        assert (found.timing, found.events, found.scope, found.schema) == ("BEFORE", ("DDL",), "SCHEMA", "s")

    def test_what_follows_a_unit_is_a_unit(self, plsql: PlsqlParser):
        kinds = [found.kind for found in plsql.parse(unit("NULL;") + " garbage").units]
        assert kinds == ["create_function", "call_statement"]

    def test_names_and_types_are_given_as_written(self, plsql: PlsqlParser):
        sql = 'CREATE FUNCTION "a""b"."été 😀" RETURN VARCHAR2 (20) AUTHID current_user AS BEGIN NULL; END;'
        found = plsql.parse(sql).units[0]
        assert found == PlsqlUnit("create_function", '"a""b"."été 😀"', returns="VARCHAR2 (20)", authid="CURRENT_USER")

    @pytest.mark.parametrize(
        "body",
        [
            "RETURN;",
            "RAISE_APPLICATION_ERROR(-20001, 'x');",
            "SELECT f(x) INTO ignored FROM dual;",
            "IF EXTRACT(HOUR FROM SYS_EXTRACT_UTC(SYSTIMESTAMP)) < 8 THEN NULL; END IF;",
            "IF EXTRACT(HOUR FROM CURRENT_TIMESTAMP AT TIME ZONE 'UTC') < 8 THEN NULL; END IF;",
            "IF ora_sysevent || ' ' || ora_dict_obj_type IN ('CREATE TABLE') THEN NULL; END IF;",
            "INSERT INTO t (a) VALUES ((SELECT max(x) FROM y));",
            "x := CAST(y AS integer); -- it's a comment",
            "x := 'a\\b\\' || 'two\nlines' || '100% :name $$ \u2028';",
        ],
    )
    def test_the_subset_that_xtrig_renders_is_accepted(self, plsql: PlsqlParser, body: str):
        assert plsql.parse(unit(body)).errors == ()

    @pytest.mark.parametrize(
        "sql",
        [
            "",
            unit("PERFORM x();"),
            unit("RAISE WARNING 'x';"),
            unit("NULL;", "RETURNS event_trigger IS"),
            unit("NULL;", "RETURN event_trigger SET search_path = x IS"),
            unit("NULL;", "RETURN event_trigger LANGUAGE plpgsql IS"),
            unit("NULL;", "() RETURN event_trigger IS"),
            unit(""),
            unit("x := y::text;"),
            unit("x := E'a';"),
            unit("x := 'abc;"),
            unit('x := "abc;'),
            unit("NULL;\nREM this line isn't parsed\nNULL;"),
            unit("IF a = 1 THEN NULL;"),
            unit("INSERT INTTO t VALUES (1);"),
            unit("NULL;").removesuffix("END;"),
            unit("NULL;").removesuffix(";"),
            "CREATE FUNCTION f RETURN event_trigger AS $$ BEGIN NULL; END; $$;",
            "CREATE TRIGGER t AFTER CREATE ON DATABASE BEGIN NULL; END",
            "CREATE EVENT TRIGGER t ON after_user_logon EXECUTE PROCEDURE f();",
        ],
    )
    def test_broken_text_is_rejected(self, plsql: PlsqlParser, sql: str):
        assert plsql.parse(sql).errors

    def test_an_error_says_where(self, plsql: PlsqlParser):
        error = plsql.parse(unit("x := '😀'; x := y::text;")).errors[0]
        assert (error.line, error.column) == (3, 16)
        assert "':'" in error.message

    @pytest.mark.usefixtures("plsql")
    def test_a_parser_that_has_ended_says_so(self):
        with PlsqlParser() as gone:
            gone._node.kill()
            gone._node.wait()
            with pytest.raises(RuntimeError, match="ended with status"):
                gone.parse("x")


def test_the_lock_file_names_no_registry():
    assert "://" not in (HERE / "package-lock.json").read_text()

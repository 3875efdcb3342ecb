"""Statements of a plpgsql body to steps."""

from __future__ import annotations

import json
import re
from textwrap import indent
from typing import Any

import pytest

import xtrig
from xtrig.importer import import_script, to_json, to_yaml

HEAD = """CREATE TABLE public.log (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, who text, what text);
CREATE FUNCTION public.f() RETURNS event_trigger LANGUAGE plpgsql
    SECURITY DEFINER AS $f$
"""
BODY_LINE = HEAD.count("\n") + 1


def script(body: str, event: str = "login", declare: str = "") -> bytes:
    block = f"{declare}BEGIN\n{indent(body, '    ')}\nEND"
    return f"{HEAD}{block}\n$f$;\nCREATE EVENT TRIGGER t ON {event} EXECUTE FUNCTION public.f();\n".encode()


def function(body: str, event: str = "login", declare: str = "") -> dict[str, Any]:
    result = import_script(script(body, event, declare), "postgresql", "a.sql")
    found: dict[str, Any] = json.loads(to_json(result))["functions"]["f"]
    return found


def steps(body: str, event: str = "login", declare: str = "") -> Any:
    return function(body, event, declare).get("steps")


def reason(body: str, event: str = "login", declare: str = "") -> str:
    """Return why a body is kept as it is."""
    result = import_script(script(body, event, declare), "postgresql", "a.sql")
    assert list(result.triggers.functions["f"].body) == ["postgresql"]
    (found,) = (finding.message for finding in result.findings if finding.code == "XT405")
    return found.partition("alone: ")[2]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("INSERT INTO log (who) VALUES (session_user);", {"insert": "log", "values": {"who": "${login_user}"}}),
        (
            "INSERT INTO public.log VALUES (DEFAULT, session_user, 'x');",
            {"insert": "log", "values": {"who": "${login_user}", "what": "'x'"}},
        ),
        (
            "INSERT INTO log (id, who, what) VALUES (-1, NULL, '$'||'{a}' || tg_tag);",
            {"insert": "log", "values": {"id": -1, "who": None, "what": "'$'||'{a}' || ${tag}"}},
        ),
        ("INSERT INTO log (what) VALUES ('${x}');", {"insert": "log", "values": {"what": "'$${x}'"}}),
        ("RAISE EXCEPTION 'no';", {"deny": "no", "sqlstate": "P0001"}),
        (
            "RAISE EXCEPTION 'not % of %%, ${x}', session_user;",
            {"deny": "not ${login_user} of %, $${x}", "sqlstate": "P0001"},
        ),
        (
            "RAISE EXCEPTION USING MESSAGE = format('no %s', tg_tag), ERRCODE = '42501';",
            {"deny": "no ${tag}"},
        ),
        ("RAISE EXCEPTION '%', 'no ' || session_user;", {"deny": "no ${login_user}", "sqlstate": "P0001"}),
        ("RAISE LOG 'seen %', pg_backend_pid();", {"log": "seen ${backend_pid}"}),
        (
            "EXECUTE 'GRANT day TO ' || quote_ident(session_user);",
            {"grant_role": "day", "to": "${login_user}"},
        ),
        (
            "EXECUTE format('REVOKE %I FROM %I', 'Day', session_user);",
            {"revoke_role": "Day", "from": "${login_user}"},
        ),
        ("GRANT day TO session_user;", {"grant_role": "day", "to": "${login_user}"}),
        (
            "EXECUTE 'GRANT day TO \"' || session_user || '\"';",
            {"grant_role": "day", "to": "${login_user}"},
        ),
        (
            "INSERT INTO log (id) OVERRIDING SYSTEM VALUE VALUES (1);",
            {"sql": "INSERT INTO public.log (id) OVERRIDING SYSTEM VALUE VALUES (1)"},
        ),
        ("EXECUTE 'GRANT day TO bob';", {"grant_role": "day", "to": "'bob'"}),
        (
            "CREATE TEMP TABLE s (x float, y integer);\nALTER TABLE s OWNER TO session_user;",
            {"create_temp_table": "s", "columns": {"x": "float", "y": "integer"}, "owner": "${login_user}"},
        ),
        (
            "PERFORM set_config('app.user', session_user, false);",
            {"set": "app.user", "value": "${login_user}"},
        ),
        ("PERFORM set_config('a.b', '1', true);", {"set": "a.b", "value": "'1'", "scope": "transaction"}),
        ("PERFORM audit.f(1, session_user);", {"call": "audit.f", "args": [1, "${login_user}"]}),
        ("PERFORM pg_sleep(1);", {"call": "pg_catalog.pg_sleep", "args": [1]}),
        ("CALL audit.p();", {"call": "audit.p", "kind": "procedure"}),
        (
            "IF inet_client_port() = 1 THEN RAISE EXCEPTION 'no'; END IF;",
            {"deny": "no", "sqlstate": "P0001", "when": "${client_port} = 1"},
        ),
        ("UPDATE audit.t SET a = session_user;", {"sql": "UPDATE audit.t SET a = ${login_user}"}),
    ],
)
def test_a_statement_becomes_a_step(body: str, expected: dict[str, Any]) -> None:
    assert steps(body) == [expected]


@pytest.mark.parametrize(
    ("body", "step"),
    [
        ("DELETE FROM old WHERE a IN (SELECT a FROM s.b JOIN log ON true);", "DELETE FROM public.old"),
        ("UPDATE log SET who = 'é' FROM older;", "UPDATE public.log SET who = 'é' FROM public.older"),
        ("INSERT INTO log (who) SELECT rolname FROM pg_roles;", "SELECT rolname FROM pg_roles"),
        (
            "WITH own AS (SELECT 1) INSERT INTO log (id) SELECT * FROM own;",
            "INSERT INTO public.log (id) SELECT * FROM own",
        ),
    ],
)
def test_tables_without_a_schema_get_one(body: str, step: str) -> None:
    assert step in steps(body)[0]["sql"]


def test_a_table_in_a_condition_gets_its_schema() -> None:
    body = "IF EXISTS (SELECT FROM banned WHERE who = session_user) THEN RAISE EXCEPTION 'no'; END IF;"
    (step,) = steps(body)
    assert step["when"] == "EXISTS (SELECT FROM public.banned WHERE who = ${login_user})"
    assert "the table banned is taken for public.banned" in codes(body)


def test_in_a_script_of_ours_the_users_own_now_stays() -> None:
    definition = """{"xtrig": 1, "tables": {"log": {"columns": {"a": "timestamptz", "b": "timestamptz"}}}, "triggers":
        {"t": {"event": "sql_drop", "steps": [{"insert": "log", "values": {"a": "now()", "b": "${now}"}}]}}}"""
    triggers = xtrig.load_text(definition)
    assert import_script(str(xtrig.render(triggers)).encode(), "postgresql").triggers == triggers


@pytest.mark.parametrize("dialect", ["postgresql", "polardb"])
@pytest.mark.parametrize(
    "condition",
    [
        "${hour('Asia/Seoul')} < 8 or ${weekday('Europe/Berlin')} > 5",
        "${member_of('o''dd \"role\"')} and not ${member_of('b')}",
        "${client_in('10.0.0.0/8')} or ${client_in('fe80::/10')}",
        "${user_sessions} > 3",
    ],
)
def test_facts_with_an_argument_come_back(condition: str, dialect: str) -> None:
    step = {"log": "late, ${hour('Asia/Seoul')}", "when": condition}
    made = xtrig.TriggerSet(schema="a", triggers={"t": {"event": "logon", "steps": [step]}})
    text = str(xtrig.render(made, dialect)).encode()
    assert json.loads(to_json(import_script(text, dialect, "a.sql")))["triggers"]["t"]["steps"] == [step]


def test_an_argument_that_no_fact_takes_stays_an_expression() -> None:
    hour = "CAST(EXTRACT(HOUR FROM timezone('nowhere', clock_timestamp())) AS integer)"
    (step,) = steps(f"IF {hour} > 3 THEN RAISE LOG 'a'; END IF;")
    assert step["when"] == hour.replace("clock_timestamp()", "${now}") + " > 3"


def test_branches_become_if() -> None:
    body = """IF pg_backend_pid() = 1 THEN RAISE LOG 'a'; RAISE LOG 'b';
        ELSIF pg_backend_pid() = 2 THEN RAISE LOG 'c';
        ELSE RAISE LOG 'd'; END IF;"""
    expected = {
        "if": "${backend_pid} = 1",
        "then": [{"log": "a"}, {"log": "b"}],
        "else": [{"if": "${backend_pid} = 2", "then": [{"log": "c"}], "else": [{"log": "d"}]}],
    }
    assert steps(body) == [expected]


@pytest.mark.parametrize(
    ("body", "declare", "expected"),
    [
        ("RAISE NOTICE 'hello';", "", {"log": "hello", "level": "notice"}),
        (
            "RAISE EXCEPTION 'no %', tg_tag USING HINT = 'ask ' || tg_tag, DETAIL = 'x', ERRCODE = 'case_not_found';",
            "",
            {"deny": "no ${tag}", "hint": "ask ${tag}", "detail": "x", "sqlstate": "20000"},
        ),
        ("RAISE division_by_zero;", "", {"deny": "division_by_zero", "sqlstate": "22012"}),
        ("RAISE insufficient_privilege USING MESSAGE = 'no';", "", {"deny": "no"}),
        ("v := 1; v := 2; RAISE LOG 'a %', v;", "DECLARE v integer;\n", {"log": "a 2"}),
        (
            "IF tg_tag = 'x' THEN v := 'a'; ELSIF tg_tag = 'y' THEN v := 'b'; END IF; PERFORM app.f(v);",
            "DECLARE v text := 'c';\n",
            {
                "call": "app.f",
                "args": ["(CASE WHEN ${tag} = 'x' THEN 'a' ELSE (CASE WHEN ${tag} = 'y' THEN 'b' ELSE 'c' END) END)"],
            },
        ),
        (
            "SELECT rolsuper, rolname INTO v, w FROM pg_roles WHERE rolname = session_user; PERFORM app.f(v, w);",
            "DECLARE v boolean; w text;\n",
            {
                "call": "app.f",
                "args": [
                    "CAST((SELECT rolsuper FROM pg_roles WHERE rolname = ${login_user} LIMIT 1) AS boolean)",
                    "CAST((SELECT rolname FROM pg_roles WHERE rolname = ${login_user} LIMIT 1) AS text)",
                ],
            },
        ),
        ('PERFORM app.f("V", v);', 'DECLARE "V" integer := 1; v integer := 2;\n', {"call": "app.f", "args": [1, 2]}),
        (
            "PERFORM app.f(v);",
            "DECLARE v numeric(3, 1) := 1.25;\n",
            {"call": "app.f", "args": ["CAST(1.25 AS numeric(3, 1))"]},
        ),
        ('SET search_path = app, "My S";', "", {"set": "search_path", "value": "'app, \"My S\"'"}),
        ("SET LOCAL work_mem = 8192;", "", {"set": "work_mem", "value": "'8192'", "scope": "transaction"}),
        ("SET search_path TO 'a, b';", "", {"set": "search_path", "value": "'\"a, b\"'"}),
    ],
)
def test_more_of_what_people_write(body: str, declare: str, expected: dict[str, Any]) -> None:
    assert steps(body, declare=declare) == [expected]


def test_every_row_of_values_is_an_insert() -> None:
    body = "INSERT INTO log (who, what) VALUES (session_user, 'a'), (DEFAULT, tg_tag);"
    assert steps(body) == [
        {"insert": "log", "values": {"who": "${login_user}", "what": "'a'"}},
        {"insert": "log", "values": {"what": "${tag}"}},
    ]


LOOK = """SELECT FROM pg_auth_members AS m
JOIN pg_roles AS granted ON granted.oid = m.roleid
JOIN pg_roles AS member ON member.oid = m.member
WHERE granted.rolname = 'day' AND member.rolname = session_user"""
GRANT = "EXECUTE format('GRANT %I TO %I', 'day', session_user);"


def test_the_look_at_memberships_that_xtrig_writes_is_part_of_the_step() -> None:
    body = f"IF NOT EXISTS (\n{LOOK}\n) AND session_user <> 'day' THEN {GRANT} END IF;"
    assert steps(body) == [{"grant_role": "day", "to": "${login_user}"}]


@pytest.mark.parametrize(
    "condition",
    [
        f"NOT EXISTS ({LOOK} AND m.admin_option) AND session_user <> 'day'",
        f"NOT EXISTS ({LOOK}) AND session_user <> 'day' AND session_user LIKE 'app%'",
        f"NOT EXISTS ({LOOK.replace('day', 'night')}) AND session_user <> 'day'",
        f"EXISTS ({LOOK})",
        f"session_user = 'a' OR NOT EXISTS ({LOOK}) AND session_user <> 'day'",
        f"(SELECT count(*) FROM ({LOOK}) AS x) = 0",
    ],
)
def test_another_condition_on_memberships_stays_a_condition(condition: str) -> None:
    (step,) = steps(f"IF {condition} THEN {GRANT} END IF;")
    assert step["grant_role"] == "day"
    assert step["when"] == " ".join(condition.replace("session_user", "${login_user}").split())


@pytest.mark.parametrize(
    "value",
    [
        "current_schema",
        "current_schema()",
        "current_schemas(true)::text",
        "current_setting('search_path')",
        "pg_catalog.current_setting('Search_Path', true)",
        "current_setting('lock_timeout')",
        "pg_table_is_visible(1)::text",
        "CASE WHEN true THEN (SELECT current_schema) END",
    ],
)
def test_what_the_rendered_function_would_change_is_not_read(value: str) -> None:
    assert "which the rendered function sets" in reason(f"INSERT INTO log (what) VALUES ({value});")


def test_another_setting_is_read() -> None:
    (step,) = steps("INSERT INTO log (what) VALUES (current_setting('work_mem'));")
    assert step["values"] == {"what": "current_setting('work_mem')"}


@pytest.mark.parametrize("value", ["1259::oid::regclass::text", "format_type(23, NULL)", "pg_get_viewdef(1)"])
def test_a_name_that_is_written_by_the_path_is_said(value: str) -> None:
    result = import_script(script(f"INSERT INTO log (what) VALUES ({value});"), "postgresql", "a.sql")
    (found,) = (each for each in result.findings if "written as a text has its schema" in each.message)
    assert found.announces == {"rows", "notices", "refusal"}
    pinned = script(f"INSERT INTO public.log (what) VALUES ({value});").replace(
        b"SECURITY DEFINER", b"SECURITY DEFINER SET search_path = pg_catalog, pg_temp"
    )
    assert "has its schema" not in str(import_script(pinned, "postgresql", "a.sql").findings)


def test_loops_in_each_other_are_kept() -> None:
    loop = "FOR {0} IN SELECT * FROM pg_event_trigger_dropped_objects() LOOP {1} END LOOP;"
    inner = "INSERT INTO log (who, what) VALUES (a.object_name, {}.object_name);"
    for record in ("a", "b"):
        body = loop.format("a", loop.format(record, inner.format(record)))
        assert reason(body, "sql_drop", "DECLARE a record; b record; ").startswith("a loop in a loop")
    select = "INSERT INTO log (who, what) SELECT a.object_name, object_name FROM pg_event_trigger_dropped_objects();"
    assert reason(loop.format("a", select), "sql_drop", "DECLARE a record; ").startswith("a loop in a loop")


def test_a_procedure_may_set_a_variable() -> None:
    why = "CALL with a variable, which the procedure may set"
    assert reason("CALL public.p(1, v);", declare="DECLARE v text; ").startswith(why)
    assert steps("CALL public.p(1, session_user::text);")[0]["call"] == "public.p"


def test_a_column_that_is_named_twice_is_kept() -> None:
    assert reason("INSERT INTO log (who, who) VALUES ('a', 'b');").startswith("an INSERT that names a column twice")


def test_a_count_of_memberships_stays_what_it_is() -> None:
    body = f"SELECT count(*) INTO n FROM pg_auth_members WHERE admin_option; IF n > 3 THEN {GRANT} END IF;"
    (step,) = steps(body, declare="DECLARE n bigint; ")
    assert "WHERE admin_option" in step["when"]


@pytest.mark.parametrize("alias", ["", " AS o", " o"])
def test_a_select_from_the_commands_is_a_loop(alias: str) -> None:
    column = "o.object_identity" if alias else "object_identity"
    body = (
        f"INSERT INTO log (who, what) SELECT session_user, {column} FROM pg_event_trigger_ddl_commands(){alias} "
        "WHERE object_type <> 'index';"
    )
    row = {
        "insert": "log",
        "when": "${object_type} <> 'index'",
        "values": {"who": "${login_user}", "what": "${object_identity}"},
    }
    assert steps(body, "ddl_command_end") == [{"for_each": "ddl_command", "do": [row]}]


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("SELECT * FROM pg_event_trigger_ddl_commands() LIMIT 1", "a loop over something else"),
        ("SELECT DISTINCT object_type FROM pg_event_trigger_ddl_commands()", "a loop over something else"),
        ("SELECT upper(object_type) AS object_type FROM pg_event_trigger_ddl_commands()", "a loop over something else"),
        ("SELECT * FROM pg_event_trigger_ddl_commands(), pg_class", "a loop over something else"),
        ("SELECT * FROM pg_event_trigger_dropped_objects()", "an event without a list of dropped objects"),
        ("SELECT * FROM pg_event_trigger_ddl_commands() WHERE objtype = 'x'", "objtype is no session fact"),
    ],
)
def test_a_loop_that_is_more_is_kept(query: str, why: str) -> None:
    body = f"FOR r IN {query} LOOP RAISE LOG 'a %', r.object_type; END LOOP;"
    assert why in reason(body, "ddl_command_end", "DECLARE r record;\n")


@pytest.mark.parametrize("field", ["command", "nothing"])
def test_a_field_without_a_fact_is_kept(field: str) -> None:
    body = f"FOR r IN SELECT * FROM pg_event_trigger_ddl_commands() LOOP PERFORM app.f(r.{field}); END LOOP;"
    assert f"the field {field} of a ddl command" in reason(body, "ddl_command_end", "DECLARE r record;\n")


def test_the_other_fields_are_facts() -> None:
    fields = {"original": "is_original", "normal": "is_normal", "is_temporary": "is_temporary", "objid": "object_oid"}
    fields |= {"address_names": "address_names", "object_name": "object_name", "objsubid": "object_subid"}
    calls = "".join(f"PERFORM app.f(r.{field});" for field in fields)
    body = f"FOR r IN SELECT * FROM pg_event_trigger_dropped_objects() LOOP {calls} END LOOP;"
    (loop,) = steps(body, "sql_drop", "DECLARE r record;\n")
    assert [each["args"] for each in loop["do"]] == [[f"${{{fact}}}"] for fact in fields.values()]


def test_a_temporary_table_that_the_body_made_is_filled_by_a_statement() -> None:
    assert steps("CREATE TEMP TABLE s (a text); INSERT INTO s VALUES (session_user);")[1:] == [
        {"sql": "INSERT INTO s VALUES (${login_user})"}
    ]


def test_an_empty_branch_is_turned_round() -> None:
    body = "IF pg_backend_pid() = 1 THEN NULL; ELSE RAISE LOG 'a'; END IF;"
    assert steps(body) == [{"if": "(${backend_pid} = 1) is not true", "then": [{"log": "a"}]}]


def test_an_early_return_guards_what_follows() -> None:
    body = "IF current_database() = 'x' THEN RETURN; END IF; RAISE LOG 'a';"
    assert steps(body) == [{"if": "(${database} = 'x') is not true", "then": [{"log": "a"}]}]


@pytest.mark.parametrize(
    "body",
    [
        "IF pg_is_in_recovery() THEN RETURN; END IF; INSERT INTO log (who) VALUES (session_user);",
        "IF NOT pg_is_in_recovery() THEN INSERT INTO log (who) VALUES (session_user); END IF;",
        "IF pg_is_in_recovery() = false THEN INSERT INTO log (who) VALUES (session_user); END IF; RETURN;",
    ],
)
def test_a_guard_against_standbys_is_the_policy(body: str) -> None:
    assert steps(body) == [{"insert": "log", "values": {"who": "${login_user}"}}]
    assert "standby: skip is added" not in codes(body)


def codes(body: str, event: str = "login", declare: str = "") -> str:
    result = import_script(script(body, event, declare), "postgresql", "a.sql")
    return "\n".join(str(finding) for finding in result.findings)


def test_a_missing_guard_is_said() -> None:
    assert "a.sql:3: note: function 'f': the script writes without asking" in codes(
        "INSERT INTO log (who) VALUES (session_user);"
    )


@pytest.mark.parametrize(
    ("condition", "roles"), [("session_user = 'dba'", ["dba"]), ("session_user IN ('a', 'b''c')", ["a", "b'c"])]
)
def test_a_way_out_for_roles_is_the_policy(condition: str, roles: list[str]) -> None:
    found = function(f"IF {condition} THEN RETURN; END IF; RAISE EXCEPTION 'no';")
    assert found["exempt_roles"] == roles
    assert found["steps"] == [{"deny": "no", "sqlstate": "P0001"}]


def test_a_way_out_within_a_handler_is_the_policy_too() -> None:
    body = "BEGIN IF session_user = 'dba' THEN RETURN; END IF; RAISE LOG 'a'; EXCEPTION WHEN OTHERS THEN NULL; END;"
    assert function(body)["exempt_roles"] == ["dba"]


def test_without_a_handler_an_error_refuses() -> None:
    assert function("RAISE LOG 'a';")["on_error"] == "deny"
    assert "on_error" not in function("RAISE LOG 'a';", "ddl_command_end")


def test_a_handler_that_writes_a_line_lets_the_login_pass() -> None:
    body = "BEGIN RAISE LOG 'a'; EXCEPTION WHEN OTHERS THEN RAISE WARNING '%', SQLERRM; END;"
    assert "on_error" not in function(body)
    assert function(body, "ddl_command_end")["on_error"] == "allow"


def test_a_variable_with_one_value_is_replaced() -> None:
    declare = "DECLARE h integer = extract('hour' FROM current_time at time zone 'utc'); n constant integer := 5;\n"
    assert steps("IF h > n THEN RAISE LOG 'a %', n; END IF;", declare=declare) == [
        {"log": "a 5", "when": "${hour_utc} > 5"}
    ]


def test_a_variable_from_the_catalog_is_a_subquery_of_one_row() -> None:
    body = "SELECT rolsuper INTO b FROM pg_roles WHERE rolname = session_user; IF b THEN RAISE LOG 'a'; END IF;"
    assert steps(body, declare="DECLARE b boolean;\n") == [
        {
            "log": "a",
            "when": "CAST((SELECT rolsuper FROM pg_roles WHERE rolname = ${login_user} LIMIT 1) AS boolean)",
        }
    ]


def test_a_cast_keeps_the_type_of_a_variable() -> None:
    declare = "DECLARE p integer := current_setting('a.b');\n"
    assert steps("IF p = 1 THEN RAISE LOG 'a'; END IF;", declare=declare) == [
        {"log": "a", "when": "CAST(current_setting('a.b') AS integer) = 1"}
    ]


def test_a_variable_named_like_a_word_of_an_expression_is_told_apart() -> None:
    declare = "DECLARE hour integer := 3;\n"
    body = "IF hour = extract(hour FROM now() AT TIME ZONE 'utc') THEN RAISE LOG 'a'; END IF;"
    assert steps(body, declare=declare) == [{"log": "a", "when": "3 = ${hour_utc}"}]


def test_items_are_walked_over() -> None:
    body = "FOR r IN SELECT * FROM pg_event_trigger_ddl_commands() LOOP RAISE LOG 'a %', r.object_identity; END LOOP;"
    expected = [{"for_each": "ddl_command", "do": [{"log": "a ${object_identity}"}]}]
    assert steps(body, "ddl_command_end", "DECLARE r record;\n") == expected


@pytest.mark.parametrize(
    ("body", "declare", "why"),
    [
        ("RAISE EXCEPTION 'no %', lower(session_user);", "", "which is no session fact"),
        ("RAISE LOG 'a %', v;", "DECLARE v double precision := random();\n", "of type float8"),
        ("RAISE LOG 'a %', v;", "DECLARE v text := random();\n", "holds what random() gave once"),
        ("RAISE DEBUG 'hello';", "", "a RAISE with options that no log step has"),
        ("RAISE NOTICE 'a' USING HINT = 'b';", "", "a RAISE with options that no log step has"),
        ("RAISE EXCEPTION 'no' USING COLUMN = 'x';", "", "a RAISE with options that no step has"),
        ("RAISE EXCEPTION 'no' USING ERRCODE = 'no_such';", "", "which PL/pgSQL does not know"),
        ("RAISE;", "", "a RAISE that gives an error on"),
        ("UPDATE log SET id = 1 RETURNING id INTO v; RAISE LOG 'a';", "DECLARE v integer;\n", "UPDATE into a variable"),
        ("DELETE FROM log RETURNING id INTO v; RAISE LOG 'a';", "DECLARE v integer;\n", "DELETE into a variable"),
        ("INSERT INTO log (id) VALUES (1) RETURNING id INTO v;", "DECLARE v integer;\n", "INSERT into a variable"),
        ("SELECT 1 UNION SELECT 2 INTO v; RAISE LOG 'a %', v;", "DECLARE v integer;\n", "of a UNION or VALUES"),
        ("SELECT rolname INTO v FROM pg_roles LIMIT 2; RAISE LOG '%', v;", "DECLARE v text;\n", "INTO with a LIMIT"),
        ("SELECT * INTO v FROM pg_roles; RAISE LOG '%', v.rolname;", "DECLARE v record;\n", "INTO a record"),
        ("IF unknown_word = 1 THEN RAISE LOG 'a'; END IF;", "", "unknown_word is no session fact and no variable"),
        ("IF (SELECT u.a FROM log) = 1 THEN RAISE LOG 'a'; END IF;", "", "u is no table of the statement"),
        ("IF tg_tag::mood = 'a' THEN RAISE LOG 'a'; END IF;", "", "the type mood without its schema"),
        ("IF 'log'::regclass = 1 THEN RAISE LOG 'a'; END IF;", "", "regclass looks 'log' up"),
        ("INSERT INTO log (id) VALUES (nextval('ids'));", "", "nextval() looks 'ids' up"),
        ("IF tg_tag <#> 'a' THEN RAISE LOG 'a'; END IF;", "", "the operator <#> is not built in"),
        ("IF tg_tag < 'a' COLLATE mine THEN RAISE LOG 'a'; END IF;", "", "the collation mine"),
        ("SET work_mem = DEFAULT;", "", "sets no constant"),
        ("SET TRANSACTION READ ONLY;", "", "sets no constant"),
        ("LOCK TABLE log;", "", "no step does LOCK TABLE"),
        ("SET CONSTRAINTS ALL IMMEDIATE;", "", "no step does SET CONSTRAINTS"),
        ("PERFORM audit.f(a => 1);", "", "is no call of one function"),
        (
            "IF v = 1 THEN RAISE LOG 'a'; END IF;",
            "DECLARE v varchar(3) := session_user;\n",
            "no more than 3 characters",
        ),
        ("IF v = 1 THEN RAISE LOG 'a'; END IF;", "DECLARE v text NOT NULL := inet_client_addr();\n", "v is NOT NULL"),
        ("IF v < 'b' THEN RAISE LOG 'a'; END IF;", 'DECLARE v text COLLATE "C" := tg_tag;\n', "a collation of its own"),
        ("RAISE LOG 'a';", "DECLARE v integer := current_setting('a.b');\n", "which could fail, and not used"),
        (
            "v := current_setting('a.b'); SET a.b = 'x'; IF v = 'x' THEN RAISE LOG 'a'; END IF;",
            "DECLARE v text;\n",
            "may have changed since it was set",
        ),
        ("WHILE true LOOP RAISE LOG 'a'; END LOOP;", "", "no step does WHILE"),
        ("EXECUTE 'DROP TABLE x';", "", "EXECUTE of 'DROP TABLE x'"),
        ("EXECUTE 'GRANT a TO $1' USING session_user;", "", "EXECUTE with INTO or USING"),
        ("INSERT INTO other VALUES (1);", "", "an INSERT without columns into other"),
        (
            "BEGIN RAISE EXCEPTION 'no'; EXCEPTION WHEN OTHERS THEN RAISE LOG 'x'; END;",
            "",
            "its own exception handler catches a refusal",
        ),
        (
            "BEGIN RAISE LOG 'a'; EXCEPTION WHEN division_by_zero THEN NULL; END;",
            "",
            "only some errors are caught",
        ),
        (
            "BEGIN RAISE LOG 'a'; EXCEPTION WHEN OTHERS THEN INSERT INTO log (who) VALUES ('x'); END;",
            "",
            "does more than write a line",
        ),
        ("RETURN;", "", "the body does nothing"),
        ("IF true THEN RAISE LOG 'a'; RETURN; END IF; RAISE LOG 'b';", "", "RETURN in a branch, after other"),
        (
            "IF true THEN IF false THEN RETURN; END IF; RAISE LOG 'a'; END IF; RAISE LOG 'b';",
            "",
            "RETURN in a branch of a branch",
        ),
        ("EXECUTE 'GRANT day_' || current_database() || ' TO bob';", "", "a name that is put together"),
        ("SELECT 1 INTO v WHERE false; RAISE LOG '%', v;", "DECLARE v integer;\n", "a condition and no table"),
        ("SELECT oid INTO STRICT v FROM pg_class; RAISE LOG '%', v;", "DECLARE v oid;\n", "STRICT"),
        ("IF pg_is_in_recovery() THEN RAISE LOG 'a'; ELSE RAISE LOG 'b'; END IF;", "", "done on a standby"),
        ("RAISE LOG 'a'; IF app.f() THEN NULL; END IF;", "", "nothing but ask its condition"),
        ("RAISE LOG 'a'; IF app.f() THEN NULL; ELSE NULL; END IF;", "", "nothing but ask its condition"),
        ("IF tg_tag = 'x' THEN RAISE LOG 'a'; ELSIF app.f() THEN NULL; END IF;", "", "nothing but ask its condition"),
        ("RAISE LOG 'a'; IF tg_tag = 'x' THEN IF app.f() THEN END IF; END IF;", "", "nothing but ask its condition"),
    ],
)
def test_what_no_step_does_keeps_the_body(body: str, declare: str, why: str) -> None:
    assert why in reason(body, declare=declare)


def test_a_kept_body_is_word_for_word_the_scripts() -> None:
    given = script("-- by hand\nRAISE DEBUG '$$ % \\', tg_tag;")
    body = import_script(given, "postgresql").triggers.functions["f"].body["postgresql"]
    assert f"$f${body}$f$" in given.decode()


@pytest.mark.parametrize("depth", [42, 300, 600, 3000])
def test_deep_nesting_is_kept_and_can_be_read_again(depth: int) -> None:
    body = "IF true THEN\n" * depth + "RAISE LOG 'a';\n" + "END IF;\n" * depth
    assert re.search("nested more than 40 deep|nested too deeply|cannot describe", reason(body))
    for written in (to_yaml, to_json):
        xtrig.load_text(written(import_script(script(body), "postgresql")))


def test_the_deepest_that_becomes_steps_can_be_read_again() -> None:
    body = "IF true THEN RAISE LOG 'a';\n" * 40 + "END IF;\n" * 40
    result = import_script(script(body), "postgresql")
    assert result.triggers.functions["f"].steps
    assert xtrig.load_text(to_yaml(result)).functions["f"].steps == result.triggers.functions["f"].steps


def test_a_long_expression_is_kept_and_does_not_crash() -> None:
    body = f"INSERT INTO log (what) VALUES ({' || '.join(['tg_tag'] * 500)});"
    assert "no single statement" in reason(body)

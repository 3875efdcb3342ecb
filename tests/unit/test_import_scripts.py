"""Whole scripts: what stands around the bodies, and how the definition is written."""

from __future__ import annotations

import contextlib

import pytest

import xtrig
from xtrig.dialect import Dialect
from xtrig.errors import DefinitionError, UsageError
from xtrig.importer import Assembled, import_script, to_yaml
from xtrig.registry import get_dialect

FUNCTION = """CREATE FUNCTION {name}() RETURNS event_trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp {clauses} AS $$
BEGIN
    {body}
END $$;
"""
TRIGGER = "CREATE EVENT TRIGGER {name} ON login EXECUTE FUNCTION {function}();\n"


def function(name: str = "f", body: str = "RAISE LOG 'a';", clauses: str = "") -> str:
    return FUNCTION.format(name=name, body=body, clauses=clauses)


def trigger(name: str = "t", called: str = "f") -> str:
    return TRIGGER.format(name=name, function=called)


def read(*parts: str, dialect: str = "postgresql") -> Assembled:
    return import_script("".join(parts).encode(), dialect, "a.sql")


def said(*parts: str, dialect: str = "postgresql") -> list[str]:
    """Return the findings about more than guards that were added."""
    return [str(each) for each in read(*parts, dialect=dialect).findings if each.code not in ("XT408", "XT409")]


def codes(*parts: str) -> list[str]:
    """Return the codes of what :func:`said` returns the text of."""
    return [line.rpartition(" ")[2] for line in said(*parts)]


def refused(*parts: str, dialect: str = "postgresql") -> list[str]:
    with pytest.raises(DefinitionError) as caught:
        read(*parts, dialect=dialect)
    return [str(each) for each in caught.value.findings]


@pytest.mark.parametrize(
    ("clause", "enable"),
    [("ENABLE", "origin"), ("ENABLE ALWAYS", "always"), ("ENABLE REPLICA", "replica"), ("DISABLE", "disabled")],
)
def test_a_state_is_the_triggers(clause: str, enable: str) -> None:
    result = read(function(), trigger(), f"ALTER EVENT TRIGGER t {clause};")
    assert result.triggers.triggers["t"].enable == enable
    assert said(function(), trigger(), f"ALTER EVENT TRIGGER t {clause};") == []


def test_a_trigger_within_an_anonymous_block_is_found() -> None:
    block = f"DO $b$ BEGIN IF true THEN {trigger()} ALTER EVENT TRIGGER t DISABLE; END IF; END $b$;"
    found = read(function(), block).triggers.triggers["t"]
    assert (found.run, found.enable) == ("f", "disabled")


def test_a_function_of_one_trigger_of_its_name_is_written_into_it() -> None:
    found = read(function("t"), trigger("t", "t")).triggers
    assert not found.functions
    assert found.triggers["t"].run is None
    assert len(found.triggers["t"].steps) == 1


def test_a_function_of_two_triggers_keeps_its_name() -> None:
    found = read(function("t"), trigger("t", "t"), trigger("u", "t")).triggers
    assert list(found.functions) == ["t"]
    assert [each.run for each in found.triggers.values()] == ["t", "t"]


def test_the_schema_of_most_parts_is_said_once() -> None:
    parts = [function("audit.f"), function("audit.g"), function("h"), *(trigger(each, each) for each in "fgh")]
    found = read(*parts).triggers
    assert found.schema_ == "audit"
    assert [each.schema_ for each in found.triggers.values()] == [None, None, "public"]


@pytest.mark.parametrize(
    ("clauses", "policies"),
    [
        ("SET lock_timeout = '2s'", {"lock_timeout": "2s"}),
        ("SET lock_timeout = 2000", {"lock_timeout": "2000ms"}),
        ("SET lock_timeout = '250ms'", {}),
        ("SET transaction_timeout = '0'", {"timeout": "0ms"}),
    ],
)
def test_bounds_are_policies_unless_they_are_the_defaults(clauses: str, policies: dict[str, str]) -> None:
    found = read(function("t", clauses=clauses), trigger("t", "t")).triggers.triggers["t"]
    assert {key: getattr(found, key) for key in ("lock_timeout", "timeout") if getattr(found, key)} == policies


@pytest.mark.parametrize("path", ["''", "pg_catalog", "pg_catalog, pg_temp"])
def test_an_empty_search_path_is_pinned_too(path: str) -> None:
    assert said(function().replace("= pg_catalog, pg_temp", f"= {path}"), trigger()) == []


@pytest.mark.parametrize(
    "table", ["UNLOGGED TABLE x (a text)", "TABLE x (a text) WITH (fillfactor = 50)", "TABLE x (a text UNIQUE)"]
)
def test_what_a_table_has_besides_columns_is_reported(table: str) -> None:
    assert len(said(f"CREATE {table};", function(body="INSERT INTO public.x (a) VALUES (tg_tag);"), trigger())) == 1


def test_a_temporary_table_is_left_out() -> None:
    assert codes("CREATE TEMP TABLE x (a text);", function(), trigger()) == ["[XT402]"]


def test_an_invoker_stays_one() -> None:
    given = function("t").replace("SECURITY DEFINER", "")
    assert read(given, trigger("t", "t")).triggers.triggers["t"].security == "invoker"


def test_a_missing_search_path_of_a_definer_is_reported_and_of_an_invoker_is_not() -> None:
    given = function().replace("SET search_path = pg_catalog, pg_temp", "")
    assert [line.partition(":")[2][:30] for line in said(given, trigger())] == ["1: warning: function 'f': SECU"]
    assert said(given.replace("SECURITY DEFINER", ""), trigger()) == []


def test_the_search_path_says_where_a_table_is() -> None:
    body = "INSERT INTO log (a) VALUES (1);"
    given = function(body=body).replace("= pg_catalog", "= audit")
    parts = ("CREATE TABLE audit.log (a integer);", given, trigger())
    (table,) = read(*parts).triggers.tables.values()
    assert (table.create, read(*parts).triggers.schema_) == (True, "audit")
    assert codes(*parts) == []
    # Where the function's path has no such table the script fails at each login, and so does what is made of it.
    assert codes(*parts[:1], function(body=body), trigger()) == ["[XT405]"]


def test_one_table_is_created_and_another_filled() -> None:
    parts = ("CREATE TABLE log (a integer);", function(body="INSERT INTO audit.log (a) VALUES (1);"), trigger())
    (line,) = said(*parts)
    assert line == (
        "a.sql:4: warning: function 'f': it uses the table audit.log, but the script creates log; "
        "the definition has one table 'log', in schema 'public'; check which was meant [XT404]"
    )
    assert list(read(*parts).triggers.tables) == ["log"]


def test_a_trigger_runs_a_function_of_another_schema() -> None:
    (line,) = said(function("audit.f"), trigger(called="public.f"))
    assert "it uses the function public.f, but the script creates audit.f" in line
    assert line.endswith("[XT404]")


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ((trigger(),), "a.sql:1: trigger 't': it runs f(), which the script does not create"),
        ((function(), trigger().replace("login", "logon")), "trigger 't': postgresql has no event 'logon'"),
        ((function(),), "a.sql: script: makes no trigger"),
        ((function("a.f"), function("b.f"), trigger(called="a.f")), "function 'f': a second function of that name"),
        (
            ("CREATE FUNCTION f() RETURNS event_trigger LANGUAGE c AS 'f';\n", trigger()),
            "a.sql:1: function 'f': it is written in c",
        ),
        ((function(body="IF true THEN RAISE LOG;"), trigger()), "a.sql:4: function 'f': syntax error at or near \";\""),
        ((function(), "\n\nCREATE TABLE a (;"), 'a.sql:8: script: syntax error at or near ";"'),
        (("é;",), 'a.sql:1: script: syntax error at or near "é"'),
    ],
)
def test_what_makes_no_definition_is_refused_at_its_line(parts: tuple[str, ...], expected: str) -> None:
    assert any(expected in line for line in refused(*parts)), refused(*parts)


def test_a_refusal_says_everything_that_was_found() -> None:
    lines = refused("CREATE ROLE a;", trigger("t"), trigger("u"))
    assert [line.rpartition("[")[2] for line in lines] == ["XT402]", "XT403]", "XT403]"]


@pytest.mark.parametrize("statement", ["BEGIN", "COMMIT", "CREATE SCHEMA audit", "DROP EVENT TRIGGER IF EXISTS t"])
def test_what_a_rendering_does_itself_is_passed_over(statement: str) -> None:
    assert said(f"{statement};", function(), trigger()) == []


@pytest.mark.parametrize("statement", ["CREATE ROLE a", "DROP EVENT TRIGGER t", "DO $$ BEGIN END $$", "SELECT 1"])
def test_what_is_left_out_is_reported(statement: str) -> None:
    (line,) = said(f"{statement};\n", function(), trigger())
    assert line.startswith(f"a.sql:1: warning: statement {statement}: it is no part of a definition")


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("a text", "text"),
        ("a serial", {"type": "integer", "identity": True}),
        ("a bigint GENERATED BY DEFAULT AS IDENTITY", {"type": "bigint", "identity": True}),
        ("a timestamp with time zone NOT NULL", {"type": "timestamp with time zone", "nullable": False}),
        ("a numeric(10, 2) DEFAULT 1 + 2", {"type": "numeric(10, 2)", "default": "1 + 2"}),
        ("a text[] PRIMARY KEY", {"type": "text[]", "primary_key": True}),
        ("a audit.kind", "audit.kind"),
        ('"A b" text', "text"),
    ],
)
def test_a_column_is_the_scripts(column: str, expected: object) -> None:
    table = read(f"CREATE TABLE x ({column});", function(body="PERFORM 1 FROM x;"), trigger()).triggers.tables["x"]
    (made,) = table.columns.values()
    assert made == (xtrig.model.Column(type=expected) if isinstance(expected, str) else xtrig.model.Column(**expected))


def test_names_are_taken_as_they_are_quoted() -> None:
    body = 'INSERT INTO "A.b"."Log ""x""" ("on") VALUES (tg_tag);'
    given = ('CREATE TABLE "A.b"."Log ""x""" ("on" text);', function(body=body), trigger('"T 1"'))
    found = read(*given).triggers
    assert list(found.triggers) == ["T 1"]
    assert list(found.tables) == ['Log "x"']
    assert xtrig.load_text(to_yaml(read(*given))) == found


@pytest.mark.parametrize("word", ["on", "no", "~", "1_000", "0o14", "2030-01-01", "a: b", "# a", "é", "1e3", ".5", "="])
def test_no_word_changes_when_it_is_written(word: str) -> None:
    result = read(f'CREATE TABLE x ("{word}" text);', function(body=f"RAISE LOG '{word}';"), trigger())
    assert xtrig.load_text(to_yaml(result)) == result.triggers


def test_a_finding_stands_as_a_comment_where_it_applies() -> None:
    used = function(body="INSERT INTO x (a) VALUES (tg_tag);")
    lines = to_yaml(read("CREATE TABLE x (a text UNIQUE);\nCREATE ROLE r;\n", used, trigger())).splitlines()
    assert lines[0] == "# Imported from a.sql; read the comments before you use it."
    assert lines[1].startswith("# line 2: statement CREATE ROLE r: ")
    assert lines[lines.index("  x:") - 1].startswith("  # line 1: no word of a definition says UNIQUE of column a")


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("LOOP\n", "LOOP NULL;\n"), ("'not recorded'", "lower('x')"), ("INSERT INTO audit.log", "CALL p(")],
)
def test_a_script_of_ours_that_was_changed_by_hand_does_not_crash(ours: str, theirs: str) -> None:
    definition = """{"xtrig": 1, "schema": "audit", "tables": {"log": {"columns": {"who": "text"}}}, "triggers": {"t":
        {"event": "logoff", "if_unsupported": "infer", "steps": [{"insert": "log", "values": {"who": "1"}}]}}}"""
    script = str(xtrig.render(xtrig.load_text(definition)))
    assert ours in script
    with contextlib.suppress(DefinitionError):
        read(script.replace(ours, theirs))


def test_a_dialect_that_reads_nothing_says_so() -> None:
    with pytest.raises(UsageError, match="dialect 'polardb' cannot read scripts"):
        Dialect.read(get_dialect("polardb"), "", "a.sql")


def test_an_unknown_dialect_is_named() -> None:
    with pytest.raises(UsageError, match="no dialect 'sybase'"):
        import_script(b"SELECT 1", "sybase")


CUSTOMERS = "CREATE TABLE {name} (id int PRIMARY KEY, name text);\n"


@pytest.mark.parametrize(
    ("created", "body"),
    [
        ("public.customers", "INSERT INTO public.log (tag) VALUES (tg_tag);"),
        ("customers", "-- INSERT INTO customers\nRAISE LOG 'a';"),
        ("customers", "RAISE LOG 'nothing is left from customers';"),
        ("customers", "EXECUTE 'SELECT ''from customers''';"),
        ("name", "INSERT INTO public.log (tag, name) VALUES (tg_tag, 'x');"),
        ("customers", "PERFORM count(*) FROM public.log WHERE customers = 1;"),
    ],
)
@pytest.mark.parametrize("dialect", ["postgresql", "polardb"])
def test_a_table_that_no_function_uses_is_left_out(created: str, body: str, dialect: str) -> None:
    fires = trigger().replace("ON login", "ON ddl_command_end")
    result = read(CUSTOMERS.format(name=created), function(body=body), fires, dialect=dialect)
    name = created.rpartition(".")[2]
    assert name not in result.triggers.tables
    (found,) = [each for each in result.findings if each.code == "XT402"]
    assert found.subject == f"table {name!r}"
    assert found.message == "no function of a trigger fills or reads it, so it is left out"


def test_of_two_tables_of_one_name_the_one_that_is_used_is_part_of_the_definition() -> None:
    two = CUSTOMERS.format(name="hr.customers") + CUSTOMERS.format(name="public.customers")
    result = read(two, function(body="INSERT INTO public.customers (id) VALUES (1);"), trigger())
    assert result.triggers.tables["customers"].schema_ in (None, "public")
    (found,) = [each for each in result.findings if each.code == "XT402"]
    assert found.location is not None
    assert found.location.line == 1


@pytest.mark.parametrize(
    "body",
    [
        "INSERT INTO customers VALUES (1);",
        "INSERT INTO public.customers VALUES (1);",
        "PERFORM 1 FROM pg_class c, customers WHERE true;",
        "UPDATE customers SET name = 'x';",
        "DELETE FROM ONLY customers;",
        "IF EXISTS (SELECT FROM x.log JOIN Customers USING (a)) THEN RAISE LOG 'a'; END IF;",
        "EXECUTE 'INSERT INTO customers VALUES (1)';",
        "EXECUTE format('INSERT INTO %I.x SELECT id FROM customers', tg_tag);",
        "TRUNCATE customers;",
    ],
)
def test_a_table_that_a_function_uses_is_part_of_the_definition(body: str) -> None:
    result = read(CUSTOMERS.format(name="customers"), function(body=body), trigger())
    assert list(result.triggers.tables) == ["customers"]


def test_a_table_that_only_a_function_without_a_trigger_uses_is_left_out() -> None:
    other = function("g", "INSERT INTO customers VALUES (1);")
    assert not read(CUSTOMERS.format(name="customers"), other, function(), trigger()).triggers.tables


@pytest.mark.parametrize("kind", ["EVENT TRIGGER t", "FUNCTION f()", "TABLE log", "VIEW v", "SCHEMA s", "ROLE r"])
@pytest.mark.parametrize("text", ["'what it is for'", "NULL"])
def test_a_comment_on_what_xtrig_marks_is_not_to_be_run(kind: str, text: str) -> None:
    (found,) = said(function(), trigger(), f"COMMENT ON {kind} IS {text};")
    assert "xtrig knows what it has made by its comment" in found
    assert "do not run it on anything that the definition makes [XT402]" in found


def test_a_comment_on_a_column_does_no_harm() -> None:
    (found,) = said(function(), trigger(), "COMMENT ON COLUMN log.a IS 'x';")
    assert found.endswith("left out; run it yourself [XT402]")


def test_a_comment_of_somebody_else_in_a_script_of_ours_is_not_passed_over() -> None:
    ours = str(xtrig.render(xtrig.load_text("xtrig: 1\ntriggers: {t: {event: logon, steps: [{log: hello}]}}")))
    (found,) = said(ours.replace("COMMIT;", "COMMENT ON EVENT TRIGGER t IS 'mine'; COMMIT;"))
    assert "xtrig knows" in found


ROW = "INSERT INTO public.log (who) VALUES (session_user);"
LOG = "CREATE TABLE public.log (who text, what text);\n"


@pytest.mark.parametrize(
    ("alteration", "columns"),
    [
        ("ADD COLUMN extra int", ["who", "what", "extra"]),
        ("ADD extra numeric(5, 2) NOT NULL DEFAULT 5, DROP COLUMN what", ["who", "extra"]),
        ("ADD COLUMN IF NOT EXISTS what int", ["who", "what"]),
        ('ADD COLUMN "add  column" serial', ["who", "what", "add  column"]),
        ("DROP COLUMN IF EXISTS nothing", ["who", "what"]),
    ],
)
def test_a_column_that_comes_or_goes_later_is_the_tables(alteration: str, columns: list[str]) -> None:
    script = (LOG, f"ALTER TABLE ONLY public.log {alteration};\n", function(body=ROW), trigger())
    assert list(read(*script).triggers.tables["log"].columns) == columns
    assert said(*script) == []


@pytest.mark.parametrize("alteration", ["ADD extra int CHECK (extra > 0)", "DROP COLUMN what CASCADE"])
def test_another_alteration_is_left_out_by_name(alteration: str) -> None:
    assert codes(LOG, f"ALTER TABLE public.log {alteration};\n", function(body=ROW), trigger()) == ["[XT402]"]


@pytest.mark.parametrize(
    ("again", "kind"),
    [
        ("CREATE EVENT TRIGGER t ON sql_drop EXECUTE FUNCTION f();", "trigger 't'"),
        (function(body="RAISE LOG 'b';"), "function 'f'"),
        ("CREATE TABLE IF NOT EXISTS public.log (other int);", "table 'log'"),
    ],
)
def test_what_is_made_twice_is_the_first(again: str, kind: str) -> None:
    once = (LOG, function(body=ROW), trigger())
    assert read(*once, again).triggers == read(*once).triggers
    (found,) = said(*once, again)
    assert f"warning: {kind}: a second" in found


def test_a_function_that_is_replaced_is_the_last() -> None:
    again = function(body="RAISE LOG 'b';").replace("CREATE", "CREATE OR REPLACE")
    (step,) = read(function(), trigger(), again).triggers.functions["f"].steps
    assert step.texts().__next__()[1] == "b"


@pytest.mark.parametrize("reset", ["RESET ALL", "RESET work_mem", "SET work_mem TO DEFAULT"])
def test_a_clause_that_is_taken_back_is_gone(reset: str) -> None:
    result = read(function(clauses="SET work_mem = '1MB'"), trigger(), f"ALTER FUNCTION f() {reset};")
    made = result.triggers.functions["f"]
    assert (made.body, made.settings) == ({}, None)


def test_a_kept_body_has_no_clause_that_was_taken_back() -> None:
    kept = function(body="WHILE false LOOP NULL; END LOOP;", clauses="SET work_mem = '1MB'")
    result = read(kept, trigger(), "ALTER FUNCTION f() RESET search_path;")
    assert result.triggers.functions["f"].settings == {"work_mem": "1MB"}


def test_a_clause_from_the_session_of_the_script_is_said() -> None:
    kept = function(body="WHILE false LOOP NULL; END LOOP;", clauses="SET work_mem FROM CURRENT")
    assert any("SET work_mem to what only the session of the script knows" in each for each in said(kept, trigger()))


def test_a_syntax_error_is_one_line() -> None:
    (found,) = refused("CREATE FUNCTION f() RETURNS event_trigger LANGUAGE plpgsql AS $$\nBEGIN\n" + "x;\n" * 200)
    assert "\n" not in found
    assert len(found) < 200


@pytest.mark.parametrize(
    "values",
    ["(id, who) VALUES (7, 'a')", "VALUES (7, 'a') ON CONFLICT DO NOTHING", "SELECT 7, 'a'"],
)
def test_a_table_whose_rows_a_function_numbers_is_taken_as_it_is(values: str) -> None:
    table = "CREATE TABLE public.log (id serial, who text);\n"
    result = read(table, function(body=f"INSERT INTO public.log {values};"), trigger())
    assert not result.triggers.tables["log"].create
    assert any("a function fills its column 'id'" in each.message for each in result.findings)
    kept = function(body=f"WHILE false LOOP NULL; END LOOP; INSERT INTO public.log {values};")
    assert not read(table, kept, trigger()).triggers.tables["log"].create


@pytest.mark.parametrize("values", ["(who) VALUES ('a')", "VALUES (DEFAULT, 'a') ON CONFLICT DO NOTHING"])
def test_a_table_whose_rows_the_server_numbers_is_made(values: str) -> None:
    table = "CREATE TABLE public.log (id serial, who text);\n"
    assert read(table, function(body=f"INSERT INTO public.log {values};"), trigger()).triggers.tables["log"].create

"""Whatever a script or a definition says, the answer is a result or one line: never a traceback."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import xtrig
from xtrig.errors import XtrigError
from xtrig.importer import import_script, to_json, to_yaml
from xtrig.marks import read_mark
from xtrig.sqltext import shows_as_it_is
from xtrig_pgfamily.objects import Table

DIALECTS = ("postgresql", "polardb", "polardb-oracle")
_WORDS = st.sampled_from(
    """
    CREATE OR REPLACE TABLE FUNCTION PROCEDURE TRIGGER EVENT ON login logoff ddl_command_end EXECUTE RETURNS RETURN
    event_trigger LANGUAGE plpgsql AS IS BEGIN END DECLARE EXCEPTION WHEN OTHERS THEN RAISE LOG IF ELSE LOOP FOR IN
    SELECT INSERT INTO VALUES PRIMARY KEY INHERITS PARTITION OF DEFAULT LIKE INCLUDING ALL SET search_path = TO pg_temp
    ( ) , ; ; . := :: || ' '' " $$ $a$ -- /* */ E'\\ q'[ ]' <<a>> EXIT a b t f() int text "weird;type" NULL NOT 1 -1 0
    DO GRANT REVOKE ALTER ENABLE ALWAYS REPLICA DISABLE COMMENT session_user denial guarded USING MESSAGE ERRCODE / @
    """.split()
)
_ODD = st.sampled_from(["\u202e", "\0", "\ufeff", "\u2028", "é", "\ud800", "\x9b", "\n", "\t", "\\", "${x}", "${now}"])
_BODY = (
    "CREATE TABLE t(a int, b text); CREATE FUNCTION f() RETURNS event_trigger LANGUAGE plpgsql AS $x$ {} $x$; "
    "CREATE EVENT TRIGGER e ON login EXECUTE FUNCTION f();"
)
PIECES = st.lists(_WORDS | _ODD, max_size=25).map(" ".join)
SCRIPTS = (
    PIECES
    | PIECES.map(_BODY.format)
    | PIECES.map("BEGIN {} END".format).map(_BODY.format)
    | PIECES.map("CREATE TABLE t({});".format)
    | PIECES.map("CREATE TABLE t {};".format)
    | PIECES.map("CREATE FUNCTION f() {};".format)
    | PIECES.map("CREATE OR REPLACE {}".format)
)
_TEXTS = st.lists(_WORDS | _ODD | st.sampled_from(("${login_user}", "${client_ip}", "${no}", "<>", "not")), max_size=10)
_OURS = str(
    xtrig.render(xtrig.load_text("xtrig: 1\ntriggers: {x: {event: logon, exempt_roles: [dba], steps: [{log: hello}]}}"))
)
_STEPS = st.sampled_from(("sql", "deny", "log", "when", "insert", "call", "set", "if", "body", "tags"))


@example(_OURS.replace("'dba'", "''"), "postgresql")
@example(_OURS.replace("'250ms'", "' 250ms'"), "postgresql")
@example("create trigger x on database begin null; end;", "polardb")
@example("create or replace trigger begin null; end;", "polardb-oracle")
@example("create trigger after ddl on database begin null; end;", "polardb")
@example("create or replace", "polardb")
@example("DO LANGUAGE x", "polardb")
@example("CREATE FUNCTION (a int) RETURN event_trigger IS BEGIN NULL; END;", "polardb-oracle")
@example("create function return event_trigger is begin null; end;", "polardb-oracle")
@example("create function f() is begin return; end;", "polardb-oracle")
@example("CREATE TABLE t(a int, PRIMARY KEY (id)) INHERITS (b);", "postgresql")
@example('CREATE TABLE t(a "weird; type");', "postgresql")
@example("CREATE TABLE t(LIKE s INCLUDING ALL);", "postgresql")
@given(SCRIPTS, st.sampled_from(DIALECTS))
def test_a_script_is_imported_or_refused(script: str, dialect: str) -> None:
    try:
        result = import_script(script.encode("utf-8", "surrogatepass"), dialect, "script.sql")
    except XtrigError:
        return
    assert shows_as_it_is(to_yaml(result))
    assert shows_as_it_is(to_json(result))
    assert xtrig.load_text(to_yaml(result)) == result.triggers


def _definition(kind: str, text: str) -> dict[str, object]:
    step: dict[str, object] = {"deny": "no", "when": text}
    match kind:
        case "sql" | "deny" | "log":
            step = {kind: text}
        case "insert":
            step = {"insert": "t", "values": {"a": text}}
        case "call":
            step = {"call": "app.f", "args": [text]}
        case "set":
            step = {"set": "app.x", "value": text}
        case "if":
            step = {"if": text, "then": [{"deny": text}]}
        case _:
            pass
    if kind == "tags":
        return {"xtrig": 1, "triggers": {"x": {"event": "ddl_command_end", "tags": [text], "steps": [{"log": "x"}]}}}
    trigger: dict[str, object] = {"event": "logon", "exempt_roles": ["dba"], "steps": [step]}
    if kind == "body":
        trigger = {"event": "logon", "body": dict.fromkeys(DIALECTS, text)}
    return {"xtrig": 1, "schema": "app", "tables": {"t": {"columns": {"a": "text"}}}, "triggers": {"x": trigger}}


@pytest.mark.parametrize("dialect", DIALECTS)
@example("sql", ["perform f('a' 'b');"])
@example("tags", [])
@given(_STEPS, _TEXTS)
def test_a_definition_is_rendered_or_refused(dialect: str, kind: str, words: list[str]) -> None:
    with suppress(XtrigError):
        assert str(xtrig.render(xtrig.load_text(json.dumps(_definition(kind, " ".join(words)))), dialect))


DEEP = 1_500
"""Deeper than Python's stack, as a mutating fuzzer nests what it finds."""
NESTED = {
    "parentheses": "(" * DEEP + "true" + ")" * DEEP,
    "negations": "NOT " * DEEP + "true",
    "cases": "CASE WHEN true THEN " * DEEP + "true" + " END" * DEEP,
    "calls": "lower(" * DEEP + "'x'" + ")" * DEEP,
    "queries": "(SELECT " * DEEP + "1" + ")" * DEEP,
    "left open": "(" * DEEP,
}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("text", NESTED.values(), ids=NESTED)
@pytest.mark.parametrize("kind", ["deny", "sql", "insert", "set", "if", "body", "when"])
def test_a_definition_that_is_nested_deeply_is_rendered_or_refused(kind: str, text: str, dialect: str) -> None:
    with suppress(XtrigError):
        assert str(xtrig.render(xtrig.load_text(json.dumps(_definition(kind, text))), dialect))


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    "body",
    [
        *(f"BEGIN IF {text} THEN RAISE LOG 'x'; END IF; END" for text in NESTED.values()),
        "BEGIN " * DEEP + "NULL;" + " END;" * DEEP,
        "BEGIN " + "IF true THEN " * DEEP + "RAISE LOG 'x';" + " END IF;" * DEEP + " END",
        "/*" * DEEP + "*/" * DEEP + " BEGIN END",
    ],
    ids=[*NESTED, "blocks", "ifs", "comments"],
)
def test_a_script_that_is_nested_deeply_is_imported_or_refused(body: str, dialect: str) -> None:
    with suppress(XtrigError):
        result = import_script(_BODY.format(body).encode(), dialect, "script.sql")
        assert xtrig.load_text(to_yaml(result)) == result.triggers


def test_a_mark_that_is_nested_deeply_is_one_without_defaults() -> None:
    """Whoever owns a table writes its comment, and `plan` and `status` read it."""
    mark = read_mark("xtrig:1:0123456789abcdef:first\n" + "[" * 100_000)
    assert mark is not None
    row = {"schema": "app", "name": "log", "kind": "r", "comment": str(mark), "owner": "mallory", "grants": None}
    column = {"column": "a", "type": "text", "is_needed": False, "default": None}
    assert Table.from_rows([{**row, **column}], {}, None).columns[0].default is None

"""An accepted expression stays in its place, as PostgreSQL's own lexer and parser see it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import example, given, settings
from pglast import parse_plpgsql, parse_sql, scan
from pglast.parser import ParseError
from pydantic import ValidationError

import xtrig
from tests.properties.strategies import expressions
from xtrig.expressions import check_expression, parse_template
from xtrig.registry import get_dialect
from xtrig.resolve import resolve

TRIES = settings.default.max_examples * 20  # most are refused before they get anywhere
OPENS = {"ASCII_40": "ASCII_41", "ASCII_91": "ASCII_93"}


def is_accepted(text: str) -> bool:
    try:
        check_expression(text)
    except ValueError:
        return False
    return True


def breaks_out(text: str) -> str:
    """Say how ``text`` reaches beyond its place for PostgreSQL, or nothing."""
    try:
        tokens = scan(text)
    except ParseError as error:
        # What the lexer refuses is refused by the server too; what is not closed swallows what follows.
        return str(error) if "unterminated" in str(error) else ""
    closers: list[str] = []
    for token in tokens:
        if token.name in ("ASCII_59", "SQL_COMMENT", "C_COMMENT"):
            return token.name
        if token.name in OPENS:
            closers.append(OPENS[token.name])
        elif token.name in OPENS.values() and (not closers or closers.pop() != token.name):
            return "closes what it did not open"
    return "does not close" if closers else ""


BROKE_OUT = [
    "typE'\\'; drop table t; --'",
    "éE'\\'; drop table t; --'",
    "${login_user}E'\\'; drop table t; --'",
    "E'a'\n'\\''; drop table t; --'",
    "E'\\'",
    "$é$ ' $é$; drop table t; -- '",
    "$a€$ ' $a€$; drop table t; -- '",
]
"""What this property found once."""


def each_that_broke_out(test: Any) -> Any:
    for text in BROKE_OUT:
        test = example(text)(test)
    return test


@settings(max_examples=TRIES)
@each_that_broke_out
@given(expressions)
def test_postgresql_reads_no_more_than_one_operand(text: str):
    if is_accepted(text):
        for operand in ("session_user", "'logon'", "current_database()"):
            assert breaks_out(parse_template(text).fill(lambda fact, sql=operand: sql)) == ""


@settings(max_examples=TRIES)
@example("E'\\'", "'; drop table t; --'")
@given(expressions, expressions)
def test_two_expressions_side_by_side_stay_two(one: str, other: str):
    if is_accepted(one) and is_accepted(other):
        text = ", ".join(parse_template(each).fill(lambda fact: "'logon'") for each in (one, other))
        assert breaks_out(text) == ""


def definition(text: str) -> dict[str, Any]:
    """Use ``text`` wherever a definition takes an expression."""
    steps = [
        {"insert": "t", "values": {"a": text, "b": text}, "when": text},
        {"if": text, "then": [{"log": "x"}], "else": [{"log": "y"}]},
        {"grant_role": "r", "to": text},
        {"revoke_role": "r", "from": text},
        {"set": "a.b", "value": text},
        {"create_temp_table": "s", "columns": {"a": "text"}, "owner": text},
        {"call": "a.b", "args": [text, text]},
    ]
    column = {"type": "text"} if "${" in text else {"type": "text", "default": text}
    return {
        "tables": {"t": {"columns": {"a": column, "b": column}}},
        "triggers": {"x": {"event": "logon", "steps": steps}},
    }


def shape(script: str) -> list[Any]:
    """Count what is in a script: its statements, a table's columns, and each function's statements."""
    found: list[Any] = []
    for raw in parse_sql(script):
        kind = type(raw.stmt).__name__
        found.append((kind, len(raw.stmt.tableElts)) if kind == "CreateStmt" else kind)
        if kind in ("CreateFunctionStmt", "DoStmt"):
            text = script[raw.stmt_location : raw.stmt_location + (raw.stmt_len or len(script))]
            found.append(sorted(statements(parse_plpgsql(text))))
    return found


def statements(tree: Any) -> Iterator[str]:
    if isinstance(tree, list):
        for each in tree:
            yield from statements(each)
    elif isinstance(tree, dict):
        for key, value in tree.items():
            if key.startswith("PLpgSQL_stmt") or key == "elsif_list":
                yield key
            yield from statements(value)


def compiled(text: str) -> str:
    """Return the script of a definition that no check has looked at: what is refused too stays in its place."""
    triggers = resolve(xtrig.TriggerSet.model_validate(definition(text)))
    return str(get_dialect("postgresql").compile(triggers, (18,)))


HARMLESS = shape(compiled("1"))


@settings(max_examples=TRIES // 4)
@each_that_broke_out
@given(expressions)
def test_a_script_has_the_same_statements_whatever_the_expression(text: str):
    try:
        found = shape(compiled(text))
    except (ValidationError, ParseError):
        return  # refused, by xtrig or by the server
    assert found == HARMLESS

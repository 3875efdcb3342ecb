"""PostgreSQL's own parser: statements, plpgsql bodies and tokens, each with its line."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator, MutableSequence, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from xtrig.plugin import one_line

# Its type stubs are not valid Python.
postgast: Any = import_module("postgast")
_DECODE_ERROR: Any = import_module("google.protobuf.message").DecodeError

Tree = dict[str, Any]
"""A node of a plpgsql function as the parser gives it: kind to fields."""

_SHOWN = 60
_TOO_DEEP = "an expression is nested too deeply"
# What PostgreSQL's parser says of it: Bison's YYMAXDEPTH, and check_stack_depth().
_LIMITS = ("memory exhausted", "stack depth limit exceeded")
_NEAR = re.compile(r"near line (\d+)")
_TOKEN_NAMED = re.compile(r'at or near "(.+)"\Z', re.DOTALL)
# For RETURNS event_trigger the parser writes invalid JSON; for RETURNS void it does not.
_HEAD = "CREATE FUNCTION f(tg_event text, tg_tag text) RETURNS {} LANGUAGE plpgsql AS "
# RawParseMode of src/include/parser/parser.h: a whole statement, and := to a name of one to three parts.
STATEMENT, _ASSIGNMENTS = 0, (3, 4, 5)

_RETURNING = ("returning_list", "returning_clause")
"""The names of one field, up to PostgreSQL 17 and from 18."""


class SyntaxProblem(Exception):
    """A syntax error: the parser's message in one line, and the line; the text that it is about may be long."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(_TOKEN_NAMED.sub(lambda match: f'at or near "{one_line(match[1][:_SHOWN])}"', message))
        self.line = line


class Unparsed(Exception):
    """Valid text that cannot be read: it is no step, or the parser cannot describe it."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """One statement: its kind, its parse tree, its text and its place."""

    kind: str
    node: Any
    text: str
    start: int
    line: int


class Lines:
    """Maps positions (in bytes) of a text to its lines."""

    def __init__(self, text: str) -> None:
        self.encoded = text.encode()
        self._breaks = [match.start() for match in re.finditer(b"\n", self.encoded)]

    def line(self, position: int) -> int:
        """Return the line, from 1."""
        return bisect_right(self._breaks, position - 1) + 1


def as_statement(query: str, mode: int) -> str:
    """Return the statement of SQL that a query in the tree of a body is; ``mode`` is its ``parseMode``."""
    if mode in _ASSIGNMENTS:
        query = re.split(r":?=", query, maxsplit=1)[-1]
    return query if mode == STATEMENT else f"SELECT {query}"


def parse_statements(text: str) -> list[Parsed]:
    """Return the statements of ``text``; raises :class:`SyntaxProblem`."""
    lines = Lines(text)
    try:
        tree = postgast.parse(text)
    except postgast.PgQueryError as error:
        message = _TOO_DEEP if error.message.startswith(_LIMITS) else error.message
        raise SyntaxProblem(message, lines.line(max(error.cursorpos - 1, 0))) from None
    except _DECODE_ERROR:
        raise SyntaxProblem(_TOO_DEEP, 1) from None
    return [_statement(raw, lines) for raw in tree.stmts]


def parse_one(text: str) -> Parsed:
    """Return the one statement of ``text``; raises :class:`Unparsed`."""
    try:
        (statement,) = parse_statements(text)
    except (SyntaxProblem, ValueError):
        raise Unparsed(f"{text[:40]!r} is no single statement") from None
    return statement


def parse_body(body: str, returns: str = "void") -> tuple[list[Tree], Tree]:
    """Return the variables and the outermost block of a plpgsql body; ``returns`` is ``text`` for a helper's.

    Raises :class:`SyntaxProblem` with a line of the body, and :class:`Unparsed`.
    """
    quote = "$body$"
    while quote in body:
        quote = f"{quote[:-1]}_$"
    try:
        (parsed,) = postgast.parse_plpgsql(f"{_HEAD.format(returns)}{quote}{body}{quote}")
    except postgast.PgQueryError as error:
        raise SyntaxProblem(error.message, _line_of(error, body)) from None
    except (json.JSONDecodeError, ValueError, RecursionError):
        raise Unparsed("the parser cannot describe the body") from None
    function = parsed["PLpgSQL_function"]
    return function.get("datums", []), function["action"]["PLpgSQL_stmt_block"]


def _line_of(error: Any, body: str) -> int:
    """Return the line of an error: that of the token in its message, else that of the last statement before it."""
    named = _TOKEN_NAMED.search(error.message)
    near = _NEAR.search(error.context or "")
    line = int(near[1]) if near else 1
    if named:
        start = sum(map(len, body.splitlines(keepends=True)[: line - 1])) if body.count(named[1]) > 1 else 0
        place = body.find(named[1], start)
        return body.count("\n", 0, place) + 1 if place >= 0 else line
    return line


def _statement(raw: Any, lines: Lines) -> Parsed:
    end = raw.stmt_location + raw.stmt_len if raw.stmt_len else len(lines.encoded)
    whole = lines.encoded[raw.stmt_location : end].decode()
    bare = _without_leading_comments(whole)
    start = raw.stmt_location + len(whole.encode()) - len(bare.encode())
    kind = raw.stmt.WhichOneof("node")
    return Parsed(kind, getattr(raw.stmt, kind), bare.rstrip(), start, lines.line(start))


def _without_leading_comments(text: str) -> str:
    for token in postgast.scan(text).tokens:
        if token.token not in COMMENTS:
            return text.encode()[token.start :].decode()
    return text


_TOKEN = postgast.pg_query_pb2.Token
COMMENTS = frozenset((_TOKEN.Value("SQL_COMMENT"), _TOKEN.Value("C_COMMENT")))


def nodes_of(node: Any, kind: str) -> Iterator[Any]:
    """Yield every node of one kind in a parse tree."""
    if node.DESCRIPTOR.name == kind:
        yield node
    for field, value in node.ListFields():
        if field.message_type is not None:
            for each in repeated(value):
                yield from nodes_of(each, kind)


def repeated(value: Any) -> Sequence[Any]:
    """Return the messages of a field, of one or of several."""
    # FieldDescriptor.is_repeated is new in protobuf 6.30; Firebird's driver holds protobuf at 5.
    return value if isinstance(value, MutableSequence) else [value]


def select_text(select: Any) -> str:
    """Return the parse tree of a SELECT as text."""
    tree = postgast.parse("SELECT 1")
    tree.stmts[0].stmt.select_stmt.CopyFrom(select)
    return str(postgast.deparse(tree))


def deparsed(expression: Any) -> str:
    """Return the parse tree of an expression as text."""
    tree = postgast.parse("SELECT 1")
    tree.stmts[0].stmt.select_stmt.target_list[0].res_target.val.CopyFrom(expression)
    return str(postgast.deparse(tree)).removeprefix("SELECT ")


def row_text(insert: Any) -> str:
    """Return the parse tree of an INSERT as text: of one row, whatever a query there finds, and without ON CONFLICT."""
    tree = postgast.parse("INSERT INTO t VALUES (1)")
    written = tree.stmts[0].stmt.insert_stmt
    written.CopyFrom(insert)
    for field in written.DESCRIPTOR.fields:
        if field.name in ("on_conflict_clause", *_RETURNING):
            written.ClearField(field.name)
    query = written.select_stmt.select_stmt
    if insert.HasField("select_stmt") and not query.values_lists:
        joined = f"SELECT listed.* FROM (SELECT) AS one LEFT JOIN ({select_text(query)}) AS listed ON false"
        query.CopyFrom(postgast.parse(joined).stmts[0].stmt.select_stmt)
    return str(postgast.deparse(tree))

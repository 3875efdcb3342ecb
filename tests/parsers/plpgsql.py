"""The insides of PL/pgSQL bodies: the static SQL of a body, and every SQL fragment of it parsed once more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pglast import ast, parse_plpgsql, parse_sql, scan
from pglast.parser import ParseError

# PostgreSQL's RawParseMode: a fragment of a body is a statement, an expression, or an assignment.
STATEMENT, EXPRESSION, ASSIGNMENTS = 0, 2, (3, 4, 5)


def static_queries(routine: str) -> Iterator[str]:
    """Give the SQL that a CREATE FUNCTION or a DO runs as written: plain statements and EXECUTE '...'."""
    for kind, node in _walk(parse_plpgsql(routine)):
        if kind == "PLpgSQL_stmt_execsql":
            yield node["sqlstmt"]["PLpgSQL_expr"]["query"]
        elif kind == "PLpgSQL_stmt_dynexecute":
            yield from _literal(node["query"]["PLpgSQL_expr"]["query"])


def check_body(routine: str) -> None:
    """Parse the body of a CREATE FUNCTION or a DO, then every SQL fragment of it; raise ParseError."""
    for kind, node in _walk(parse_plpgsql(routine)):
        if kind == "PLpgSQL_expr":
            _check_fragment(node["query"], node["parseMode"])


def _check_fragment(query: str, mode: int) -> None:
    try:
        statements = parse_sql(_as_statement(query, mode))
    except ParseError as error:
        error.add_note(f"in the fragment: {query}")
        raise
    if len(statements) != 1:
        raise ParseError(f"expected one statement, found {len(statements)} in: {query}")


def _as_statement(query: str, mode: int) -> str:
    if mode == STATEMENT:
        return query
    if mode == EXPRESSION:
        return f"SELECT {query}"
    if mode in ASSIGNMENTS:
        return f"SELECT {_assigned(query)}"
    raise ValueError(f"unknown parse mode {mode} of: {query}")


def _assigned(assignment: str) -> str:
    """Give the right side of `a.b[i] := value`; the left side isn't SQL that parse_sql would take."""
    depth = 0
    for token in scan(assignment):
        mark = assignment[token.start : token.end + 1]
        depth += (mark in ("[", "(")) - (mark in ("]", ")"))
        if depth == 0 and mark in (":=", "="):
            return assignment[token.end + 1 :]
    raise ParseError(f"no assignment in: {assignment}")


def _literal(expression: str) -> Iterator[str]:
    value = parse_sql(f"SELECT {expression}")[0].stmt.targetList[0].val
    if isinstance(value, ast.A_Const) and isinstance(value.val, ast.String):
        yield value.val.sval


def _walk(tree: Any) -> Iterator[tuple[str, Any]]:
    """Give every key of the tree with its value, in the order of the text."""
    if isinstance(tree, list):
        for item in tree:
            yield from _walk(item)
    elif isinstance(tree, dict):
        for key, value in tree.items():
            yield key, value
            yield from _walk(value)

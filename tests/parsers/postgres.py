"""Scripts for PostgreSQL, parsed by PostgreSQL's own parser (pglast)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pglast import ast, parse_sql, split
from pglast.parser import ParseError

from tests.parsers.objects import Parsed, describe, dotted, option
from tests.parsers.plpgsql import check_body, static_queries

__all__ = ["ParseError", "Parsed", "parse_plpgsql_functions", "parse_script"]

QUERIES = (ast.SelectStmt, ast.InsertStmt, ast.UpdateStmt, ast.DeleteStmt, ast.MergeStmt)


def parse_script(sql: str) -> list[Parsed]:
    """List what the script makes, changes and drops, in order; after a DO block what it does inside."""
    return [parsed for text, statement in _statements(sql) for parsed in _objects(text, statement)]


def parse_plpgsql_functions(sql: str) -> int:
    """Check every PL/pgSQL body of the script down to its SQL fragments, and count the functions."""
    count = 0
    for text, statement in _statements(sql):
        if isinstance(statement, ast.DoStmt):
            check_body(text)
            count += sum(parse_plpgsql_functions(query) for query in static_queries(text))
        elif isinstance(statement, ast.CreateFunctionStmt) and _in_plpgsql(statement):
            check_body(text)
            count += 1
    return count


def _objects(text: str, statement: ast.Node) -> Iterator[Parsed]:
    yield from describe(statement)
    if isinstance(statement, ast.DoStmt):
        for query in static_queries(text):
            for inner_text, inner in _statements(query):
                if not isinstance(inner, QUERIES):
                    yield from (replace(parsed, nested=True) for parsed in _objects(inner_text, inner))


def _statements(sql: str) -> Iterator[tuple[str, ast.Node]]:
    nodes = parse_sql(sql)
    yield from zip(split(sql) if nodes else (), (node.stmt for node in nodes), strict=True)


def _in_plpgsql(statement: ast.CreateFunctionStmt) -> bool:
    return dotted(option(statement.options, "language")) == "plpgsql"

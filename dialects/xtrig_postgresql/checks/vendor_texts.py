"""Expressions that only PostgreSQL's own parser reads."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

from xtrig.plugin import Check, Finding, Severity, Translation, parse_template, vendor_texts
from xtrig_pgfamily.builtin import is_function

_CATALOG = "pg_"


class NotAnExpression(Check[Translation], code="XT244", severity=Severity.ERROR, waivable=True):
    """An expression that PostgreSQL cannot read, or that names what it does not find.

    What xtrig's own language of expressions does not know is taken as PostgreSQL's text and rendered as it is written.
    PostgreSQL's own parser reads it here, where that is installed (`pip install 'xtrig[import]'`): what it refuses the
    server refuses, too. Tables of the definition get no schema in such a text, and whatever has none is not found,
    since the function's `search_path` is `pg_catalog, pg_temp`.

    Remedy: Correct it at the line that is named; write the schema of each table and of each function of your own.
    Source: libpg_query, the parser of PostgreSQL 17 as a library; its words are those of the message.
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        if find_spec("postgast") is None:
            return
        for function, path, text in vendor_texts(translation):
            for message, remedy, line in _problems(text):
                yield self.finding(function.subject, message, remedy, path, text_line=line)


def _problems(text: str) -> Iterator[tuple[str, str, int]]:
    from xtrig_pgfamily.reading.parser import SyntaxProblem, nodes_of, parse_statements  # noqa: PLC0415  # an extra

    # Parentheses, so that no text is a clause or a statement of its own.
    sql = f"SELECT (\n{parse_template(text).fill(lambda fact: 'session_user')}\n)"
    try:
        (statement,) = parse_statements(sql)
    except (SyntaxProblem, ValueError) as problem:
        line = max(problem.line - 1, 1) if isinstance(problem, SyntaxProblem) else 1
        yield f"PostgreSQL cannot read it: {problem}", "correct it", min(line, text.count("\n") + 1)
        return
    common = {each.ctename for each in nodes_of(statement.node, "CommonTableExpr")}
    for table in nodes_of(statement.node, "RangeVar"):
        if not table.schemaname and table.relname not in common and not table.relname.startswith(_CATALOG):
            message = f"table {table.relname!r} without its schema is not found in an expression of PostgreSQL's own"
            yield message, f"write schema.{table.relname}", _line(text, table)
    for call in nodes_of(statement.node, "FuncCall"):
        if len(call.funcname) == 1 and not is_function(called := call.funcname[0].string.sval):
            message = f"function {called}(): PostgreSQL has none of that name"
            yield message, f"write schema.{called} for a function of your own", _line(text, call)


def _line(text: str, node: Any) -> int:
    """Return the line of a node; facts are longer or shorter than what was read in their place."""
    return min(text.count("\n", 0, max(node.location - len("SELECT (\n"), 0)) + 1, text.count("\n") + 1)

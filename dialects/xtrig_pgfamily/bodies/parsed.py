"""Hand-written plpgsql as PostgreSQL's own parser reads it, where that is installed (``xtrig[import]``)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.util import find_spec
from typing import Any

from xtrig.errors import suggest
from xtrig.findings import Check, Finding
from xtrig.plugin import ColumnNotThere, parse_template
from xtrig.sqltokens import Token, text_at
from xtrig_pgfamily.bodies.reading import Reading
from xtrig_pgfamily.builtin import is_function, is_type
from xtrig_pgfamily.language import Language
from xtrig_pgfamily.plpgsql.steps import terminated

_UNKNOWN = re.compile(r'"([^"]*\.)?([^".]+)" is not a known variable')
# What is valid and the parser alone refuses: it knows no type of a database, and so no fields of a variable.
_BEYOND = re.compile(r'Not implemented|"(?P<variable>[^"]*)\.[^"]*" is not a known variable')


class NotPlpgsql(Check[Reading], code="XT318", waivable=True):
    """A hand-written text that is not plpgsql.

    PostgreSQL's own parser refuses it: a word is misspelled, an `IF` or `LOOP` does not end, a variable is not
    declared. The server refuses to create such a function, or the first run of it fails. It is looked for where the
    parser is installed (`pip install 'xtrig[import]'`) and the text is plpgsql.

    A `SELECT` whose result goes nowhere, and an `INSERT ... RETURNING` without `INTO`, fail each time they run.

    The parser is that of PostgreSQL 17. A statement that only a later version has can be waived.

    Remedy: Correct it at the line that is named. Where a text ends too early, look for the `END IF` or `END LOOP` that
    is missing. Write `PERFORM` in the place of a `SELECT` whose result is not wanted, or give it `INTO` a variable.
    Source: libpg_query, the server's parser as a library; its words are those of the message.
    """

    def find(self, reading: Reading) -> Iterator[Finding]:
        problem = _read(_plpgsql(reading))[1] if reading.language is Language.PLPGSQL else None
        if problem is not None and not _is_beyond(reading, problem[0]):
            message, line = problem
            yield self.finding(
                reading.text.subject,
                f"PostgreSQL cannot read it: {message}",
                "correct it; a text that ends too early lacks an END IF, END LOOP or END",
                reading.text.path,
                text_line=_line(reading, message, line),
            )


class ResultWithoutPlace(Check[Reading], of=NotPlpgsql, waivable=True):
    """A statement in a hand-written text whose result goes nowhere: the server refuses it when it runs."""

    def find(self, reading: Reading) -> Iterator[Finding]:
        tree = _read(_plpgsql(reading))[0] if reading.language is Language.PLPGSQL else None
        for word, line in _without_place(tree, 1):
            yield self.finding(
                reading.text.subject,
                f"{word} has no destination for its result, and fails each time it runs",
                "write PERFORM in its place, or INTO a variable" if word == "SELECT" else "write INTO a variable",
                reading.text.path,
                text_line=min(line, _last(reading)),
            )


class ColumnNotInText(Check[Reading], of=ColumnNotThere, waivable=True):
    """A column in a hand-written text that its table of the definition does not have."""

    def find(self, reading: Reading) -> Iterator[Finding]:
        tree = _read(_plpgsql(reading))[0] if reading.language is Language.PLPGSQL else None
        tables = {
            (table.schema, table.name): table.table.columns
            for table in reading.translation.triggers.tables.values()
            if table.table.create
        }
        for table, column, line in _columns_filled(tree, 1):
            known = tables.get(table)
            if known is not None and column not in known:
                message = f"column {column!r}: {'.'.join(table)} has none of that name"
                remedy = suggest(column, known, "columns")
                path = reading.text.path
                yield self.finding(reading.text.subject, message, remedy, path, text_line=min(line, _last(reading)))


def unqualified_in_expressions(reading: Reading) -> Iterator[Token]:
    """Yield each function and type without its schema that isn't built in, as the parse tree has them."""
    tree = _read(_plpgsql(reading))[0] if reading.language is Language.PLPGSQL else None
    for name, is_call, line in _names(tree, 1):
        if is_function(name) if is_call else is_type(name):
            continue
        for place, token in enumerate(reading.tokens):
            if token.name == name and reading.text.line_at(token.start) >= line:
                is_called = text_at(reading.tokens, place + 1) == "("
                if text_at(reading.tokens, place - 1) != "." and (is_called or not is_call):
                    yield token
                    break


def _plpgsql(reading: Reading) -> str:
    text = reading.text.text
    if reading.text.is_body:
        return text
    return f"BEGIN {terminated(parse_template(text).fill(lambda fact: 'session_user'))}\nEND"


@lru_cache(maxsize=64)
def _read(body: str) -> tuple[Any, tuple[str, int] | None]:
    """Return the parse tree of a block, or what is wrong with it and where; neither if it cannot be read here."""
    if find_spec("postgast") is None:
        return None, None
    from xtrig_pgfamily.reading.parser import SyntaxProblem, Unparsed, parse_body  # noqa: PLC0415  # an extra

    try:
        datums, block = parse_body(body)
    except SyntaxProblem as problem:
        return None, (str(problem), problem.line)
    except Unparsed:
        return None, None
    return [datums, block], None


def _is_beyond(reading: Reading, message: str) -> bool:
    """Whether the parser alone refuses it. A field has a variable: its name stands somewhere without one, too."""
    beyond = _BEYOND.match(message)
    if beyond is None or beyond["variable"] is None:
        return beyond is not None
    variable = beyond["variable"].rpartition(".")[2]
    return any(
        token.name == variable and text_at(reading.tokens, place + 1) != "."
        for place, token in enumerate(reading.tokens)
    )


def _line(reading: Reading, message: str, line: int) -> int:
    """Return the line of a problem; of a variable the parser names none."""
    last = reading.text.text.rstrip().count("\n") + 1
    if message.endswith("at end of input"):
        return last
    unknown = _UNKNOWN.match(message)
    for place, token in enumerate(reading.tokens if unknown else ()):
        is_target = text_at(reading.tokens, place + 1) in (":=", "=") or text_at(reading.tokens, place - 1) in (
            "into",
            "strict",
            ",",
            "." if unknown and unknown[1] else ",",
        )
        if unknown and token.name == unknown[2] and is_target:
            return reading.text.line_at(token.start)
    return min(line, last)


def _last(reading: Reading) -> int:
    return reading.text.text.rstrip().count("\n") + 1


def _queries(node: Any, line: int) -> Iterator[tuple[str, int]]:
    """Yield the statements of SQL in a tree, each with its line."""
    from xtrig_pgfamily.reading.parser import STATEMENT  # noqa: PLC0415  # an extra

    if isinstance(node, list):
        for each in node:
            yield from _queries(each, line)
    elif isinstance(node, dict):
        here = node.get("lineno", line)
        if node.get("parseMode") == STATEMENT:
            yield node["query"], here
        for each in node.values():
            yield from _queries(each, here)


def _without_place(node: Any, line: int) -> Iterator[tuple[str, int]]:
    """Yield the statements in a tree whose rows nothing takes."""
    from xtrig_pgfamily.reading.parser import SyntaxProblem, parse_statements  # noqa: PLC0415  # an extra

    if isinstance(node, list):
        for each in node:
            yield from _without_place(each, line)
    elif isinstance(node, dict):
        here = node.get("lineno", line)
        if "sqlstmt" in node and not node.get("into"):
            try:
                (statement,) = parse_statements(node["sqlstmt"]["PLpgSQL_expr"]["query"])
            except (SyntaxProblem, ValueError):
                return
            if statement.kind == "select_stmt":
                yield "SELECT", here
            elif any(field.name.startswith("returning") for field, _ in statement.node.ListFields()):
                yield "RETURNING", here
            return
        for each in node.values():
            yield from _without_place(each, here)


def _columns_filled(tree: Any, line: int) -> Iterator[tuple[tuple[str, str], str, int]]:
    """Yield each column that INSERT or UPDATE names, with schema and name of the table."""
    if tree is None:
        return
    from xtrig_pgfamily.reading.parser import SyntaxProblem, nodes_of, parse_statements  # noqa: PLC0415  # an extra

    for query, here in _queries(tree, line):
        try:
            statements = parse_statements(query)
        except SyntaxProblem:
            continue
        for statement in statements:
            for kind, columns in (("InsertStmt", "cols"), ("UpdateStmt", "target_list")):
                for written in nodes_of(statement.node, kind):
                    table = (written.relation.schemaname, written.relation.relname)
                    yield from ((table, each.res_target.name, here) for each in getattr(written, columns))


def _names(node: Any, line: int) -> Iterator[tuple[str, bool, int]]:
    """Yield the functions (True) and types (False) of one part in a tree, with the line of the statement."""
    if isinstance(node, list):
        for each in node:
            yield from _names(each, line)
    elif isinstance(node, dict):
        here = node.get("lineno", line)
        if "query" in node and "parseMode" in node:
            yield from _in_expression(node["query"], node["parseMode"], here)
        if "typname" in node and "refname" not in node:
            yield from _declared(node["typname"], here)
        for each in node.values():
            yield from _names(each, here)


def _declared(written: str, line: int) -> Iterator[tuple[str, bool, int]]:
    if "%" not in written:
        yield from _in_expression(f"NULL::{written}", 2, line)


def _in_expression(query: str, mode: int, line: int) -> Iterator[tuple[str, bool, int]]:
    from xtrig_pgfamily.reading import parser  # noqa: PLC0415  # an extra

    try:
        statements = parser.parse_statements(parser.as_statement(query, mode))
    except parser.SyntaxProblem:
        return
    for statement in statements:
        for call in parser.nodes_of(statement.node, "FuncCall"):
            if len(call.funcname) == 1:
                yield call.funcname[0].string.sval, True, line
        for used in parser.nodes_of(statement.node, "TypeName"):
            if len(used.names) == 1 and not used.pct_type:
                yield used.names[0].string.sval, False, line

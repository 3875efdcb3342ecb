"""Which tables of a script its triggers have to do with, and which of their columns a function numbers."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from typing import Any

from xtrig.model import Insert, Sql
from xtrig.model.steps import MESSAGES
from xtrig.plugin import Imported, ReadFunction, ReadTable, parse_template
from xtrig.sqltokens import Kind, significant, text_at, tokens
from xtrig_pgfamily.bodies.relations import qualified
from xtrig_pgfamily.reading.guards import outermost, query
from xtrig_pgfamily.reading.parser import SyntaxProblem, Unparsed, nodes_of, parse_body, parse_statements

_BEFORE_A_TABLE = ("from", "join", "update", "only", "table", "truncate", "copy", "lock", "using")
_CLAUSES = ("select", "from", "where", "group", "having", "order", "values", "set", "loop", ";")
_COPIES = ("insert", "merge")
_UNQUALIFIED = "public"


def unused_tables(read: Imported) -> Iterator[ReadTable]:
    """Yield the tables that no function of a trigger fills or reads.

    A name in a comment or in a text is no use of a table, but one in the text of a dynamic statement is.
    """
    run = {trigger.function[1] for trigger in read.triggers}
    used = {each for function in read.functions if function.name in run for each in _used(function)}
    made = {(table.schema or _UNQUALIFIED, table.name) for table in read.tables}
    # A table in another schema than it is created in is another finding.
    loose = {name for schema, name in used if schema is None or (schema, name) not in made}
    for table in read.tables:
        if table.name not in loose and (table.schema or _UNQUALIFIED, table.name) not in used:
            yield table


def numbered_by_hand(table: ReadTable, read: Imported) -> str | None:
    """Return a column of a table that the server numbers, and a function fills with a number of its own."""
    columns = table.table.columns
    numbered = [name for name, column in columns.items() if column.identity]
    for function in read.functions if numbered else ():
        for name, filled in _inserts(function, tuple(columns)):
            if name == table.name and (found := next((each for each in numbered if each in filled), None)):
                return found
    return None


def _inserts(function: ReadFunction, columns: Sequence[str]) -> Iterator[tuple[str, Collection[str]]]:
    """Yield the table of every INSERT, and the columns for which it has values."""
    steps = [step for outer in function.steps for step in outer.walk()]
    yield from ((each.table, each.values) for each in steps if isinstance(each, Insert))
    texts = [parse_template(each.text("")).fill(lambda _: "NULL") for each in steps if isinstance(each, Sql)]
    with suppress(SyntaxProblem, Unparsed):
        block = parse_body(function.body)[1] if function.body else {}
        texts += [query(each["sqlstmt"]) for each in outermost(block, "PLpgSQL_stmt_execsql")]
    for text in texts:
        with suppress(SyntaxProblem):
            for statement in parse_statements(text):
                for node in nodes_of(statement.node, "InsertStmt"):
                    yield node.relation.relname, _filled(node, columns)


def _filled(node: Any, columns: Sequence[str]) -> Collection[str]:
    listed = [each.res_target.name for each in node.cols] or columns
    rows = [row.list.items for row in node.select_stmt.select_stmt.values_lists]
    if not rows:  # of a SELECT
        return listed
    given = (zip(listed, row, strict=False) for row in rows)
    return {name for row in given for name, item in row if item.WhichOneof("node") != "set_to_default"}


def _used(function: ReadFunction) -> Iterator[tuple[str | None, str]]:
    yield from ((each.schema, each.name) for each in function.fills)
    texts = [each for outer in function.steps for step in outer.walk() for each in step.texts()]
    for text in (function.body or "", *(text for path, text in texts if path[-1] not in MESSAGES)):
        yield from _named(text)


def _named(text: str) -> Iterator[tuple[str | None, str]]:
    """Yield schema and name of what a text of SQL or plpgsql may read or fill, some that are no tables included."""
    yield from qualified(text)
    words = significant(tokens(text))
    clause = ""
    for place, token in enumerate(words):
        before = text_at(words, place - 1)
        clause = before if before in _CLAUSES else clause
        is_listed = before == "," and clause == "from"
        if is_listed or before in _BEFORE_A_TABLE or (before == "into" and text_at(words, place - 2) in _COPIES):
            has_schema = text_at(words, place + 1) == "." and place + 2 < len(words)
            yield (token.name, words[place + 2].name) if has_schema else (None, token.name)
        is_first_argument = before == "(" and text_at(words, place - 2) == "format"
        if token.kind in (Kind.LITERAL, Kind.ESCAPE, Kind.DOLLAR) and (before == "execute" or is_first_argument):
            yield from _named(token.content)

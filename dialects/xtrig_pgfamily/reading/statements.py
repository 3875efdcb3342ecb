"""Single SQL statements: an INSERT's columns and values, a CREATE TABLE's columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from xtrig.model import CreateTempTable
from xtrig_pgfamily.reading.columns import read_columns
from xtrig_pgfamily.reading.parser import Parsed, Unparsed
from xtrig_pgfamily.reading.tokens import Token, Tokens, closes, split

if TYPE_CHECKING:
    from xtrig_pgfamily.reading.scope import Scope


_NOT_OVERRIDING = 1


def named(parts: Any) -> tuple[str | None, str]:
    """Return schema and name of a list of name nodes."""
    found = [each.string.sval for each in parts]
    return (found[-2] if len(found) > 1 else None), found[-1]


def names(found: Sequence[Token]) -> list[str]:
    """Return the parts of a dotted name, or nothing for anything else."""
    parts: list[str] = []
    for number, token in enumerate(token for token in found if token.word != "."):
        text = token.text
        if "." in text and not text.startswith('"'):  # pg_catalog.x is one token
            parts += text.lower().split(".")
        elif text.startswith('"'):
            parts.append(text[1:-1].replace('""', '"'))
        elif text[:1].isalpha() or text[:1] == "_":
            parts.append(text.lower())
        else:
            return []
        if number > 2:
            return []
    return parts


def is_one_row(node: Any) -> bool:
    """Whether an INSERT is no more than one row of values."""
    more = ("on_conflict_clause", "with_clause", "returning_clause")
    is_plain = not any(map(node.HasField, more)) and node.override <= _NOT_OVERRIDING
    return len(node.select_stmt.select_stmt.values_lists) == 1 and is_plain


def inserted(statement: Parsed, scope: Scope) -> tuple[str | None, str, dict[str, Tokens]]:
    """Return schema, table and the value of each column; raises :class:`Unparsed` for more than VALUES."""
    node = statement.node
    schema, table = node.relation.schemaname or None, node.relation.relname
    columns = [target.res_target.name for target in node.cols] or _positional(scope, schema, table)
    found = scope.read(statement.text)
    start = next(number for number, token in enumerate(found) if token.word == "values") + 1
    if closes(found, start) != len(found) - 1:
        raise Unparsed("an INSERT with something after its values")
    values = [scope.literal_event(each) for each in split(found[start + 1 : -1])]
    if len(values) > len(columns):
        raise Unparsed("an INSERT with more values than columns")
    pairs = zip(columns, values, strict=False)
    return schema, table, {column: each for column, each in pairs if [token.word for token in each] != ["default"]}


def _positional(scope: Scope, schema: str | None, table: str) -> list[str]:
    named = (each for (_, name), each in scope.tables.items() if name == table)
    made = scope.tables.get((schema, table)) or next(named, None)
    if made is None or not made.table.columns:
        raise Unparsed(f"an INSERT without columns into {table}, which the script does not create")
    return list(made.table.columns)


def temporary_table(statement: Parsed) -> CreateTempTable:
    """Return the step for CREATE TEMP TABLE."""
    node = statement.node
    if node.relation.relpersistence != "t" or node.oncommit not in (0, 1):
        raise Unparsed("a table that is created at every event")
    columns, problems = read_columns(statement, {})
    if problems:
        raise Unparsed(problems[0])
    return CreateTempTable(table=node.relation.relname, columns=columns)

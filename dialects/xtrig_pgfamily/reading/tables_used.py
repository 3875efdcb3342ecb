"""Which tables of a script its triggers have to do with."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.model.steps import MESSAGES
from xtrig.plugin import Imported, ReadFunction, ReadTable
from xtrig.sqltokens import Kind, tokens
from xtrig_pgfamily.bodies.blocks import significant
from xtrig_pgfamily.bodies.commands import text_at
from xtrig_pgfamily.bodies.relations import qualified

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

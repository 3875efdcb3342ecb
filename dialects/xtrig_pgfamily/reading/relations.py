"""Tables that a text names without their schema: a rendered function would look for them in pg_catalog alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from xtrig_pgfamily.reading.parser import SyntaxProblem, parse_statements
from xtrig_pgfamily.words import name


def qualified(text: str, schema_of: Callable[[str], str | None]) -> str:
    """Return a statement or an expression with the schemas that ``schema_of`` gives put before its tables."""
    for before in ("", "SELECT "):
        try:
            statements = parse_statements(before + text)
        except SyntaxProblem:
            continue
        return _written(before + text, statements[0].node, schema_of)[len(before) :] if statements else text
    return text


def _written(text: str, node: Any, schema_of: Callable[[str], str | None]) -> str:
    encoded = text.encode()
    own = {each.ctename for each in _messages(node, "CommonTableExpr")}
    tables = [each for each in _messages(node, "RangeVar") if not each.schemaname and each.relname not in own]
    for table in sorted(tables, key=lambda each: -each.location):
        schema = schema_of(table.relname)
        if schema is not None:
            place = table.location
            encoded = encoded[:place] + f"{name(schema)}.".encode() + encoded[place:]
    return encoded.decode()


def _messages(node: Any, kind: str) -> Iterator[Any]:
    """Yield every part of a parse tree of one kind."""
    if node.DESCRIPTOR.name == kind:
        yield node
    for field, value in node.ListFields():
        if field.message_type is not None:
            for each in value if field.is_repeated else [value]:
                yield from _messages(each, kind)

"""Column definitions for PolarDB."""

from __future__ import annotations

from collections.abc import Mapping

from xtrig.model import Column
from xtrig_polardb.words import name

# The vendor's sample numbers its rows with serial; identity columns are not shown.
_SERIALS = {"smallint": "smallserial", "integer": "serial", "int": "serial", "bigint": "bigserial"}


def column_list(columns: Mapping[str, Column]) -> list[str]:
    """Return column definitions, the primary key last."""
    lines = [_column(column_name, column) for column_name, column in columns.items()]
    key = [name(column_name) for column_name, column in columns.items() if column.primary_key]
    return [*lines, f"PRIMARY KEY ({', '.join(key)})"] if key else lines


def _column(column_name: str, column: Column) -> str:
    kind = _SERIALS.get(column.type.lower(), "bigserial") if column.identity else column.type
    text = f"{name(column_name)} {kind}"
    if not column.nullable and not column.primary_key:
        text += " NOT NULL"
    return text if column.default is None else f"{text} DEFAULT {column.default}"

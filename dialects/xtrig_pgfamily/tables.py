"""Column definitions of tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from xtrig.model import Column
from xtrig_pgfamily.statements import NEEDED
from xtrig_pgfamily.words import name


def identity_type(column: Column) -> str:
    """Return a column's type, numbered by the server where the column is an identity."""
    return f"{column.type} GENERATED ALWAYS AS IDENTITY" if column.identity else column.type


def column_list(
    columns: Mapping[str, Column],
    quoted: Callable[[str], str] = name,
    type_of: Callable[[Column], str] = identity_type,
) -> list[str]:
    """Return column definitions, the primary key last.

    A vendor of the family that reserves other words, or numbers rows in another way, gives its own
    ``quoted`` and ``type_of``.
    """
    lines = [_column(quoted(each), type_of(column), column) for each, column in columns.items()]
    key = [quoted(each) for each, column in columns.items() if column.primary_key]
    return [*lines, f"PRIMARY KEY ({', '.join(key)})"] if key else lines


def columns_state(columns: Mapping[str, Column]) -> Mapping[str, str]:
    """Return what the catalogs say of a table with these columns, with the types as they are written."""
    return table_state({each: (column.type, is_needed(column)) for each, column in columns.items()})


def is_needed(column: Column) -> bool:
    """Whether a column must have a value; GENERATED AS IDENTITY makes it so by itself."""
    return column.identity or column.primary_key or not column.nullable


def table_state(columns: Mapping[str, tuple[str, bool]]) -> Mapping[str, str]:
    """Return the state of a table: column to type, and whether it is NOT NULL."""
    return {f"column {each}": kind + (NEEDED if needed else "") for each, (kind, needed) in columns.items()}


def _column(called: str, kind: str, column: Column) -> str:
    text = f"{called} {kind}"
    if not column.nullable and not column.primary_key:
        text += NEEDED
    return text if column.default is None else f"{text} DEFAULT {column.default}"

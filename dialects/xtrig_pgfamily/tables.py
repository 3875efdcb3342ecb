"""Columns of a definition to columns of a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from xtrig.model import Column
from xtrig_pgfamily.objects.table import NEEDED, TableColumn
from xtrig_pgfamily.words import name

TypeOf = Callable[[Column], str]


def identity_type(column: Column) -> str:
    """Return a column's type, numbered by the server where the column is an identity."""
    return f"{column.type} GENERATED ALWAYS AS IDENTITY" if column.identity else column.type


def type_as_written(column: Column) -> str:
    """Return a column's type as the definition writes it."""
    return column.type


def table_columns(
    columns: Mapping[str, Column], type_of: TypeOf = identity_type, shown: TypeOf = type_as_written
) -> tuple[TableColumn, ...]:
    """Return the columns; ``type_of`` is how a type is declared, ``shown`` how the catalogs show it afterwards."""
    return tuple(
        TableColumn(each, shown(column), is_needed(column), _declared(column, type_of(column)))
        for each, column in columns.items()
    )


def primary_key(columns: Mapping[str, Column], quoted: Callable[[str], str] = name) -> tuple[str, ...]:
    """Return the constraint of the primary key, if there is one."""
    key = [quoted(each) for each, column in columns.items() if column.primary_key]
    return (f"PRIMARY KEY ({', '.join(key)})",) if key else ()


def column_list(
    columns: Mapping[str, Column], quoted: Callable[[str], str] = name, type_of: TypeOf = identity_type
) -> list[str]:
    """Return column definitions, the primary key last.

    A vendor of the family that reserves other words, or numbers rows in another way, gives its own
    ``quoted`` and ``type_of``.
    """
    lines = [f"{quoted(each.name)} {each.declared}" for each in table_columns(columns, type_of)]
    return [*lines, *primary_key(columns, quoted)]


def is_needed(column: Column) -> bool:
    """Whether a column must have a value; GENERATED AS IDENTITY makes it so by itself."""
    return column.identity or column.primary_key or not column.nullable


def _declared(column: Column, kind: str) -> str:
    text = kind
    if not column.nullable and not column.primary_key:
        text += NEEDED
    return text if column.default is None else f"{text} DEFAULT {column.default}"

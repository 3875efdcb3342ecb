"""Column definitions for PolarDB."""

from __future__ import annotations

from collections.abc import Mapping

from xtrig.model import Column
from xtrig_pgfamily import tables as family
from xtrig_pgfamily.objects import TableColumn
from xtrig_polardb.words import name

# The vendor's sample numbers its rows with serial; identity columns are not shown.
_SERIALS = {"smallint": "smallserial", "integer": "serial", "int": "serial", "bigint": "bigserial"}


def column_list(columns: Mapping[str, Column]) -> list[str]:
    """Return column definitions, the primary key last."""
    return family.column_list(columns, name, _type)


def primary_key(columns: Mapping[str, Column]) -> tuple[str, ...]:
    """Return the constraint of the primary key, if there is one."""
    return family.primary_key(columns, name)


def table_columns(columns: Mapping[str, Column]) -> tuple[TableColumn, ...]:
    """Return the columns; serial makes one NOT NULL, as identity does."""
    return family.table_columns(columns, _type, _shown)


def _type(column: Column) -> str:
    return _SERIALS.get(column.type.lower(), "bigserial") if column.identity else column.type


def _shown(column: Column) -> str:
    """Return the type of a column as it is shown once made: serial is no type of its own."""
    return "bigint" if column.identity and column.type.lower() not in _SERIALS else column.type

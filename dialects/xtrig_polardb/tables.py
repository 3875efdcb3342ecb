"""Column definitions for PolarDB."""

from __future__ import annotations

from collections.abc import Mapping

from xtrig.model import Column
from xtrig_pgfamily import tables as postgresql
from xtrig_polardb.words import name

# The vendor's sample numbers its rows with serial; identity columns are not shown.
_SERIALS = {"smallint": "smallserial", "integer": "serial", "int": "serial", "bigint": "bigserial"}


def column_list(columns: Mapping[str, Column]) -> list[str]:
    """Return column definitions, the primary key last."""
    return postgresql.column_list(columns, name, _type)


def columns_state(columns: Mapping[str, Column]) -> Mapping[str, str]:
    """Return what the catalogs say of a table with these columns; serial makes a column NOT NULL."""
    return postgresql.table_state(
        {
            each: (_shown(column), column.identity or column.primary_key or not column.nullable)
            for each, column in columns.items()
        }
    )


def _type(column: Column) -> str:
    return _SERIALS.get(column.type.lower(), "bigserial") if column.identity else column.type


def _shown(column: Column) -> str:
    """Return the type of a column as it is shown once made: serial is no type of its own."""
    return "bigint" if column.identity and column.type.lower() not in _SERIALS else column.type

"""Column definitions for PolarDB."""

from __future__ import annotations

from collections.abc import Mapping

from xtrig.model import Column
from xtrig_polardb.words import name
from xtrig_postgresql import tables as postgresql

# The vendor's sample numbers its rows with serial; identity columns are not shown.
_SERIALS = {"smallint": "smallserial", "integer": "serial", "int": "serial", "bigint": "bigserial"}


def column_list(columns: Mapping[str, Column]) -> list[str]:
    """Return column definitions, the primary key last."""
    return postgresql.column_list(columns, name, _type)


def _type(column: Column) -> str:
    return _SERIALS.get(column.type.lower(), "bigserial") if column.identity else column.type

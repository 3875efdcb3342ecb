"""What triggers have recorded: the rows that tables and views got since the last look."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from xtrig.dialect.trial import Row
from xtrig.plugin import ResolvedTable
from xtrig_firebird.driver import FirebirdSession
from xtrig_firebird.words import name

_OF_TABLE = "SELECT t.rdb$db_key xtrig_key, t.rdb$record_version xtrig_version, t.* FROM {} t ORDER BY 1"
# A view has no rows of its own: what it says of a session moves with the clock, so it is known by whose it is.
_OF_VIEW = "SELECT v.session_id xtrig_key, v.logon_at xtrig_version, v.* FROM {} v ORDER BY v.logon_at"


class Recorded:
    """Reads tables of a definition, and the view of its record of sessions, in a session that meets no trigger."""

    def __init__(self, session: FirebirdSession, tables: Iterable[ResolvedTable], views: Iterable[str]) -> None:
        self._session = session
        self._queries = {table.name: _OF_TABLE.format(name(table.name)) for table in tables}
        self._views = {view: _OF_VIEW.format(name(view)) for view in views}
        self._queries |= self._views
        self._known: dict[str, dict[tuple[Any, Any], Row]] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the tables and views, as the definition has them."""
        return tuple(self._queries)

    def changes(self) -> tuple[Mapping[str, tuple[Row, ...]], tuple[str, ...]]:
        """Return what is new since the last time: rows of each table that got any, and ends of sessions, in words."""
        recorded, ends = {}, []
        for table, query in self._queries.items():
            known = self._known.get(table, {})
            found = {(row["xtrig_key"], row["xtrig_version"]): row for row in self._session.rows(query)}
            self._known[table] = found
            if new := tuple(_shown(row) for key, row in found.items() if key not in known):
                recorded[table] = new
            if table in self._views and (number := len(_ended(found) - _ended(known))):
                ends.append(f"{table}: the end of {number} session{'s'[: number > 1]}")
        return recorded, tuple(ends)


def _ended(rows: Mapping[tuple[Any, Any], Row]) -> set[tuple[Any, Any]]:
    return {key for key, row in rows.items() if row["ended_by"]}


def _shown(row: Row) -> Row:
    return {column: _json(value) for column, value in row.items() if not column.startswith("xtrig_")}


def _json(value: Any) -> Any:
    """Return a value as JSON has it; a number of which a float would change a digit is text."""
    if isinstance(value, Decimal):
        return float(value) if repr(float(value)) == str(value) else str(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return value.hex() if isinstance(value, bytes) else value

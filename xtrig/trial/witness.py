"""Sees what triggers leave behind, from a session that was open before they went live."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import psycopg
from psycopg import sql

from xtrig.resolve import ResolvedTable
from xtrig.trial.report import Row
from xtrig_pgfamily.driver.address import Address
from xtrig_pgfamily.driver.errors import database_errors

GONE_SECONDS = 10.0
POLL_SECONDS = 0.02

_TEMP_TABLES = "SELECT oid::bigint, relname FROM pg_class WHERE relpersistence = 't' AND relkind = 'r'"
_MEMBERSHIPS = """
    SELECT granted.rolname, member.rolname FROM pg_auth_members AS m
    JOIN pg_roles AS granted ON granted.oid = m.roleid JOIN pg_roles AS member ON member.oid = m.member
    WHERE member.rolname = ANY(%s::text[])
"""


@dataclass(frozen=True, slots=True)
class _Seen:
    rows: Mapping[str, Mapping[str, Row]]
    """Table to the version of a row to the row."""
    memberships: frozenset[tuple[str, str]]
    temp_tables: Mapping[int, str]


class Witness:
    """Looks at tables, memberships and temporary tables; each :meth:`changes` says what is new since the last."""

    def __init__(
        self,
        owner: Address,
        tables: Iterable[ResolvedTable],
        roles: Iterable[str],
        views: Iterable[tuple[str, str]] = (),
    ) -> None:
        with database_errors("cannot watch the trial"):
            self._connection: psycopg.Connection[Any] = owner.connect()
        self._tables = {f"{table.schema}.{table.name}": table for table in tables}
        self._views = {f"{schema}.{name}": (schema, name) for schema, name in views}
        self._roles = list(roles)
        self._before = _Seen({}, frozenset(), {})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._connection.close()

    @property
    def tables(self) -> tuple[str, ...]:
        """The names of the tables looked at."""
        return (*self._tables, *self._views)

    def changes(self) -> tuple[dict[str, tuple[Row, ...]], tuple[str, ...]]:
        """Return the new rows of each table that got any, and what else has changed, in words."""
        before, now = self._before, self._look()
        self._before = now
        recorded = {}
        for table, rows in now.rows.items():
            known = before.rows.get(table, {})
            if new := tuple(row for version, row in rows.items() if version not in known):
                recorded[table] = new
        effects = [f"granted {role} to {member}" for role, member in sorted(now.memberships - before.memberships)]
        effects += [f"revoked {role} from {member}" for role, member in sorted(before.memberships - now.memberships)]
        made = (name for oid, name in now.temp_tables.items() if oid not in before.temp_tables)
        return recorded, (*effects, *(f"temporary table {name}" for name in made))

    def wait_until_gone(self, pid: int) -> None:
        """Wait, at most 10 s, until the server process of a session has ended."""
        deadline = time.monotonic() + GONE_SECONDS
        with database_errors("cannot watch the trial"):
            while time.monotonic() < deadline:
                query = "SELECT FROM pg_stat_activity WHERE pid = %s"
                if self._connection.execute(query, [pid]).fetchone() is None:
                    return
                time.sleep(POLL_SECONDS)

    def _look(self) -> _Seen:
        with database_errors("cannot read what the triggers recorded"):
            return _Seen(
                {name: self._rows(table) for name, table in self._tables.items()}
                | {name: self._rows_of_view(*view) for name, view in self._views.items()},
                frozenset(self._connection.execute(_MEMBERSHIPS, [self._roles])),
                dict(self._connection.execute(_TEMP_TABLES).fetchall()),
            )

    def _rows(self, table: ResolvedTable) -> dict[str, Row]:
        # In the order of writing: a table need not have a key, nor a time.
        query = sql.SQL("SELECT xmin || ' ' || ctid, row_to_json(t)::text FROM {} AS t ORDER BY ctid")
        found = self._connection.execute(query.format(sql.Identifier(table.schema, table.name)))
        return {version: json.loads(row, parse_float=_exact) for version, row in found}

    def _rows_of_view(self, schema: str, name: str) -> dict[str, Row]:
        # A row of a view has no version: one that is no more what it was counts as new.
        query = sql.SQL("SELECT row_to_json(t)::text FROM {} AS t ORDER BY 1").format(sql.Identifier(schema, name))
        return {row: json.loads(row, parse_float=_exact) for (row,) in self._connection.execute(query)}


def _exact(text: str) -> float | str:
    """Return a number, but as text where a float would change it, such as 1.50 or one of 20 digits."""
    number = float(text)
    return number if repr(number) == text else text

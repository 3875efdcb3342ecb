"""What triggers leave behind: rows, memberships and temporary tables, and lines in the log of the embedded server."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import psycopg
from psycopg import sql

from xtrig.dialect.trial import Row
from xtrig.plugin import ResolvedTable
from xtrig_pgfamily.driver.address import Address
from xtrig_pgfamily.driver.errors import database_errors

DATABASE = "trial"
LOG_SETTINGS = {"log_line_prefix": "[%p] %q%d "}
"""Process id, and in a session its database."""

GONE_SECONDS = 10.0
POLL_SECONDS = 0.02

_ENTRY = re.compile(r"\[\d+\] (?P<database>\S+) (?P<severity>[A-Z0-9]+): {1,2}(?P<message>.*)")
_WRITTEN_BY_TRIGGERS = ("LOG", "WARNING")
"""Errors are not among them: they reach the client, and are reported as the client's error."""

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
    ended: frozenset[tuple[str, str]] = frozenset()
    """View and session of each that has ended."""


class Witness:
    """A session, opened before the triggers are live, that reads tables, memberships and temporary tables."""

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

    def watch(self, role: str) -> None:
        """Look at the memberships of one more role."""
        if role not in self._roles:
            self._roles.append(role)

    def changes(self) -> tuple[dict[str, tuple[Row, ...]], tuple[str, ...]]:
        """Return what is new since the last call: rows of each table that got any, and other changes, in words."""
        before, now = self._before, self._look()
        self._before = now
        recorded = {}
        for table, rows in now.rows.items():
            known = before.rows.get(table, {})
            if new := tuple(row for version, row in rows.items() if version not in known):
                recorded[table] = new
        effects = [f"granted {role} to {member}" for role, member in sorted(now.memberships - before.memberships)]
        effects += [f"revoked {role} from {member}" for role, member in sorted(before.memberships - now.memberships)]
        ends = Counter(view for view, _ in now.ended - before.ended)
        effects += [f"{view}: the end of {number} session{'s'[: number > 1]}" for view, number in sorted(ends.items())]
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
            views = {name: self._rows_of_view(*view) for name, view in self._views.items()}
            return _Seen(
                {name: self._rows(table) for name, table in self._tables.items()} | views,
                frozenset(self._connection.execute(_MEMBERSHIPS, [self._roles])),
                dict(self._connection.execute(_TEMP_TABLES).fetchall()),
                frozenset((name, key) for name, rows in views.items() for key, row in rows.items() if row["ended_by"]),
            )

    def _rows(self, table: ResolvedTable) -> dict[str, Row]:
        # In the order of writing: a table need not have a key, nor a time.
        query = sql.SQL("SELECT xmin || ' ' || ctid, row_to_json(t)::text FROM {} AS t ORDER BY ctid")
        found = self._connection.execute(query.format(sql.Identifier(table.schema, table.name)))
        return {version: json.loads(row, parse_float=_exact) for version, row in found}

    def _rows_of_view(self, schema: str, name: str) -> dict[str, Row]:
        # What the view says of a session moves with the clock, so a row is known by whose session it is.
        query = sql.SQL(
            "SELECT concat_ws(' ', instance, backend_pid, logon_at), row_to_json(t)::text "
            "FROM {} AS t ORDER BY logon_at, backend_pid"
        )
        found = self._connection.execute(query.format(sql.Identifier(schema, name)))
        return {session: json.loads(row, parse_float=_exact) for session, row in found}


def _exact(text: str) -> float | str:
    """Return a number, but as text where a float would change it, such as 1.50 or one of 20 digits."""
    number = float(text)
    return number if repr(number) == text else text


class ServerLog:
    """The log from here on. The server writes a line before it answers the client."""

    def __init__(self, path: Path, database: str = DATABASE) -> None:
        self._path = path
        self._database = database
        self._offset = 0
        self.take()

    def take(self) -> tuple[str, ...]:
        """Return the messages that triggers of the database have written since the last time."""
        with self._path.open("rb") as file:
            file.seek(self._offset)
            new = file.read()
        self._offset += len(new)
        return tuple(_messages(new.decode(errors="replace"), self._database))

    def of(self, database: str) -> ServerLog:
        """Return the log of another database, from now on."""
        return ServerLog(self._path, database)


def _messages(text: str, database: str) -> list[str]:
    found: list[str] = []
    wanted = False
    for line in text.split("\n"):
        entry = _ENTRY.match(line)
        if entry:
            wanted = entry["database"] == database and entry["severity"] in _WRITTEN_BY_TRIGGERS
            if wanted:
                found.append(entry["message"])
        elif wanted and line.startswith("\t"):
            # The server begins the further lines of a message with a tab, so that no message can forge an entry.
            found[-1] += "\n" + line[1:]
        else:
            wanted = False
    return found

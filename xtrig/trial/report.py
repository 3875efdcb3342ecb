"""What a trial found out, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from xtrig.findings import Finding

Row = Mapping[str, Any]
"""One recorded row: column name to a value of JSON."""


@dataclass(frozen=True, slots=True)
class ClientError:
    """What the client was told; a refused connection has no SQLSTATE in psycopg."""

    message: str
    sqlstate: str | None


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a role did, and what came of it.

    ``recorded`` holds the new rows of each table that got any; ``effects`` says what else the triggers
    changed, in words; ``log`` has the lines that they wrote to the server's log, None where nobody can read it.
    """

    number: int
    name: str
    role: str
    sql: str | None
    error: ClientError | None
    recorded: Mapping[str, tuple[Row, ...]]
    effects: tuple[str, ...]
    log: tuple[str, ...] | None

    @property
    def is_login(self) -> bool:
        """Whether the action was to log in."""
        return self.name.startswith("log in")

    def to_dict(self) -> dict[str, Any]:
        """Return the action as JSON-able data, with its rows only counted."""
        error = self.error and {"message": self.error.message, "sqlstate": self.error.sqlstate}
        return {
            "number": self.number,
            "action": self.name,
            "role": self.role,
            "sql": self.sql,
            "outcome": "refused" if self.error else "ok",
            "error": error,
            "recorded": {table: len(rows) for table, rows in self.recorded.items()},
            "effects": list(self.effects),
            "log": None if self.log is None else list(self.log),
        }


@dataclass(frozen=True, slots=True)
class LoginTime:
    """How long a login takes: medians over ``rounds`` logins of each kind, in milliseconds."""

    role: str
    rounds: int
    with_triggers: float
    without_triggers: float

    @property
    def ratio(self) -> float:
        """How many times as long the login takes with the triggers."""
        return self.with_triggers / self.without_triggers

    def to_dict(self) -> dict[str, Any]:
        """Return the times as JSON-able data."""
        return {
            "role": self.role,
            "rounds": self.rounds,
            "with_ms": round(self.with_triggers, 3),
            "without_ms": round(self.without_triggers, 3),
            "ratio": round(self.ratio, 3),
        }


@dataclass(frozen=True, slots=True)
class Report:
    """A whole trial. ``login_time`` is a sentence where there was nothing to measure."""

    server: str
    database: str
    roles: Mapping[str, str]
    """Kind (superuser, ordinary, exempt) to name."""
    tables: tuple[str, ...]
    actions: tuple[Action, ...]
    login_time: LoginTime | str
    findings: tuple[Finding, ...] = ()
    """What was remarked on the definition."""

    def rows(self, table: str) -> list[tuple[Action, Row]]:
        """Return the rows that a table got, each with the action that it was seen after."""
        return [(action, row) for action in self.actions for row in action.recorded.get(table, ())]

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON-able data."""
        time = self.login_time
        return {
            "server": self.server,
            "database": self.database,
            "roles": dict(self.roles),
            "actions": [action.to_dict() for action in self.actions],
            "tables": {
                table: [{"action": action.number, "row": dict(row)} for action, row in self.rows(table)]
                for table in self.tables
            },
            "login_time": time.to_dict() if isinstance(time, LoginTime) else None,
            "login_time_missing": time if isinstance(time, str) else None,
            "findings": [finding.to_dict() for finding in self.findings],
        }

"""What a dialect gives so that ``xtrig try`` can run a definition on a real server, and the report of such a trial.

Import from here, not from :mod:`xtrig.plugin`: rendering needs none of it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from xtrig.dialect.login_time import LoginTime as LoginTime
from xtrig.errors import UsageError
from xtrig.facts import Event
from xtrig.findings import Finding
from xtrig.imported import Original
from xtrig.progress import Progress
from xtrig.resolve import ResolvedTable
from xtrig.script import Script

Row = Mapping[str, Any]
"""One recorded row: column name to a value of JSON."""


class Trial(ABC):
    """Starts a server of the vendor, or connects to one, to try definitions on it."""

    own_version: ClassVar[str]
    """The version of the server that it starts itself, as ``--target-version`` takes it."""

    @abstractmethod
    def server(self, url: str | None, listener: Progress) -> AbstractContextManager[TrialServer]:
        """Connect to the server of ``url``, or with None start one, which is stopped and removed at the end.

        Raises :class:`~xtrig.errors.UsageError` where there is no server to start, and
        :class:`~xtrig.errors.DatabaseError` for one that cannot be reached or will not do.
        """


class TrialServer(ABC):
    """A running server on which a script is tried."""

    version: str
    """Its version, as ``--target-version`` takes it."""

    @abstractmethod
    def run(self, script: Script, needs: Needs, rounds: int, listener: Progress) -> Report:
        """Apply the script in a database made for it, let roles log in and run DDL, and report what happened.

        ``rounds`` is how many logins of each kind are timed, 0 for none. Nothing stays on the server. A refused login
        or command is a result; trouble with the server raises :class:`~xtrig.errors.DatabaseError`.
        """

    def side_by_side(
        self,
        original: Original,
        script: Script,
        needs: Needs,
        events: Mapping[Event, Collection[str]],
        listener: Progress,
    ) -> Iterator[SideBySide]:
        """Yield what the same actions do in two databases: one with a script, one with what was imported of it.

        ``events`` are those of the triggers, each with the command tags to try; without tags every kind is tried.
        Nothing stays on the server. Raises :class:`~xtrig.errors.UsageError`, as here, for a vendor without such a
        server, and :class:`~xtrig.errors.DatabaseError`.
        """
        raise UsageError("the dialect brings no server on which a script could be compared with its import")

    def database(self, script: Script, needs: Needs) -> AbstractContextManager[TrialDatabase]:
        """Make a database with the script applied, in which a test decides who does what; drop it at the end.

        Roles that came meanwhile are dropped, too. Raises :class:`~xtrig.errors.UsageError`, as here, for a vendor
        without such a server, and :class:`~xtrig.errors.DatabaseError`.
        """
        raise UsageError("the dialect brings no server on which tests could log in; name another dialect")


@dataclass(frozen=True, slots=True)
class Observed:
    """What a database did at an action. What is never the same twice, such as a moment, has a word in its place."""

    refusal: str = ""
    """What the client was told, all of it; "": it came in, or the command was done."""
    sqlstate: str | None = None
    notices: tuple[str, ...] = ()
    """The messages to the client, each after its kind."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """The parameters of the session that are not what they were at its begin."""
    rows: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The new rows of each table, as text."""
    effects: tuple[str, ...] = ()
    """The other changes, in words."""
    why: Literal["read-only", "not found", "constraint"] | None = None
    """Why it was refused, where that is known: nothing can be written here, a name is not found, a row is forbidden."""


@dataclass(frozen=True, slots=True)
class SideBySide:
    """One action in a database with a script, and in one with what was imported of it."""

    action: str
    role: str
    original: Observed
    imported: Observed


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a login or of a command, and what the triggers did at it."""

    refusal: str
    """What the client was told; "": it came in, or the command was done."""
    sqlstate: str | None
    """Of a refused command; None where the driver gives none, as for a login."""
    rows: Mapping[str, tuple[Row, ...]]
    """The new rows of each table of the definition that got any, by the table's name, with its schema if it has one."""
    effects: tuple[str, ...]
    """The other changes that the triggers made, such as memberships, in words."""
    log: tuple[str, ...]
    """The lines that they wrote to the server's log."""


class TrialDatabase(ABC):
    """A database with a set applied."""

    @abstractmethod
    def execute(self, sql: str) -> list[Row]:
        """Execute a statement as a superuser whom no trigger meets; return its rows."""

    @abstractmethod
    def login_as(self, role: str, settings: Mapping[str, str]) -> Outcome:
        """Log in and out again, with server parameters set from the first moment.

        A role that is not there is made, with no right but to log in; one made by :meth:`execute` is used as it is.
        """

    @abstractmethod
    def run_as(self, role: str, sql: str, settings: Mapping[str, str]) -> Outcome:
        """Log in, execute a statement, and log out; what is reported is what happened at the statement.

        A login that is refused is the outcome, too. The role is as in :meth:`login_as`.
        """


@dataclass(frozen=True, slots=True)
class Needs:
    """What a definition needs around it before it can be tried in an empty database; each name once."""

    granted: tuple[str, ...]
    """Roles that steps grant or revoke."""
    exempt: tuple[str, ...]
    """Roles of ``exempt_roles``."""
    parameters: tuple[str, ...]
    """Session parameters that logon functions set."""
    routines: tuple[str, ...]
    """Routines that steps call, which an empty database does not have."""
    tables: tuple[ResolvedTable, ...]
    """Tables whose columns are known."""
    silent: tuple[str, ...]
    """Triggers that do not fire in the sessions of a trial, each with the reason."""
    recording: tuple[str, ...] = ()
    """Roles that the script itself makes, to record sessions."""
    views: tuple[tuple[str, str], ...] = ()
    """Schema and name of the views of that record."""

    @property
    def roles(self) -> tuple[str, ...]:
        """Every role that steps or policies name, each once."""
        return tuple(dict.fromkeys((*self.granted, *self.exempt)))


@dataclass(frozen=True, slots=True)
class ClientError:
    """The error that a client got. ``sqlstate`` is None where the driver gives none, as for a refused login."""

    message: str
    sqlstate: str | None


@dataclass(frozen=True, slots=True)
class Action:
    """One action of a role and its result.

    ``recorded`` holds the new rows of each table that got any; ``effects`` are the other changes that the triggers
    made, in words; ``log`` has the lines that they wrote to the server's log, None where it cannot be read.
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

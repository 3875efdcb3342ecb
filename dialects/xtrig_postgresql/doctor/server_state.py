"""The state of a server: the queries for it, their answers by name and with types, and what a check of them is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from xtrig.dialect.doctor import Answers, Problem
from xtrig.dialect.driver import Row, WayIn
from xtrig.plugin import PREFIX, Severity, Version, literal
from xtrig_pgfamily.catalog.trust import Trust
from xtrig_pgfamily.deploy.temporary import CANDIDATE, PLACEHOLDER
from xtrig_pgfamily.words import name, qualified

LOGIN_TRIGGERS = (17,)
"""The first version with login triggers, event_triggers and pg_database.dathasloginevt."""

SEEN_BY_MONITORS = frozenset(("sessions", "standbys"))
"""Queries whose columns are mostly NULL for roles without pg_read_all_stats (seen on 18.4)."""

STARTED_LOCKED_SECONDS = 2
HANGING_SECONDS = 6
"""A login that takes longer hangs; what xtrig renders is bounded at 5 s."""

SPREADING = tuple("event_triggers session_replication_role transaction_timeout default_transaction_read_only".split())
"""Settings that matter for login triggers where a role or a database has them, too."""

SETTINGS = (
    *SPREADING,
    *"""
    allow_alter_system config_file data_directory log_destination log_min_messages logging_collector max_connections
    port reserved_connections session_preload_libraries shared_preload_libraries superuser_reserved_connections
    synchronous_commit synchronous_standby_names unix_socket_directories
    """.split(),
)

HANGING = f"""
state IS NULL AND query = '' AND datname = current_database()
    AND xact_start < clock_timestamp() - interval '{HANGING_SECONDS} s'
""".strip()
"""A session inside its login trigger has begun a transaction, and has neither a state nor a query yet (17.9, 18.4)."""

_QUERIES = "server|settings|role settings|roles|triggers|databases|standbys|slots|sessions|leftovers|programs".split(
    "|"
)

_SCHEMAS = """
SELECT nspname FROM pg_event_trigger AS e JOIN pg_proc AS p ON p.oid = evtfoid
    JOIN pg_namespace AS n ON n.oid = pronamespace WHERE evtenabled <> 'D'
""".strip()


def queries(version: Version) -> Mapping[str, str]:
    """Return the queries for a version, by name; the text of each is a file."""
    has_login = version >= LOGIN_TRIGGERS
    words = {
        "settings": _literals(SETTINGS),
        "spreading": _literals(SPREADING),
        "may_set": "has_parameter_privilege(oid, 'event_triggers', 'SET')" if has_login else "false",
        "looks_for_triggers": "dathasloginevt" if has_login else "false",
        "hanging": HANGING,
        "locked_seconds": STARTED_LOCKED_SECONDS,
        "candidate": literal(CANDIDATE),
        "placeholder": literal(PLACEHOLDER),
    }
    texts = {each: files(__package__).joinpath("sql", f"{each.replace(' ', '_')}.sql") for each in _QUERIES}
    trust = Trust((), schemas_found=_SCHEMAS, version=version).query()
    return {**{each: text.read_text("utf-8").format_map(words) for each, text in texts.items()}, "trust": trust}


def _literals(words: Iterable[str]) -> str:
    return ", ".join(map(literal, words))


_NOT_OF_THE_SERVER = frozenset(("client", "session", "interactive", "global", "user", "database", "database user"))
"""pg_settings.source of values that other sessions need not have; "global" is ALTER ROLE ALL (guc.h of 18)."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """An event trigger; ``function`` is qualified, both names are quoted where SQL needs it."""

    name: str
    event: str
    state: str
    """pg_event_trigger.evtenabled: O, A, R or D."""
    owner: str
    function: str
    row: Row

    @property
    def is_ours(self) -> bool:
        """Whether xtrig made it."""
        return (self.row["comment"] or "").startswith(PREFIX)

    @property
    def is_enabled(self) -> bool:
        """Whether it fires in ordinary sessions, or in those of replication."""
        return self.state != "D"

    def setting(self, wanted: str) -> str | None:
        """Return the value that the function's SET clause gives a parameter, or None."""
        pairs = (each.partition("=") for each in self.row["settings"])
        return next((value for key, _, value in pairs if key == wanted), None)


class ServerState:
    """The answers of one server. A query without an answer has no rows: ask :meth:`missing` first."""

    def __init__(self, answers: Answers, way_in: WayIn, version: Version) -> None:
        self.answers = answers
        self.way_in = way_in
        self.has_login_triggers = version >= LOGIN_TRIGGERS
        self._identity: Row = next(iter(self.rows("server")), {})
        self._settings = {row["name"]: row for row in self.rows("settings")}

    def rows(self, query: str) -> Sequence[Row]:
        """Return the rows of a query."""
        return self.answers[query].rows

    def missing(self, query: str) -> str | None:
        """Return why a query has no answer, or None if it has one."""
        if query in SEEN_BY_MONITORS and not self._identity.get("sees_sessions"):
            return f"the role {self['acts_as']} may not look at other people's sessions"
        return self.answers[query].problem

    def __getitem__(self, column: str) -> Any:
        """Return a column of the query ``server``."""
        return self._identity.get(column)

    def setting(self, wanted: str) -> str:
        """Return a setting as this session has it, or "" if it is not known."""
        row = self._settings.get(wanted)
        return "" if row is None else str(row["value"])

    def server_setting(self, wanted: str) -> str:
        """Return a setting of the whole server, or "" if it is hidden by one of this session, or not known."""
        row = self._settings.get(wanted)
        return "" if row is None or row["source"] in _NOT_OF_THE_SERVER else str(row["value"])

    @property
    def triggers(self) -> list[Trigger]:
        """The event triggers of the database, in the order in which they fire."""
        return [
            Trigger(
                name(row["name"]),
                row["event"],
                row["state"],
                row["owner"],
                qualified(row["schema"], row["function"]),
                row,
            )
            for row in self.rows("triggers")
        ]

    @property
    def login_triggers(self) -> list[Trigger]:
        """The enabled event triggers of the event login."""
        return [trigger for trigger in self.triggers if trigger.event == "login" and trigger.is_enabled]

    @property
    def looks_for_triggers(self) -> bool:
        """Whether logins to this database look for login triggers."""
        return any(row["is_this"] and row["looks_for_triggers"] for row in self.rows("databases"))

    @property
    def standbys(self) -> list[Row]:
        """The standbys that are connected now."""
        return [row for row in self.rows("standbys") if row["database"] is None and row["state"] != "backup"]


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """One check. ``find`` yields problems made by :meth:`problem`; ``needs`` names the queries that it reads.

    It is left out where one of these queries has no answer.
    """

    name: str
    needs: tuple[str, ...]
    find: Callable[[ServerState], Iterator[Problem]]
    since_login_triggers: bool = True
    """Whether it needs a server with login triggers (PostgreSQL 17)."""

    def problem(self, severity: Severity, subject: str, message: str, remedy: str) -> Problem:
        """Return a problem with the name of this check."""
        return Problem(self.name, severity, subject, message, remedy)

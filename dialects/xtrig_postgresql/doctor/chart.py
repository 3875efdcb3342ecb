"""The answers of a server, by name and with types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from xtrig.dialect.doctor import Answers, WayIn
from xtrig.dialect.driver import Row
from xtrig.plugin import PREFIX, Version
from xtrig_pgfamily.words import name, qualified
from xtrig_postgresql.doctor.queries import LOGIN_TRIGGERS, SEEN_BY_MONITORS

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


class Chart:
    """What is known about a server. What a query did not answer is empty: ask :meth:`missing` first."""

    def __init__(self, answers: Answers, way_in: WayIn, version: Version) -> None:
        self.answers = answers
        self.way_in = way_in
        self.has_login_triggers = version >= LOGIN_TRIGGERS
        self.server: Row = next(iter(self.rows("server")), {})
        self._settings = {row["name"]: row for row in self.rows("settings")}

    def rows(self, query: str) -> Sequence[Row]:
        """Return the rows of a query."""
        return self.answers[query].rows

    def missing(self, query: str) -> str | None:
        """Return why a query's answer is not known, or None if it is."""
        if query in SEEN_BY_MONITORS and not self.server.get("sees_sessions"):
            return f"the role {self['acts_as']} may not look at other people's sessions"
        return self.answers[query].problem

    def __getitem__(self, column: str) -> Any:
        """Return what the query ``server`` says."""
        return self.server.get(column)

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
        """Those that fire at login."""
        return [trigger for trigger in self.triggers if trigger.event == "login" and trigger.is_enabled]

    @property
    def looks_for_triggers(self) -> bool:
        """Whether logins to this database look for login triggers."""
        return any(row["is_this"] and row["looks_for_triggers"] for row in self.rows("databases"))

    @property
    def standbys(self) -> list[Row]:
        """The standbys that are connected now."""
        return [row for row in self.rows("standbys") if row["database"] is None and row["state"] != "backup"]

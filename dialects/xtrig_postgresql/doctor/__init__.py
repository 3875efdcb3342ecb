"""What makes login triggers unsafe on a PostgreSQL server, and the commands for when no login works any more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from xtrig.dialect.doctor import Answers, Command, Doctor, Problem
from xtrig.dialect.driver import WayIn
from xtrig.plugin import Severity, Version
from xtrig_postgresql.doctor import connections, emergency_access, settings, triggers
from xtrig_postgresql.doctor.emergency_access import commands
from xtrig_postgresql.doctor.server_state import HealthCheck, ServerState, queries

__all__ = ["PostgreSQLDoctor"]


class PostgreSQLDoctor(Doctor):
    """Checks the catalogs, the settings and the sessions of one database and its server."""

    opening: ClassVar[tuple[str, ...]] = (
        "SET TRANSACTION READ ONLY",
        "SET LOCAL search_path = pg_catalog, pg_temp",
        "SET LOCAL statement_timeout = '10s'",
    )

    def __init__(self, version: Version) -> None:
        self._version = version

    def queries(self) -> Mapping[str, str]:
        """Return the queries for this version of PostgreSQL."""
        return queries(self._version)

    def problems(self, answers: Answers, way_in: WayIn) -> Iterator[Problem]:
        """Yield the problems that the checks find, and a note for the checks that could not run."""
        server = ServerState(answers, way_in, self._version)
        checks = [check for check in CHECKS if server.has_login_triggers or not check.since_login_triggers]
        for check in checks:
            if not any(server.missing(query) for query in check.needs):
                yield from check.find(server)
        yield from _not_looked_at(server, checks)

    def emergency_commands(self, answers: Answers, way_in: WayIn) -> Iterator[Command]:
        """Yield the commands, none for a server without login triggers."""
        yield from commands(ServerState(answers, way_in, self._version))


def _not_looked_at(server: ServerState, checks: list[HealthCheck]) -> Iterator[Problem]:
    """Yield one note for each reason, with the names of all checks that it kept from running."""
    reasons: dict[str, list[str]] = {}
    for query in server.answers:
        reason = server.missing(query)
        names = [check.name for check in checks if query in check.needs]
        if reason is not None and names:
            reasons.setdefault(reason, []).extend(names)
    for reason, unchecked in reasons.items():
        remedy = "ask as a superuser, or as a member of pg_monitor, for: " + ", ".join(dict.fromkeys(unchecked))
        yield NOT_LOOKED_AT.problem(Severity.NOTE, "not everything was looked at", reason, remedy)


NOT_LOOKED_AT = HealthCheck("not-looked-at", (), lambda server: iter(()), since_login_triggers=False)

CHECKS = (
    *emergency_access.CHECKS,
    *triggers.CHECKS,
    *connections.CHECKS,
    *settings.CHECKS,
    NOT_LOOKED_AT,
)
"""All checks, in the order in which their problems of one severity are printed; docs/doctor.md lists them."""

"""The doctor of PostgreSQL: all looks, in the order in which they are told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from xtrig.dialect.doctor import Ailment, Answers, Command, Doctor, WayIn
from xtrig.plugin import Severity, Version
from xtrig_postgresql.doctor import rescue, sessions, standbys, surroundings, switches, triggers
from xtrig_postgresql.doctor.chart import Chart
from xtrig_postgresql.doctor.glass import commands
from xtrig_postgresql.doctor.look import Look
from xtrig_postgresql.doctor.queries import queries


class PostgreSQLDoctor(Doctor):
    """Looks at the catalogs, the settings and the sessions of one database and its server."""

    opening: ClassVar[tuple[str, ...]] = (
        "SET TRANSACTION READ ONLY",
        "SET LOCAL search_path = pg_catalog, pg_temp",
        "SET LOCAL statement_timeout = '10s'",
    )

    def __init__(self, version: Version) -> None:
        self._version = version

    def queries(self) -> Mapping[str, str]:
        """Return eleven queries."""
        return queries(self._version)

    def diagnose(self, answers: Answers, way_in: WayIn) -> Iterator[Ailment]:
        """Yield what every look finds, and what could not be looked at."""
        chart = Chart(answers, way_in, self._version)
        looks = [look for look in LOOKS if chart.has_login_triggers or not look.since_login_triggers]
        for look in looks:
            if not any(chart.missing(query) for query in look.needs):
                yield from look.find(chart)
        yield from _not_looked_at(chart, looks)

    def break_glass(self, answers: Answers, way_in: WayIn) -> Iterator[Command]:
        """Yield the commands, none for a server without login triggers."""
        yield from commands(Chart(answers, way_in, self._version))


def _not_looked_at(chart: Chart, looks: list[Look]) -> Iterator[Ailment]:
    """One ailment for each reason, however many queries it left without an answer."""
    reasons: dict[str, list[str]] = {}
    for query in chart.answers:
        reason = chart.missing(query)
        blind = [look.name for look in looks if query in look.needs]
        if reason is not None and blind:
            reasons.setdefault(reason, []).extend(blind)
    for reason, names in reasons.items():
        remedy = "ask as a superuser, or as a member of pg_monitor, for: " + ", ".join(dict.fromkeys(names))
        yield NOT_LOOKED_AT.ailment(Severity.NOTE, "not everything was looked at", reason, remedy)


NOT_LOOKED_AT = Look("not-looked-at", (), lambda chart: iter(()), since_login_triggers=False)

LOOKS = (
    *rescue.LOOKS,
    *triggers.LOOKS,
    *standbys.LOOKS,
    *sessions.LOOKS,
    *switches.LOOKS,
    *surroundings.LOOKS,
    NOT_LOOKED_AT,
)
"""Everything that is looked for; docs/doctor.md lists them."""

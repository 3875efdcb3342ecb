"""XT313: to read the session statistics, a login copies the state of every session first."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.checks.bodies.reading import Reading
from xtrig.findings import Check, Finding, Severity

_VIEWS = ("pg_stat_activity", "pg_stat_ssl", "pg_stat_gssapi", "pg_stat_replication", "pg_stat_get_activity")


def find(reading: Reading) -> Iterator[Finding]:
    """Yield a finding for the first use of the statistics in a text that runs at logon."""
    for token in reading.tokens if reading.is_logon else ():
        if token.name in _VIEWS:
            message = (
                f"{token.text} at every login: it costs more than the rest of a trigger, and more the more sessions"
            )
            yield reading.finding(CHECK, token, message, "leave it out if you can; much of it is in the server log")
            return


CHECK = Check("XT313", Severity.NOTE, find)

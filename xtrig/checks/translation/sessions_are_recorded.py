"""XT224: sessions are recorded by what a dialect brings with it, and not every one does."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.dialect import Support, Translation
from xtrig.facts import Event
from xtrig.findings import Check, Finding, Severity


def find(translation: Translation) -> Iterator[Finding]:
    """Yield a finding for a set that records sessions, where nothing can."""
    if translation.triggers.sessions is None:
        return
    dialect, version = translation.dialect, translation.version
    logon = dialect.capability(Event.LOGON, version)
    if logon.support is Support.REFUSED:
        yield CHECK.finding(
            "sessions", f"{dialect.title}: {logon.reason}", logon.remedy or "leave it out", ("sessions",)
        )
    elif not dialect.records_sessions:
        message = f"dialect {dialect.name!r} has no record of sessions"
        yield CHECK.finding("sessions", message, "write triggers on logon and logoff for it", ("sessions",))


CHECK = Check("XT224", Severity.ERROR, find)

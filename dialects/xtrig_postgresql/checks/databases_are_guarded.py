"""XT221: an event trigger belongs to one database; the others of the server stay open."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.plugin import Check, Event, Finding, Severity, Translation
from xtrig_pgfamily.checks.denials import binding, denies


def find(translation: Translation) -> Iterator[Finding]:
    """Yield a finding for each logon trigger that denies."""
    for trigger in binding(translation).get(Event.LOGON, ()):
        if denies(trigger):
            message = "deny at logon: it guards the database it is created in, and no other of the server"
            remedy = "create it in each database, revoke CONNECT on the others, and waive this"
            yield CHECK.finding(trigger.subject, message, remedy, trigger.path)


CHECK = Check("XT221", Severity.NOTE, find)

"""XT217: with session_replication_role = replica a trigger that is enabled as usual does not fire."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.plugin import Check, Finding, Severity, Translation
from xtrig_pgfamily.checks.denials import binding, denies


def find(translation: Translation) -> Iterator[Finding]:
    """Yield a finding for each denying trigger in state origin."""
    for triggers in binding(translation).values():
        for trigger in triggers:
            if trigger.enable == "origin" and denies(trigger):
                message = "enable: origin: sessions with session_replication_role = replica pass its deny"
                yield CHECK.finding(trigger.subject, message, "write enable: always", trigger.path)


CHECK = Check("XT217", Severity.NOTE, find)

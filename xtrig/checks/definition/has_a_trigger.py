"""XT108: a definition without a trigger does nothing."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.findings import Check, Finding, Severity
from xtrig.model import TriggerSet


def find(triggers: TriggerSet) -> Iterator[Finding]:
    """Yield one finding for a set without triggers."""
    if not triggers.triggers and triggers.sessions is None:
        yield CHECK.finding("definition", "it has no trigger, so nothing would happen", "add one under triggers:")


CHECK = Check("XT108", Severity.ERROR, find)

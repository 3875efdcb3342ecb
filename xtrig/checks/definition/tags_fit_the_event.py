"""XT105: logging in and out are no commands, so they have no tags to filter."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.findings import Check, Finding, Severity
from xtrig.resolve import ResolvedSet


def find(triggers: ResolvedSet) -> Iterator[Finding]:
    """Yield a finding for each session trigger with tags."""
    for trigger in triggers.triggers:
        if trigger.tags and trigger.event.is_session:
            message = f"tags at {trigger.event}: sessions have no command tags"
            path = (*trigger.path, "tags")
            yield CHECK.finding(trigger.subject, message, "remove tags, or use a DDL event", path)


CHECK = Check("XT105", Severity.ERROR, find)

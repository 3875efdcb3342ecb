"""XT205: a command tag is one that the server takes and fires for.

The server rejects most of the others; LOGIN it accepts, and never fires for.
"""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.nearest import suggest
from xtrig.plugin import Check, Finding, Severity, Translation
from xtrig_pgfamily.words import SILENT_TAGS, tags


def find(translation: Translation) -> Iterator[Finding]:
    """Yield a finding for each tag of a DDL trigger that never fires; the version is that of the kernel."""
    for trigger in translation.triggers.triggers:
        legal = () if trigger.event.is_session else tags(trigger.event, translation.version)
        for tag in trigger.tags if legal else ():
            if tag in legal:
                continue
            if tag in SILENT_TAGS:
                message, remedy = f"tag {tag!r}: no event trigger sees this command", "leave it to the server log"
            else:
                message, remedy = (
                    f"tag {tag!r}: {trigger.event} never fires for it",
                    suggest(tag, legal, "its tags are"),
                )
            yield CHECK.finding(trigger.subject, message, remedy, (*trigger.path, "tags"))


CHECK = Check("XT205", Severity.ERROR, find)

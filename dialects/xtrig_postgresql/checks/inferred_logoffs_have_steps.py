"""XT207: an inferred logoff runs at somebody else's login, which a hand-written body cannot know."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.plugin import Check, Finding, Severity, Translation
from xtrig_postgresql.checks.emulated import inferred_logoffs


def find(translation: Translation) -> Iterator[Finding]:
    """Yield a finding for each inferred logoff with a body."""
    for trigger in inferred_logoffs(translation):
        if trigger.function.body:
            message = "if_unsupported: infer runs steps for a session that is gone; a hand-written body cannot know it"
            yield CHECK.finding(trigger.subject, message, "use steps, or skip", trigger.path)


CHECK = Check("XT207", Severity.ERROR, find)

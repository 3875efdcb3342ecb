"""XT215: if one trigger of an event fails, all of that event are rolled back, and the session goes on unrecorded."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.plugin import Check, Event, Finding, Severity, Translation


def find(translation: Translation) -> Iterator[Finding]:
    """Yield a finding for each session event with several triggers."""
    for event in Event:
        triggers = [
            trigger
            for trigger in translation.triggers.triggers
            if trigger.event is event and event.is_session and trigger.enable != "disabled"
        ]
        if len(triggers) > 1:
            message = (
                f"{event}: an error here loses the rows of trigger {triggers[0].name!r} too, and the other way round"
            )
            remedy = "let one trigger do all that has to be recorded together"
            yield CHECK.finding(triggers[1].subject, message, remedy, triggers[1].path)


CHECK = Check("XT215", Severity.NOTE, find)

"""Which triggers a translation infers."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.plugin import Event, ResolvedTrigger, Support, Translation


def inferred_logoffs(translation: Translation) -> Iterator[ResolvedTrigger]:
    """Yield the logoff triggers that will be inferred from logons."""
    if translation.dialect.capability(Event.LOGOFF, translation.version).support is Support.EMULATED:
        yield from (trigger for trigger in translation.triggers.triggers if trigger.event is Event.LOGOFF)

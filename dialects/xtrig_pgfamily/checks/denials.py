"""Triggers that refuse, and the steps they do it with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from xtrig.model import Deny
from xtrig.plugin import Event, Path, ResolvedFunction, ResolvedTrigger, Translation, walk


def denials(function: ResolvedFunction) -> Iterator[Path]:
    """Yield where a function's denials stand."""
    return (visit.path for visit in walk(function) if isinstance(visit.step, Deny))


def denies(trigger: ResolvedTrigger) -> bool:
    """Whether a trigger may refuse by a step."""
    return any(True for _ in denials(trigger.function))


def binding(translation: Translation) -> Mapping[Event, Sequence[ResolvedTrigger]]:
    """Return the triggers that fire, by event, in the order of the definition, where a refusal binds at all."""
    found: defaultdict[Event, list[ResolvedTrigger]] = defaultdict(list)
    for trigger in translation.triggers.triggers:
        if trigger.enable != "disabled":
            found[trigger.event].append(trigger)
    dialect, version = translation.dialect, translation.version
    return {event: each for event, each in found.items() if dialect.capability(event, version).deny_binds}


def in_order_of_names(triggers: Sequence[ResolvedTrigger]) -> list[ResolvedTrigger]:
    """Return triggers as they fire: by the bytes of their names."""
    return sorted(triggers, key=lambda trigger: trigger.name.encode())

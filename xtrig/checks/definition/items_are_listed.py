"""XT106: for_each walks over what the event lists."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.findings import Check, Finding, Severity
from xtrig.model import ForEach
from xtrig.resolve import ResolvedSet, walk


def find(triggers: ResolvedSet) -> Iterator[Finding]:
    """Yield a finding for each for_each over nothing, or inside another."""
    for function in triggers.functions:
        for visit in walk(function):
            if not isinstance(visit.step, ForEach):
                continue
            item = visit.step.item
            strange = [event for event in function.events if event is not item.event]
            if strange:
                message = f"for_each {item}: {strange[0]} does not list any"
                yield CHECK.finding(function.subject, message, f"use it at {item.event}", visit.path)
            elif visit.item is not None:
                message = "a for_each inside another"
                yield CHECK.finding(function.subject, message, "put its steps side by side", visit.path)


CHECK = Check("XT106", Severity.ERROR, find)

"""XT104: a fact is used at an event, and inside an item, that knows it."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.facts import FACTS, Event, Fact, Item
from xtrig.findings import Check, Finding, Severity
from xtrig.resolve import ResolvedFunction, ResolvedSet, Use, uses


def find(triggers: ResolvedSet) -> Iterator[Finding]:
    """Yield a finding for each fact that is not known where it stands."""
    for function in triggers.functions:
        for use in uses(function):
            for fact in use.template.facts:
                yield from _unknown(function, use, fact)


def _unknown(function: ResolvedFunction, use: Use, fact: Fact) -> Iterator[Finding]:
    info = FACTS[fact]
    strange = [event for event in function.events if event not in info.events]
    if strange:
        known = ", ".join(event for event in Event if event in info.events)
        message = f"${{{fact}}}: not known at {strange[0]}"
        yield CHECK.finding(function.subject, message, f"it is known at {known}", use.path)
    elif info.items_only and use.item is None:
        items = " or ".join(f"'for_each: {item}' ({item.event})" for item in Item)
        message = f"${{{fact}}}: known only for an item"
        yield CHECK.finding(function.subject, message, f"use it inside {items}", use.path)


CHECK = Check("XT104", Severity.ERROR, find)

"""What a step uses is known where it stands: facts at their events, items at theirs."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.facts import FACTS, Event, Fact, Item
from xtrig.findings import Finding, Path, Severity
from xtrig.model import CreateTempTable, Deny, ForEach
from xtrig.resolve import ResolvedFunction, ResolvedSet, Use, uses, walk


def facts_are_known(triggers: ResolvedSet) -> Iterator[Finding]:
    """XT104: a fact is used at an event, and inside an item, that knows it."""
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
        yield _error("XT104", function, message, f"it is known at {known}", use.path)
    elif info.items_only and use.item is None:
        items = " or ".join(f"'for_each: {item}' ({item.event})" for item in Item)
        yield _error("XT104", function, f"${{{fact}}}: known only for an item", f"use it inside {items}", use.path)


def items_are_listed(triggers: ResolvedSet) -> Iterator[Finding]:
    """XT106: for_each walks over what the event lists."""
    for function in triggers.functions:
        for visit in walk(function):
            if not isinstance(visit.step, ForEach):
                continue
            strange = [event for event in function.events if event is not visit.step.item.event]
            if strange:
                message = f"for_each {visit.step.item}: {strange[0]} does not list any"
                yield _error("XT106", function, message, f"use it at {visit.step.item.event}", visit.path)
            elif visit.item is not None:
                yield _error("XT106", function, "a for_each inside another", "put its steps side by side", visit.path)


def tags_fit_the_event(triggers: ResolvedSet) -> Iterator[Finding]:
    """XT105: logging in and out are no commands, so they have no tags to filter."""
    for trigger in triggers.triggers:
        if trigger.tags and trigger.event.is_session:
            path = (*trigger.path, "tags")
            message = f"tags at {trigger.event}: sessions have no command tags"
            yield Finding("XT105", Severity.ERROR, trigger.subject, message, "remove tags, or use a DDL event", path)


def logon_is_not_denied_its_ddl(triggers: ResolvedSet) -> Iterator[Finding]:
    """XT110: CREATE TEMP TABLE is DDL; a trigger that denies it would refuse every login."""
    deniers = [
        trigger
        for trigger in triggers.triggers
        if trigger.event in (Event.DDL_COMMAND_START, Event.DDL_COMMAND_END)
        and (not trigger.tags or "CREATE TABLE" in trigger.tags)
        and any(isinstance(visit.step, Deny) for visit in walk(trigger.function))
    ]
    for function in triggers.functions:
        if Event.LOGON not in function.events or not deniers:
            continue
        for visit in walk(function):
            if isinstance(visit.step, CreateTempTable):
                message = f"create_temp_table at logon is DDL, which trigger {deniers[0].name!r} denies"
                remedy = "restrict that trigger by tags, or keep the value with a set step"
                yield _error("XT110", function, message, remedy, visit.path)


def policies_have_an_effect(triggers: ResolvedSet) -> Iterator[Finding]:
    """XT111: timeout, standby and durability are about logging in; a DDL command has its own."""
    for function in triggers.functions:
        if any(event.is_session for event in function.events):
            continue
        for policy in ("timeout", "standby", "durability"):
            if policy in function.policies.stated:
                message = f"{policy}: it does nothing at {function.events[0]}"
                yield Finding(
                    "XT111", Severity.WARNING, function.subject, message, "remove it", (*function.path, policy)
                )


def _error(code: str, function: ResolvedFunction, message: str, remedy: str, path: Path) -> Finding:
    return Finding(code, Severity.ERROR, function.subject, message, remedy, path)

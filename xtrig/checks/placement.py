"""Facts, items and tags stand where the event knows them."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.facts import FACTS, Event, Fact, Item
from xtrig.findings import Check, Finding, Severity
from xtrig.model import ForEach
from xtrig.resolve import ResolvedFunction, ResolvedSet, Use, uses, walk


class FactOutOfPlace(Check[ResolvedSet], code="XT104"):
    """A session fact is not known at this event or outside for_each.

    A fact belongs to some events alone, or to the items of `for_each`: there is no command at logon, and no single
    object outside the list of objects. The variables behind it would be NULL, or an error at run time.

    Remedy: Use it at an event that knows it, or inside `for_each`. [Session facts](../model/facts.md) lists where each
    is known.
    Source: PostgreSQL manual, chapter Event Triggers: the functions that list commands and dropped objects raise an
    error at other events.
    """

    def find(self, triggers: ResolvedSet) -> Iterator[Finding]:
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
        yield FactOutOfPlace.finding(function.subject, message, f"it is known at {known}", use.path)
    elif info.items_only and use.item is None:
        items = " or ".join(f"'for_each: {item}' ({item.event})" for item in Item)
        message = f"${{{fact}}}: known only for an item"
        yield FactOutOfPlace.finding(function.subject, message, f"use it inside {items}", use.path)


class ItemsNotListed(Check[ResolvedSet], code="XT106"):
    """for_each over something this event does not list.

    `for_each: ddl_command` needs the event `ddl_command_end`, `for_each: dropped_object` needs `sql_drop`; and a
    `for_each` has none inside it.

    Remedy: Use it at its event, and put steps side by side.
    Source: PostgreSQL manual, Event Trigger Functions: each of the two functions may be called at one event alone.
    """

    def find(self, triggers: ResolvedSet) -> Iterator[Finding]:
        for function in triggers.functions:
            for visit in walk(function):
                if not isinstance(visit.step, ForEach):
                    continue
                item = visit.step.item
                strange = [event for event in function.events if event is not item.event]
                if strange:
                    message = f"for_each {item}: {strange[0]} does not list any"
                    yield self.finding(function.subject, message, f"use it at {item.event}", visit.path)
                elif visit.item is not None:
                    message = "a for_each inside another"
                    yield self.finding(function.subject, message, "put its steps side by side", visit.path)


class SessionTags(Check[ResolvedSet], code="XT105"):
    """A tag filter on an event that has no command tags.

    Logging on and off are no commands, so there is no tag to filter by.

    Remedy: Remove `tags`, or use a DDL event.
    Source: PostgreSQL answers `tag filtering is not supported for login event triggers` (seen on 17 and 18); PolarDB's
    grammar for logon and logoff has no such clause.
    """

    def find(self, triggers: ResolvedSet) -> Iterator[Finding]:
        for trigger in triggers.triggers:
            if trigger.tags and trigger.event.is_session:
                message = f"tags at {trigger.event}: sessions have no command tags"
                path = (*trigger.path, "tags")
                yield self.finding(trigger.subject, message, "remove tags, or use a DDL event", path)


class OwnerNotUser(Check[ResolvedSet], code="XT113", severity=Severity.WARNING):
    """A fact that is the function's owner, not the user.

    A function has its owner's rights unless it says `security: invoker`. Inside it `${current_user}` is that owner, the
    same for everybody: a table filled with it says nothing about who logged in, and a rule on it holds for all or
    none.

    Remedy: Write `${login_user}`, who logged in, whatever rights the function has.
    Source: PostgreSQL manual, System Information Functions: `current_user` is the owner inside a SECURITY DEFINER
    function. Seen on PostgreSQL 18: `tests/traps/test_sessions.py`, trap 25; the manual's own example of a login
    trigger uses `session_user`.
    """

    def find(self, triggers: ResolvedSet) -> Iterator[Finding]:
        for function in triggers.functions:
            for use in uses(function) if function.policies.security == "definer" else ():
                if Fact.CURRENT_USER in use.template.facts:
                    message = "${current_user}: under security: definer it is always the function's owner"
                    yield self.finding(function.subject, message, "write ${login_user}", use.path)

"""Refusals and the order in which triggers fire."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from xtrig.model import Deny, Insert
from xtrig.plugin import Check, Event, Finding, Path, ResolvedFunction, ResolvedTrigger, Severity, Translation, walk

_REMEDY = "deny first, and find refusals in the server log, where each leaves a line"


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


class RowsLost(Check[Translation], code="XT213", severity=Severity.WARNING):
    """A deny that takes recorded rows back.

    All triggers of one login run in one transaction, and a refusal rolls it back, together with every row that was
    recorded before. A table of logins then holds those who were let in and none of those who were refused, who matter
    most. The same holds for a command and its triggers.

    Remedy: Deny first, and find refusals in the server log: each leaves a line with the message of the `deny`; a `log`
    step before the `deny` adds facts to it. Log lines are not rolled back.
    Source: Seen on PostgreSQL 18: `tests/traps/test_sessions.py`, trap 11. PolarDB's documentation says the same of its
    own triggers.
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        for triggers in binding(translation).values():
            for function in {id(trigger.function): trigger.function for trigger in triggers}.values():
                yield from _in_function(function)
            yield from _between(in_order_of_names(triggers))


def _in_function(function: ResolvedFunction) -> Iterator[Finding]:
    recorded: list[Path] = []
    for visit in walk(function):
        if isinstance(visit.step, Insert):
            recorded.append(visit.path)
        elif isinstance(visit.step, Deny) and any(_may_both_run(before, visit.path) for before in recorded):
            message = "deny after insert: the refusal takes the row back, so none of those refused is recorded"
            yield RowsLost.finding(function.subject, message, _REMEDY, visit.path)
            return


def _may_both_run(first: Path, second: Path) -> bool:
    """Whether two steps are in one branch of every choice around them."""
    apart = next((pair for pair in zip(first, second, strict=False) if pair[0] != pair[1]), None)
    return apart != ("then", "else")


def _between(triggers: Sequence[ResolvedTrigger]) -> Iterator[Finding]:
    recorder: ResolvedTrigger | None = None
    for trigger in triggers:
        path = next(denials(trigger.function), None)
        if path is not None and recorder is not None and trigger.function is not recorder.function:
            message = (
                f"deny at {trigger.event}: it takes back the rows of trigger {recorder.name!r}, which fires before"
            )
            yield RowsLost.finding(trigger.subject, message, _REMEDY, path)
        if recorder is None and any(isinstance(visit.step, Insert) for visit in walk(trigger.function)):
            recorder = trigger


class OrderByName(Check[Translation], code="XT214", severity=Severity.NOTE):
    """Triggers that fire in another order than the definition's.

    PostgreSQL fires the triggers of one event in the order of their names, by bytes: `Z` comes before `a`. The order in
    the definition is for readers alone. Where one of them denies, those after it do not run, and which message people
    see depends on the order. This is a note: mostly the order does not matter.

    Remedy: Give them names in the order that is meant, such as `10_firewall` and `20_audit`, or let one trigger do all
    in order.
    Source: PostgreSQL manual, Overview of Event Trigger Behavior: alphabetical order by trigger name. Seen on 18:
    `tests/traps/test_sessions.py`, trap 29.
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        for event, written in binding(translation).items():
            fired = in_order_of_names(written)
            if fired == list(written) or not any(map(denies, written)):
                continue
            early, late = next(pair for pair in zip(fired, written, strict=True) if pair[0] is not pair[1])
            message = f"{event}: trigger {early.name!r} fires before it, since order is by name"
            yield self.finding(late.subject, message, "give them names in the order that is meant", late.path)


class ReplicationPasses(Check[Translation], code="XT217", severity=Severity.NOTE):
    """A deny that replication roles pass.

    In a session with `session_replication_role = replica` a trigger in state origin does not fire. Superusers can set
    that, and roles that were granted it; tools that load data in bulk do. A rule that must hold for them too has to say
    so.

    Remedy: Write `enable: always`. Then the setting is no way in any more should the trigger refuse everybody: see the
    ways in on the page of the [dialect](../dialects/index.md).
    Source: PostgreSQL manual, ALTER EVENT TRIGGER. Seen on 18: `tests/traps/test_sessions.py`, trap 26.
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        for triggers in binding(translation).values():
            for trigger in triggers:
                if trigger.enable == "origin" and denies(trigger):
                    message = "enable: origin: sessions with session_replication_role = replica pass its deny"
                    yield self.finding(trigger.subject, message, "write enable: always", trigger.path)

"""Policies that leave open what is meant, or do nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from xtrig.facts import Event
from xtrig.findings import Check, Finding, Severity
from xtrig.model import TriggerSet
from xtrig.resolve import ResolvedSet

_GUARDS = ("on_error", "standby", "durability", "exempt_roles")


class DefaultsDiffer(Check[TriggerSet], code="XT107"):
    """One function is run by events whose defaults differ.

    The default of `on_error` is allow for sessions and deny for DDL, so a function that serves both has to say which
    one it means.

    Remedy: Write `on_error: allow` or `on_error: deny` in the function.
    Source: [Policies](../model/policies.md).
    """

    def find(self, triggers: TriggerSet) -> Iterator[Finding]:
        if triggers.defaults.on_error is not None:
            return
        run: defaultdict[str | None, set[Event]] = defaultdict(set)
        for trigger in triggers.triggers.values():
            run[trigger.run].add(trigger.event)
        for name, function in triggers.functions.items():
            if function.on_error is None and len({event.is_session for event in run[name]}) > 1:
                listed = ", ".join(event for event in Event if event in run[name])
                message = f"it runs at {listed}, and an error means allow for sessions but deny for DDL"
                yield self.finding(f"function {name!r}", message, "write on_error: allow or deny", ("functions", name))


class PolicyWithoutEffect(Check[ResolvedSet], code="XT111", severity=Severity.WARNING):
    """A policy that does nothing at this event.

    `timeout`, `standby` and `durability` are about logging in; a DDL command has its own time limit, transaction and
    durability.

    Remedy: Remove the policy from the function.
    Source: [Policies](../model/policies.md).
    """

    def find(self, triggers: ResolvedSet) -> Iterator[Finding]:
        for function in triggers.functions:
            if any(event.is_session for event in function.events):
                continue
            for policy in ("timeout", "standby", "durability"):
                if policy in function.policies.stated:
                    message = f"{policy}: it does nothing at {function.events[0]}"
                    yield self.finding(function.subject, message, "remove it", (*function.path, policy))


class PolicyBesideBody(Check[ResolvedSet], code="XT117", severity=Severity.WARNING):
    """A policy that a hand-written body ignores.

    The guards of a function stand around its steps. A `body` is put into the function byte for byte, and xtrig cannot
    know where in it a guard would have to be. So the policies `on_error`, `standby`, `durability` and `exempt_roles` do
    nothing beside a body, although they read as if they did. (`security`, `lock_timeout` and `timeout` are clauses of
    the function and do hold.)

    Remedy: Write the guard into the body and remove the policy; or write the function as steps.
    Source: The rendered text: see the model's page on policies.
    """

    def find(self, triggers: ResolvedSet) -> Iterator[Finding]:
        for function in triggers.functions:
            if not function.body:
                continue
            for policy in _GUARDS:
                if policy in function.policies.stated:
                    message = f"{policy} beside body: the body is used as it is, without this guard"
                    remedy = "write the guard into the body and remove the policy, or use steps"
                    yield self.finding(function.subject, message, remedy, (*function.path, policy))

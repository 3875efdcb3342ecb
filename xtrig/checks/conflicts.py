"""Steps and policies that prevent one another, leave open what is meant, or do nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from xtrig.facts import Event
from xtrig.findings import Check, Finding, Severity
from xtrig.model import CreateTempTable, Deny, TriggerSet
from xtrig.resolve import ResolvedSet, ResolvedTrigger, walk

_EVENTS = (Event.DDL_COMMAND_START, Event.DDL_COMMAND_END)


class LogonDenied(Check[ResolvedSet], code="XT110", waivable=True):
    """A DDL trigger of the set denies what a logon function of the set does.

    `CREATE TEMPORARY TABLE` is a DDL command and fires DDL triggers, also at login. With both in one set, the DDL
    trigger would refuse every login.

    Remedy: Restrict the DDL trigger by `tags`, or keep the value with a `set` step. Where the two never meet, since the
    condition of the `deny` leaves out what a login does, waive the finding and say so.
    Source: Seen on PostgreSQL 18: `tests/traps/test_lockouts.py`; PostgreSQL manual, Event Trigger Firing Matrix.
    """

    def find(self, triggers: ResolvedSet) -> Iterator[Finding]:
        denier = next((trigger for trigger in triggers.triggers if _denies_tables(trigger)), None)
        if denier is None:
            return
        for function in triggers.functions:
            if Event.LOGON not in function.events:
                continue
            for visit in walk(function):
                if isinstance(visit.step, CreateTempTable):
                    message = f"create_temp_table at logon is DDL, which trigger {denier.name!r} denies"
                    remedy = "restrict that trigger by tags, or keep the value with a set step"
                    yield self.finding(function.subject, message, remedy, visit.path)


def _denies_tables(trigger: ResolvedTrigger) -> bool:
    return (
        trigger.event in _EVENTS
        and (not trigger.tags or "CREATE TABLE" in trigger.tags)
        and any(isinstance(visit.step, Deny) for visit in walk(trigger.function))
    )


class FiresItself(Check[ResolvedSet], code="XT115"):
    """A DDL trigger that fires itself.

    `CREATE TEMPORARY TABLE` is a DDL command. In a function that runs at `ddl_command_start` or `ddl_command_end` it
    fires the same trigger, which creates the table, which fires the trigger. Every DDL command then fails with `stack
    depth limit exceeded` (SQLSTATE 54001).

    Remedy: Create the table at logon, or give the trigger `tags` without CREATE TABLE.
    Source: Seen on 18.
    """

    def find(self, triggers: ResolvedSet) -> Iterator[Finding]:
        for trigger in triggers.triggers:
            if trigger.event not in _EVENTS or (trigger.tags and "CREATE TABLE" not in trigger.tags):
                continue
            for visit in walk(trigger.function):
                if isinstance(visit.step, CreateTempTable):
                    message = f"create_temp_table at {trigger.event} fires the trigger itself, without end"
                    remedy = "create the table at logon, or leave CREATE TABLE out of the trigger's tags"
                    yield self.finding(trigger.subject, message, remedy, visit.path)


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

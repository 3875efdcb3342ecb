"""Steps that prevent what another step of the set is for."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.facts import Event
from xtrig.findings import Check, Finding
from xtrig.model import CreateTempTable, Deny
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

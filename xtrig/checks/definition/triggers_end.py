"""XT115: CREATE TEMP TABLE is a DDL command, so it fires the DDL trigger it stands in, again and again."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.facts import Event
from xtrig.findings import Check, Finding, Severity
from xtrig.model import CreateTempTable
from xtrig.resolve import ResolvedSet, walk

_EVENTS = (Event.DDL_COMMAND_START, Event.DDL_COMMAND_END)


def find(triggers: ResolvedSet) -> Iterator[Finding]:
    """Yield a finding for each temporary table of a trigger that CREATE TABLE fires."""
    for trigger in triggers.triggers:
        if trigger.event not in _EVENTS or (trigger.tags and "CREATE TABLE" not in trigger.tags):
            continue
        for visit in walk(trigger.function):
            if isinstance(visit.step, CreateTempTable):
                message = f"create_temp_table at {trigger.event} fires the trigger itself, without end"
                remedy = "create the table at logon, or leave CREATE TABLE out of the trigger's tags"
                yield CHECK.finding(trigger.subject, message, remedy, visit.path)


CHECK = Check("XT115", Severity.ERROR, find)

"""XT110: CREATE TEMP TABLE is DDL; a trigger that denies it would refuse every login."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.facts import Event
from xtrig.findings import Check, Finding, Severity
from xtrig.model import CreateTempTable, Deny
from xtrig.resolve import ResolvedSet, ResolvedTrigger, walk


def find(triggers: ResolvedSet) -> Iterator[Finding]:
    """Yield a finding for each temporary table of a logon function that a DDL trigger of the set denies."""
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
                yield CHECK.finding(function.subject, message, remedy, visit.path)


def _denies_tables(trigger: ResolvedTrigger) -> bool:
    return (
        trigger.event in (Event.DDL_COMMAND_START, Event.DDL_COMMAND_END)
        and (not trigger.tags or "CREATE TABLE" in trigger.tags)
        and any(isinstance(visit.step, Deny) for visit in walk(trigger.function))
    )


CHECK = Check("XT110", Severity.ERROR, find, waivable=True)

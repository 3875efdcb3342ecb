"""XT220: event triggers do not fire for what concerns the whole server, nor for TRUNCATE: any DDL is not every DDL."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.plugin import Check, Event, Finding, Severity, Translation

_ANY_COMMAND = (Event.DDL_COMMAND_START, Event.DDL_COMMAND_END)


def find(translation: Translation) -> Iterator[Finding]:
    """Yield a finding for each trigger that waits for any command."""
    for trigger in translation.triggers.triggers:
        if trigger.event in _ANY_COMMAND and not trigger.tags:
            message = f"{trigger.event} without tags: it does not fire for roles, databases, tablespaces or TRUNCATE"
            remedy = "name the commands that matter with tags; the others are in the server log with log_statement=ddl"
            yield CHECK.finding(trigger.subject, message, remedy, trigger.path)


CHECK = Check("XT220", Severity.NOTE, find)

"""XT212: login triggers in state replica alone set pg_database.dathasloginevt for good.

While it is set and no trigger fires, a hot standby refuses every login. Seen on 17.9 and 18.4.
"""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.plugin import Check, Finding, Severity, Translation


def find(translation: Translation) -> Iterator[Finding]:
    """Yield a finding where no login trigger fires in ordinary sessions, but one is there."""
    triggers = translation.triggers.triggers
    logon = [trigger for trigger in triggers if trigger.event.is_session and trigger.enable != "disabled"]
    if logon and all(trigger.enable == "replica" for trigger in logon):
        message = "enable: replica: with no other login trigger, hot standbys refuse every login to this database"
        remedy = "add a logon trigger that is enabled, or enable this one"
        yield CHECK.finding(logon[0].subject, message, remedy, (*logon[0].path, "enable"))


CHECK = Check("XT212", Severity.WARNING, find)

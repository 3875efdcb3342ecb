"""Logon triggers and hot standbys."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.plugin import Check, Event, Finding, Severity, Translation, walk
from xtrig_pgfamily.checks.refusals import binding


class StandbyShut(Check[Translation], code="XT212", severity=Severity.WARNING):
    """A firing state that shuts hot standbys.

    A login trigger marks its database for good (`pg_database.dathasloginevt`), and while no enabled trigger of it
    fires, a hot standby refuses every login to the database.

    Remedy: Add a logon trigger that is enabled, or enable this one.
    Source: Seen on 17.9 and 18.4: `tests/server/test_standby.py`.
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        triggers = translation.triggers.triggers
        logon = [trigger for trigger in triggers if trigger.event.is_session and trigger.enable != "disabled"]
        if logon and all(trigger.enable == "replica" for trigger in logon):
            message = "enable: replica: with no other login trigger, hot standbys refuse every login to this database"
            remedy = "add a logon trigger that is enabled, or enable this one"
            yield self.finding(logon[0].subject, message, remedy, (*logon[0].path, "enable"))


class StandbyWrites(Check[Translation], code="XT222", severity=Severity.WARNING):
    """A logon that fails on every standby.

    Login triggers fire on a hot standby as well, and what writes fails there. With `standby: run` the step is tried all
    the same, and with `on_error: deny` its error refuses the login: the standby is shut to everybody.

    Remedy: Write `standby: skip`, the default: on a standby a line in the server log takes the place of what would be
    written.
    Source: PostgreSQL manual, Event Trigger on Database Login, warns of this. Seen on 18:
    `tests/server/test_standby.py`.
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        triggers = binding(translation).get(Event.LOGON, ())
        for function in {id(trigger.function): trigger.function for trigger in triggers}.values():
            policies = function.policies
            if policies.standby != "run" or policies.on_error != "deny":
                continue
            if any(visit.step.writes for visit in walk(function)):
                message = "standby: run with on_error: deny: a step writes, so a hot standby refuses every login"
                yield self.finding(function.subject, message, "write standby: skip", (*function.path, "standby"))

"""What triggers of PolarDB do otherwise than one may think."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.model import Deny
from xtrig.plugin import Check, Event, Finding, Severity, Translation, walk
from xtrig_polardb.system_trigger import system_triggers


class FailuresSpread(Check[Translation], code="XT215", severity=Severity.NOTE):
    """Triggers that lose their rows by each other's errors.

    On PolarDB, if one trigger of an event fails, all triggers of that event are ended and their transaction is rolled
    back; the session goes on. So one bad trigger also loses the rows of the good ones, and somebody is in who is
    recorded nowhere.

    Remedy: Let one trigger do all that has to be recorded together, and give it little that can fail.
    Source: PolarDB documentation, Logon and logoff triggers, on several triggers of one event. Not seen on a server.
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        for event in Event:
            triggers = [
                trigger
                for trigger in translation.triggers.triggers
                if trigger.event is event and event.is_session and trigger.enable != "disabled"
            ]
            if len(triggers) > 1:
                other = triggers[0].name
                message = f"{event}: an error here loses the rows of trigger {other!r} too, and the other way round"
                remedy = "let one trigger do all that has to be recorded together"
                yield self.finding(triggers[1].subject, message, remedy, triggers[1].path)


class TerminationNotDocumented(Check[Translation], code="XT223", severity=Severity.WARNING):
    """A deny that ends the session, which no page of the vendor's shows.

    PolarDB only logs an error of a logon trigger, so a `deny` there protects nothing and is refused
    ([XT203](XT203.md)). With `enforce: terminate` the function ends its own server process instead. That this works
    while the session is logging in follows from the PostgreSQL kernel, but no page of the vendor's shows it, and no
    server was at hand to see it.

    Remedy: Try it on a server of yours: log in as a role that is denied, and as one that is not. Waive the finding with
    the date of that trial as its reason.
    Source: None. PolarDB's documentation does not mention it; PostgreSQL's manual has `pg_terminate_backend`.
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        for function in translation.triggers.functions:
            if function.events != (Event.LOGON,):
                continue
            for visit in walk(function):
                if isinstance(visit.step, Deny) and visit.step.enforce == "terminate":
                    message = (
                        "enforce: terminate: that pg_terminate_backend ends the session that is logging in is not "
                        "documented; its message is not shown, and the rows of this event's triggers are lost"
                    )
                    yield self.finding(
                        function.subject, message, "try it on your server before you rely on it", visit.path
                    )


class SystemTriggerFiresLess(Check[Translation], code="XT211", severity=Severity.WARNING):
    """The same words fire at other times on this dialect.

    The vendor's nearest event covers fewer commands: Oracle-style system triggers fire for CREATE, ALTER and DROP.

    Remedy: Target 2.0.14.0.0.0, or name the commands with `tags`: then an event trigger is rendered.
    Source: PolarDB for PostgreSQL (compatible with Oracle) documentation, System triggers.
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        for trigger in system_triggers(translation.triggers, translation.version):
            message = (
                f"{trigger.event} becomes a system trigger: it does not fire for GRANT, REVOKE, COMMENT and other "
                "commands than CREATE, ALTER and DROP, and what an error in it does is not documented"
            )
            yield self.finding(trigger.subject, message, "target 2.0.14.0.0.0 for an event trigger", trigger.path)

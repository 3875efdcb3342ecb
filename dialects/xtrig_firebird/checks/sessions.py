"""What ``sessions:`` is on Firebird otherwise than on other vendors."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.plugin import Check, Finding, NameTooLong, PolicyNotExpressible, Severity, Translation
from xtrig_firebird.session_record import NAMES, Record
from xtrig_firebird.words import folded

_UNUSED = ("look_every", "partition", "ahead", "owner", "writer")


class SessionsNotMaintained(Check[Translation], of=PolicyNotExpressible, severity=Severity.NOTE):
    """Of a record of sessions Firebird has rows, views and retention, and not what its logoff event makes needless.

    No login looks for sessions that have ended, rows are deleted and not dropped by partition, and who deploys owns
    what it made.
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        sessions = translation.triggers.sessions
        if sessions is None:
            return
        stated = [each for each in _UNUSED if each in sessions.model_fields_set]
        stated += ["logoff: server log"] if sessions.logoff == "server log" else []
        stated += ["durability: relaxed"] if sessions.durability == "relaxed" else []
        if stated:
            verb = "has" if len(stated) == 1 else "have"
            message = (
                f"{', '.join(stated)} {verb} no effect on Firebird: DISCONNECT is an event, rows are deleted one by "
                "one, and whether a commit waits for the disk is a property of the database"
            )
            yield self.finding("sessions", message, "leave out what is meant for PostgreSQL alone", ("sessions",))


class NameOfTheRecord(Check[Translation], of=NameTooLong):
    """A name that the record of sessions has for itself, or that is too long with what it puts behind it."""

    def find(self, translation: Translation) -> Iterator[Finding]:
        triggers, dialect = translation.triggers, translation.dialect
        record = Record.of(triggers, translation.version)
        if record is None:
            return
        relations = {folded(each) for each in NAMES}
        for table in triggers.tables.values():
            if folded(table.name) in relations:
                message = f"the record of sessions has a table or view {table.name!r}"
                yield self.finding(f"table {table.name!r}", message, "rename it", table.path)
        longest = dialect.longest_name(translation.version)
        for name in record.triggers.values():
            if not longest.keeps(name):
                message = (
                    f"its trigger is called {name!r}, which has {longest.size(name)} {longest.unit}, and "
                    f"{translation.target} keeps {longest.length}"
                )
                yield self.finding("sessions", message, "give the set a shorter name", ("sessions",))
            for trigger in triggers.triggers:
                if folded(trigger.name) == folded(name):
                    message = f"the record of sessions has a trigger {name!r}"
                    yield self.finding(trigger.subject, message, "rename it", trigger.path)

"""Names that ``sessions:`` makes on Firebird."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.plugin import Check, Finding, NameTooLong, Translation
from xtrig_firebird.session_record import NAMES, Record
from xtrig_firebird.words import folded


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

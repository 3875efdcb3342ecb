"""A definition as objects of AcmeDB: tables, and triggers with their bodies in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from xtrig.plugin import Dialect, Fact, Lines, ResolvedSet, ResolvedTable, ResolvedTrigger, Version, layout
from xtrig_acmedb.objects import AUTONUMBER, AcmeObject, MarkTable, Table, Trigger
from xtrig_acmedb.steps import StepWriter
from xtrig_acmedb.words import text

_MILLISECONDS = {"ms": 1, "s": 1000, "min": 60_000}


@dataclass(frozen=True)
class Compilation:
    """A definition that passed every check; the triggers that AcmeDB has no event for are not in it any more."""

    triggers: ResolvedSet
    dialect: Dialect
    version: Version

    def objects(self) -> Iterator[AcmeObject]:
        """Yield the objects in the order in which they can be made."""
        yield MarkTable(path=("XTRIG_MARKS",))
        for table in self.triggers.tables.values():
            if table.table.create:
                yield self._table(table).marked(self.triggers.name)
        for trigger in self.triggers.triggers:
            yield self._trigger(trigger).marked(self.triggers.name)

    def _table(self, table: ResolvedTable) -> Table:
        columns = []
        for name, column in table.table.columns.items():
            type_ = AUTONUMBER if column.identity else self.dialect.column_type(column.type)
            assert type_ is not None, "xtrig refuses a definition with other types"
            columns.append((name, type_, not column.nullable, column.default, column.primary_key))
        return Table.of(table.name, columns)

    def _trigger(self, trigger: ResolvedTrigger) -> Trigger:
        policies = trigger.function.policies
        options = [f"LOCK_TIMEOUT = {_milliseconds(policies.lock_timeout)}"] if policies.lock_timeout else []
        options += [f"TIMEOUT = {_milliseconds(policies.timeout)}"] if policies.timeout else []
        options += [f"ON_ERROR = {'CONTINUE' if policies.on_error == 'allow' else 'REFUSE'}"]
        event = self.dialect.capability(trigger.event, self.version).spelling
        body = trigger.function.body.get("acmedb")
        # A hand-written body is used as it is; the script ends every statement itself.
        written = body.rstrip().removesuffix(";") if body else self._body(trigger)
        return Trigger(path=(trigger.name,), event=event, options=", ".join(options), body=written)

    def _body(self, trigger: ResolvedTrigger) -> str:
        writer = StepWriter(self.triggers, trigger.event)
        exempt = ", ".join(text(user) for user in trigger.function.policies.exempt_roles)
        guards: Lines = []
        if exempt:
            guards = [
                "-- exempt_roles: nothing is done for these users.",
                f"IF {writer.fact(Fact.LOGIN_USER)} IN ({exempt}) THEN RETURN; END IF;",
            ]
        return layout(["BEGIN", [*guards, *writer.write(trigger.function.steps)], "END"])


def _milliseconds(duration: str) -> int:
    number = duration.rstrip("mins")
    return int(number) * _MILLISECONDS[duration.removeprefix(number)]

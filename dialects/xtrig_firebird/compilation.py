"""A definition as objects of Firebird, and those as one script."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Hashable, Iterator
from dataclasses import dataclass, replace

from xtrig.model import Call, Column
from xtrig.plugin import (
    Dialect,
    Event,
    Framing,
    Hazard,
    Lines,
    ObjectKind,
    ResolvedSet,
    ResolvedTable,
    ResolvedTrigger,
    Script,
    Statement,
    Version,
    walk,
)
from xtrig_firebird.body import rehearsal, written
from xtrig_firebird.column_types import on
from xtrig_firebird.events import clause
from xtrig_firebird.expressions import writer
from xtrig_firebird.objects import Denial, FirebirdObject, Trigger, execute_block, taken
from xtrig_firebird.relations import Table, TableColumn
from xtrig_firebird.session_record import Record
from xtrig_firebird.steps import DENIED, denies, routine
from xtrig_firebird.words import folded, name, text

FRAMING = Framing(
    terminator="^",
    before="SET BAIL ON;\nSET AUTODDL OFF;\nSET TERM ^ ;",
    after="COMMIT^",
    between="COMMIT^",
)
"""For isql."""
_REMARKS = (
    "Run it with isql -charset UTF8 -input FILE DATABASE; another client leaves out the SET lines, and commits itself.",
    "Sessions that are open keep the triggers they began with.",
)
_HAZARDS = {Event.LOGON: (Hazard.REFUSES_LOGINS,), Event.LOGOFF: ()}
_ORDER = (Event.DDL_COMMAND_START, Event.DDL_COMMAND_END, Event.SQL_DROP, Event.LOGOFF, Event.LOGON)


@dataclass(frozen=True)
class Compilation:
    """A definition that passed every check; the triggers that Firebird has no event for are not in it any more."""

    triggers: ResolvedSet
    dialect: Dialect
    version: Version

    def script(self) -> Script:
        """Return what has to be looked at first, and every object in its order."""
        target = ".".join(map(str, self.version))
        title = f"Rendered by xtrig for {self.dialect.title} {target}: change the definition, not this text"
        objects = list(self.objects())
        first = next((one for one in objects if isinstance(one, Trigger)), None)
        statements = list(self.preflight(objects))
        for one in objects:
            made, *rest = one.printed()
            # New tables have to be committed before a trigger names them: it is live before its own commit, and a
            # login in between would be refused. Seen on 3.0, 4.0 and 5.0.
            statements += [replace(made, after_commit=one is first), *rest]
        return Script(self.dialect.name, target, title, tuple(statements), FRAMING, remarks=_REMARKS)

    def objects(self) -> Iterator[FirebirdObject]:
        """Yield the objects in the order in which they can be made; what fires at login is last."""
        if any(denies(step) for trigger in self.triggers.triggers for step in trigger.function.steps):
            yield Denial(path=(DENIED,))
        record = self.record
        if record is not None:
            yield record.role()
        for table in self.triggers.tables.values():
            if table.table.create:
                yield self._table(table).marked(self.triggers.name)
        if record is not None:
            yield from record.objects()
        fired: Counter[Event] = Counter(() if record is None else [*record.triggers])
        triggers = [(trigger, self._trigger(trigger, fired)) for trigger in self.triggers.triggers]
        for event in _ORDER:
            if record is not None and event in record.triggers:
                yield record.trigger(event)
            yield from (made.marked(self.triggers.name) for trigger, made in triggers if trigger.event is event)

    @property
    def record(self) -> Record | None:
        """The record of sessions; None for a set that asks for none."""
        return Record.of(self.triggers, self.version)

    def rehearsals(self, keys: Container[Hashable]) -> Iterator[Statement]:
        """Yield what does once what triggers at logon and logoff do, of those with such a key.

        The facts of a DDL trigger are known inside of one alone.
        """
        record = self.record
        if record is not None:
            recording = ((event, folded(each)) for event, each in record.triggers.items())
            yield from (record.rehearsal(event) for event, each in recording if (ObjectKind.TRIGGER, each) in keys)
        for trigger in self.triggers.triggers:
            made = (ObjectKind.TRIGGER, folded(trigger.name))
            if trigger.event.is_session and not trigger.function.body and made in keys:
                sql = rehearsal(self.triggers, trigger, self.dialect, self.version)
                yield Statement(sql, f"What {trigger.name} does")

    def preflight(self, objects: list[FirebirdObject]) -> Iterator[Statement]:
        """Yield the block that stops before any change if a name is somebody else's, or something is missing."""
        queries = [*taken(objects, self.triggers.name), *self._missing()]
        if not queries:
            return
        lines: Lines = [
            line for number, query in enumerate(queries) for line in ("UNION ALL" * bool(number), *query) if line
        ]
        # An error with a text of ours, without an object of ours. A CAST to a number shows 52 characters at most.
        stop = "stopped = CAST('xtrig: ' || problem AS BOOLEAN);"
        block = execute_block(
            ["FOR", [*lines, "INTO problem"], "DO", [stop]],
            ["DECLARE problem VARCHAR(300);", "DECLARE stopped BOOLEAN;"],
        )
        yield Statement(block, "Preflight: stop here, before any change, if something is missing or someone else's")

    def _missing(self) -> Iterator[Lines]:
        for table in self.triggers.tables.values():
            if not table.table.create:
                stored = folded(table.name)
                yield [
                    f"SELECT {text(f'table {stored} is missing')} FROM rdb$database",
                    f"WHERE NOT EXISTS(SELECT 1 FROM rdb$relations WHERE rdb$relation_name = {text(stored)})",
                ]

    def _table(self, table: ResolvedTable) -> Table:
        columns = table.table.columns
        return Table(
            path=(table.name,),
            columns=tuple(self._column(*each) for each in columns.items()),
            key_columns=tuple(each for each, column in columns.items() if column.primary_key),
            grants=(f"SELECT ON {name(table.name)} TO {self.record.reader}",) if self.record is not None else (),
        )

    def _column(self, word: str, column: Column) -> TableColumn:
        found = self.dialect.column_type(column.type)
        assert found is not None, "xtrig refuses a definition with other types"  # noqa: S101
        rest = " GENERATED BY DEFAULT AS IDENTITY" if column.identity else ""
        if column.default is not None:
            rest += f" DEFAULT {writer(column.default, self.triggers, str, self.version).expression(column.type)}"
        rest += "" if column.nullable and not column.primary_key else " NOT NULL"
        return TableColumn(name=word, type=on(self.version, found), rest=rest)

    def _trigger(self, trigger: ResolvedTrigger, fired: Counter[Event]) -> Trigger:
        position = fired[trigger.event]
        fired[trigger.event] += 1
        return Trigger(
            path=(trigger.name,),
            clause=clause(trigger),
            position=position,
            enabled=trigger.enable != "disabled",
            body=written(self.triggers, trigger, self.dialect, self.version),
            grants=tuple(dict.fromkeys(self._grants(trigger))),
            hazards=_HAZARDS.get(trigger.event, (Hazard.REFUSES_DDL,)),
        )

    def _grants(self, trigger: ResolvedTrigger) -> Iterator[str]:
        for visit in walk(trigger.function):
            if isinstance(visit.step, Call):
                called = routine(visit.step, self.triggers.schema)
                kind = "PACKAGE" if "." in called else visit.step.kind.upper()
                yield f"{kind} {called.partition('.')[0]}"

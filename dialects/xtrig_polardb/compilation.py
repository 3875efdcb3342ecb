"""A resolved set to the objects that make it up, and those to a PolarDB script.

There is no transaction around the script: the vendor's pages show none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from xtrig.plugin import (
    DDL_EVENTS,
    Dialect,
    Event,
    Mark,
    ResolvedFunction,
    ResolvedSet,
    ResolvedTrigger,
    Script,
    Statement,
    Version,
)
from xtrig_pgfamily.objects import CatalogObject
from xtrig_pgfamily.objects.schema import BUILT_IN
from xtrig_pgfamily.objects.table import primary_key
from xtrig_pgfamily.plpgsql.function import create_function
from xtrig_pgfamily.plpgsql.scope import Scope
from xtrig_polardb.objects import EventTrigger, Function, Schema, SystemTrigger, Table, table_columns
from xtrig_polardb.plsql_writer import plsql_function
from xtrig_polardb.spellings import PLPGSQL, PLSQL, SESSION, Spellings
from xtrig_polardb.system_trigger import create_system_trigger
from xtrig_polardb.words import name
from xtrig_polardb.wrapper import helper, is_plsql, is_wrapped, rehearsal, wrapper

if TYPE_CHECKING:
    from xtrig_polardb.session_record import Record

_NATIVE_DDL: Mapping[str, Event] = {str(event): event for event in DDL_EVENTS}


@dataclass(frozen=True, slots=True)
class Flavour:
    """What tells the two editions apart, besides their capabilities."""

    execute: str
    """EXECUTE FUNCTION or EXECUTE PROCEDURE, as the edition's page shows."""
    native_events: Mapping[str, Event]
    event_expression: str
    authid: Mapping[str, str]
    """Policy security to the invoker-rights clause of a function."""


@dataclass(frozen=True, slots=True)
class Compilation:
    """One set for one version of an edition."""

    dialect: Dialect
    flavour: Flavour
    triggers: ResolvedSet
    version: Version
    kernel: Version
    system: tuple[ResolvedTrigger, ...] = ()
    """Triggers that become Oracle-style system triggers, which hold their body themselves."""

    @property
    def target(self) -> str:
        """The version as ``--target-version`` takes it."""
        return ".".join(map(str, self.version))

    def script(self) -> Script:
        """Return the script: triggers on DDL are dropped first, or they would fire on what follows."""
        title = f"Rendered by xtrig for {self.dialect.title} {self.target}: change the definition, not this text"
        made = (*self._dropped_first(), *(statement for each in self.objects() for statement in each.printed()))
        return Script(
            self.dialect.name, self.target, title, tuple(map(_committed_at_once, made)), remarks=self._remarks(made)
        )

    def objects(self) -> Iterator[CatalogObject]:
        """Yield every object, in the order in which they can be made."""
        record = self.record
        if record is not None:
            yield record.role()
        yield from self._schemas()
        yield from self._tables()
        yield from self._functions()
        if record is not None:
            yield record.log()
            yield record.maintenance()
            yield from record.views()
        yield from self._system_triggers()
        yield from self._event_triggers()

    @property
    def record(self) -> Record | None:
        """The session record of the set; None without ``sessions``."""
        if self.triggers.sessions is None:
            return None
        from xtrig_polardb.session_record import Record  # noqa: PLC0415  # most sets do without

        return Record(self.triggers, self.triggers.sessions)

    @property
    def event_triggers(self) -> list[ResolvedTrigger]:
        """The triggers that become event triggers."""
        return [trigger for trigger in self.triggers.triggers if trigger not in self.system]

    def _remarks(self, made: Sequence[Statement]) -> tuple[str, ...]:
        if not any(in_plsql(statement.sql) for statement in made):
            return ()
        return (
            "PL/SQL holds semicolons: send each statement whole, with a client that does not cut it there.",
            "PostgreSQL's psql would cut a function in pieces and run its END as a COMMIT.",
        )

    def _run_functions(self) -> list[ResolvedFunction]:
        return list({id(trigger.function): trigger.function for trigger in self.event_triggers}.values())

    def _dropped_first(self) -> Iterator[Statement]:
        for each in self._event_triggers():
            if not each.is_session:
                yield each.dropped(f"Trigger {each.path[0]} rests while its function is replaced")

    def _schemas(self) -> Iterator[Schema]:
        found = [table.schema for table in self.triggers.tables.values()]
        found += [function.schema for function in self._run_functions()]
        for schema in dict.fromkeys(found):
            if schema not in BUILT_IN:
                yield Schema(path=(schema,), mark=Mark("", self.triggers.name))

    def _tables(self) -> Iterator[Table]:
        for table in self.triggers.tables.values():
            if table.table.create:
                made = Table(
                    path=(table.schema, table.name),
                    columns=table_columns(table.table.columns),
                    constraints=primary_key(table.table.columns, name),
                    is_defined=True,
                )
                yield replace(made, purpose=f"Table {made.name}").marked(self.triggers.name)

    def _functions(self) -> Iterator[Function]:
        for function in self._run_functions():
            for made in self._made(function):
                yield replace(made, purpose=made.purpose or f"Function {made.name}").marked(self.triggers.name)

    def _made(self, function: ResolvedFunction) -> Iterator[Function]:
        natives = {**self.flavour.native_events, **_NATIVE_DDL}
        authid = self.flavour.authid.get(function.policies.security, "")
        if is_wrapped(function):
            called = helper(self.triggers, function, self._scope(function, SESSION, natives))
            yield replace(called, purpose=f"Function {called.qualified}: what its trigger does")
            purpose = f"Function {called.qualified}: the vendor's form, which calls it"
            yield replace(wrapper(function, called, authid), purpose=purpose)
        elif is_plsql(function):
            scope = self._scope(function, PLSQL, natives)
            text = plsql_function(self.triggers, function, scope, authid)
            yield Function(path=(function.schema, function.name), language="plsql", body="", text=text)
        else:
            made = create_function(self.triggers, function, self._scope(function, PLPGSQL, natives))
            yield Function.of(made)

    def rehearsals(self) -> Iterator[Statement]:
        """Yield the statements that run the steps of each helper once, to be rolled back."""
        for function in filter(is_wrapped, self._run_functions()):
            yield from rehearsal(self.triggers, function, self._scope(function, SESSION, self.flavour.native_events))

    def _scope(self, function: ResolvedFunction, spellings: Spellings, natives: Mapping[str, Event]) -> Scope:
        # Only logon and logoff have names that are not documented; DDL events are PostgreSQL's.
        is_session = any(event.is_session for event in function.events)
        return Scope(
            self.dialect.name,
            spellings,
            self.kernel,
            function.events,
            natives,
            quoted=name,
            event_expression=self.flavour.event_expression if is_session else "",
            ends_denied_sessions=function.events == (Event.LOGON,),
            schemas=self.triggers.table_schemas,
        )

    def _system_triggers(self) -> Iterator[SystemTrigger]:
        for trigger in self.system:
            sql = create_system_trigger(self.dialect.name, self.triggers, trigger, self.kernel)
            purpose = f"Trigger {trigger.name}: {trigger.event}, as a system trigger"
            yield SystemTrigger(path=(trigger.name,), sql=sql, purpose=purpose)

    def _event_triggers(self) -> Iterator[EventTrigger]:
        for trigger in self.event_triggers:
            made = EventTrigger(
                path=(trigger.name,),
                event=str(trigger.event),
                clause=self.dialect.capability_of(trigger, self.version).spelling,
                execute=self.flavour.execute,
                function=(trigger.function.schema, trigger.function.name),
                tags=trigger.tags,
                enabled=trigger.enable,
                is_session=trigger.event.is_session,
                purpose=f"Trigger {trigger.name}: {trigger.event}",
            )
            yield made.marked(self.triggers.name)


def _committed_at_once(statement: Statement) -> Statement:
    """Return a statement as one without a transaction around it."""
    return replace(statement, transactional=False, undo=tuple(map(_committed_at_once, statement.undo)))


def in_plsql(sql: str) -> bool:
    """Whether a statement is written in PL/SQL: a function in the Oracle form, or a system trigger."""
    return " RETURN event_trigger" in sql or sql.startswith("CREATE OR REPLACE TRIGGER")

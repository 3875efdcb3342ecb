"""A resolved set to a PolarDB script. There is no transaction around it: the vendor's pages show none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from xtrig.plugin import (
    DDL_EVENTS,
    Event,
    Hazard,
    ResolvedFunction,
    ResolvedSet,
    ResolvedTrigger,
    Script,
    Statement,
    Version,
    mark,
)
from xtrig_polardb.plsql import PlsqlWriter
from xtrig_polardb.spellings import PLPGSQL, SESSION, Spellings
from xtrig_polardb.system_trigger import SystemTrigger
from xtrig_polardb.tables import column_list
from xtrig_polardb.words import name, qualified
from xtrig_postgresql import statements
from xtrig_postgresql.function import create_function
from xtrig_postgresql.scope import Scope

_NATIVE_DDL: Mapping[str, Event] = {str(event): event for event in DDL_EVENTS}


@dataclass(frozen=True, slots=True)
class Flavour:
    """What tells the two editions apart."""

    name: str
    title: str
    clauses: Mapping[Event, str]
    """The clause that stands for an event in CREATE EVENT TRIGGER."""
    execute: str
    """EXECUTE FUNCTION or EXECUTE PROCEDURE, as the edition's page shows."""
    native_events: Mapping[str, Event]
    event_expression: str
    authid: Mapping[str, str]
    """Policy security to the invoker-rights clause of a function."""


@dataclass(frozen=True, slots=True)
class Compilation:
    """One set on its way to a script."""

    flavour: Flavour
    triggers: ResolvedSet
    kernel: Version
    target: str
    system: tuple[ResolvedTrigger, ...] = ()
    """Triggers that become Oracle-style system triggers, which hold their body themselves."""

    def script(self) -> Script:
        """Return the script."""
        title = f"Rendered by xtrig for {self.flavour.title} {self.target}: change the definition, not this text"
        parts = (
            *self._rest(),
            *self._schemas(),
            *self._tables(),
            *self._functions(),
            *self._system_triggers(),
            *self._event_triggers(),
        )
        return Script(self.flavour.name, self.target, title, parts, remarks=self._remarks(parts))

    def _remarks(self, parts: Sequence[Statement]) -> tuple[str, ...]:
        if not any(is_plsql(statement.sql) for statement in parts):
            return ()
        return (
            "PL/SQL holds semicolons: send each statement whole, with a client that does not cut it there.",
            "PostgreSQL's psql would cut a function in pieces and run its END as a COMMIT.",
        )

    def _event_trigger_set(self) -> list[ResolvedTrigger]:
        return [trigger for trigger in self.triggers.triggers if trigger not in self.system]

    def _run_functions(self) -> list[ResolvedFunction]:
        run = {id(trigger.function): trigger.function for trigger in self._event_trigger_set()}
        return list(run.values())

    def _rest(self) -> Iterator[Statement]:
        for trigger in self._event_trigger_set():
            if not trigger.event.is_session:
                yield Statement(
                    f"DROP EVENT TRIGGER IF EXISTS {name(trigger.name)}",
                    f"Trigger {trigger.name} rests while its function is replaced",
                    transactional=False,
                )

    def _schemas(self) -> Iterator[Statement]:
        found = [table.schema for table in self.triggers.tables.values()]
        found += [function.schema for function in self._run_functions()]
        for schema in dict.fromkeys(found):
            if schema not in statements.BUILT_IN_SCHEMAS:
                yield Statement(f"CREATE SCHEMA IF NOT EXISTS {name(schema)}", f"Schema {schema}", transactional=False)

    def _tables(self) -> Iterator[Statement]:
        for table in self.triggers.tables.values():
            if table.table.create:
                called = qualified(table.schema, table.name)
                drop = Statement(
                    statements.drop_table(called),
                    f"Drop table {called} and its rows",
                    hazards=(Hazard.LOSES_DATA,),
                    transactional=False,
                )
                sql = statements.create_table(called, column_list(table.table.columns))
                yield Statement(sql, f"Table {called}", undo=(drop,), transactional=False)

    def _functions(self) -> Iterator[Statement]:
        for function in self._run_functions():
            called = qualified(function.schema, function.name)
            sql = self._function(function)
            drop = Statement(f"DROP FUNCTION IF EXISTS {called}()", f"Drop function {called}", transactional=False)
            yield Statement(sql, f"Function {called}", undo=(drop,), transactional=False)
            mark = statements.comment("FUNCTION", f"{called}()", self._mark(sql))
            yield Statement(mark, "", transactional=False)

    def _mark(self, sql: str) -> str:
        # How this vendor's catalogs show a function is not documented, so the mark holds to the statement.
        return str(mark({"sql": sql}, self.triggers.name))

    def _function(self, function: ResolvedFunction) -> str:
        if any(event.is_session for event in function.events) and function.policies.language == "native":
            scope = self._scope(function, SESSION, self.flavour.native_events)
            authid = self.flavour.authid.get(function.policies.security, "")
            writer = PlsqlWriter(self.triggers, function, scope, has_authid=bool(authid))
            return writer.create_function(authid)
        natives = {**self.flavour.native_events, **_NATIVE_DDL}
        return create_function(self.triggers, function, self._scope(function, PLPGSQL, natives)).sql

    def _scope(self, function: ResolvedFunction, spellings: Spellings, natives: Mapping[str, Event]) -> Scope:
        # Only logon and logoff have names that are not documented; DDL events are PostgreSQL's.
        is_session = any(event.is_session for event in function.events)
        told = self.flavour.event_expression if is_session else ""
        return Scope(
            self.flavour.name,
            spellings,
            self.kernel,
            function.events,
            natives,
            event_expression=told,
            ends_denied_sessions=function.events == (Event.LOGON,),
        )

    def _system_triggers(self) -> Iterator[Statement]:
        for trigger in self.system:
            drop = Statement(
                f"DROP TRIGGER IF EXISTS {name(trigger.name)}",
                f"Drop trigger {trigger.name}",
                transactional=False,
            )
            sql = SystemTrigger(self.flavour.name, self.triggers, trigger, self.kernel).create()
            yield Statement(
                sql,
                f"Trigger {trigger.name}: {trigger.event}, as a system trigger",
                undo=(drop,),
                transactional=False,
            )

    def _event_triggers(self) -> Iterator[Statement]:
        for trigger in self._event_trigger_set():
            yield from self._event_trigger(trigger)

    def _event_trigger(self, trigger: ResolvedTrigger) -> Iterator[Statement]:
        quoted = name(trigger.name)
        if trigger.event.is_session:
            yield Statement(f"DROP EVENT TRIGGER IF EXISTS {quoted}", "", transactional=False)
        clause = self.flavour.clauses.get(trigger.event, f"ON {trigger.event}")
        tags = ", ".join(f"'{tag}'" for tag in trigger.tags)
        when = f"\n    WHEN TAG IN ({tags})" if tags else ""
        function = qualified(trigger.function.schema, trigger.function.name)
        sql = f"CREATE EVENT TRIGGER {quoted} {clause}{when}\n    {self.flavour.execute} {function}()"
        drop = Statement(f"DROP EVENT TRIGGER IF EXISTS {quoted}", f"Drop trigger {trigger.name}", transactional=False)
        hazards = () if trigger.event.is_session else (Hazard.REFUSES_DDL,)
        yield Statement(
            sql,
            f"Trigger {trigger.name}: {trigger.event}",
            undo=(drop,),
            hazards=hazards,
            transactional=False,
        )
        if trigger.enable != "origin":
            state = statements.STATES[trigger.enable][1]
            yield Statement(f"ALTER EVENT TRIGGER {quoted} {state}", "", transactional=False)
        yield Statement(statements.comment("EVENT TRIGGER", quoted, self._mark(sql)), "", transactional=False)


def is_plsql(sql: str) -> bool:
    """Whether a statement is written in PL/SQL: a function in the Oracle form, or a system trigger."""
    head = sql.partition("\n")[0]
    return "RETURN event_trigger" in head or head.startswith("CREATE OR REPLACE TRIGGER")

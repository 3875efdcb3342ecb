"""A resolved set to the parts that make it up, and those to a PolarDB script.

There is no transaction around the script: the vendor's pages show none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from xtrig.plugin import (
    DDL_EVENTS,
    Event,
    Hazard,
    Mark,
    ObjectKind,
    Part,
    ResolvedFunction,
    ResolvedSet,
    ResolvedTrigger,
    Script,
    Statement,
    Version,
    mark,
)
from xtrig_pgfamily import statements
from xtrig_pgfamily.plpgsql.function import create_function
from xtrig_pgfamily.plpgsql.scope import Scope
from xtrig_polardb.plsql import PlsqlWriter
from xtrig_polardb.sessions import Record
from xtrig_polardb.spellings import PLPGSQL, SESSION, Spellings
from xtrig_polardb.system_trigger import SystemTrigger
from xtrig_polardb.tables import column_list, columns_state
from xtrig_polardb.words import name, qualified

SQL = "sql"
"""The attribute of an object that is the statement which makes it. No catalog shows it: the mark stands for it."""

BODY = "body"
"""The attribute of a function that is its text, where the catalogs show that."""

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
        """Return the script: triggers on DDL rest first, or they would fire on what follows."""
        title = f"Rendered by xtrig for {self.flavour.title} {self.target}: change the definition, not this text"
        made = (*self._rest(), *(statement for part in self.parts() for statement in part.statements))
        return Script(self.flavour.name, self.target, title, made, remarks=self._remarks(made))

    def parts(self) -> Iterator[Part]:
        """Yield every object, in the order in which they can be made."""
        record = Record.of(self.triggers)
        if record is not None:
            yield record.role()
        yield from self._schemas()
        yield from self._tables()
        yield from self._functions()
        if record is not None:
            yield from record.views()
        yield from self._system_triggers()
        yield from self._event_triggers()

    @property
    def event_triggers(self) -> list[ResolvedTrigger]:
        """The triggers that become event triggers."""
        return [trigger for trigger in self.triggers.triggers if trigger not in self.system]

    def _remarks(self, made: Sequence[Statement]) -> tuple[str, ...]:
        if not any(is_plsql(statement.sql) for statement in made):
            return ()
        return (
            "PL/SQL holds semicolons: send each statement whole, with a client that does not cut it there.",
            "PostgreSQL's psql would cut a function in pieces and run its END as a COMMIT.",
        )

    def _run_functions(self) -> list[ResolvedFunction]:
        run = {id(trigger.function): trigger.function for trigger in self.event_triggers}
        return list(run.values())

    def _rest(self) -> Iterator[Statement]:
        for trigger in self.event_triggers:
            if not trigger.event.is_session:
                yield Statement(
                    f"DROP EVENT TRIGGER IF EXISTS {name(trigger.name)}",
                    f"Trigger {trigger.name} rests while its function is replaced",
                    transactional=False,
                )

    def _schemas(self) -> Iterator[Part]:
        found = [table.schema for table in self.triggers.tables.values()]
        found += [function.schema for function in self._run_functions()]
        for schema in dict.fromkeys(found):
            if schema not in statements.BUILT_IN_SCHEMAS:
                create = f"CREATE SCHEMA IF NOT EXISTS {name(schema)}"
                made = Statement(create, f"Schema {schema}", transactional=False)
                yield Part(ObjectKind.SCHEMA, name(schema), (made,), mark=Mark("", self.triggers.name))

    def _tables(self) -> Iterator[Part]:
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
                made = Statement(sql, f"Table {called}", undo=(drop,), transactional=False)
                state = columns_state(table.table.columns)
                yield Part(ObjectKind.TABLE, called, (made,), state, mark(state, self.triggers.name))

    def _functions(self) -> Iterator[Part]:
        for function in self._run_functions():
            called = qualified(function.schema, function.name)
            sql, state = self._function(function)
            drop = Statement(f"DROP FUNCTION IF EXISTS {called}()", f"Drop function {called}", transactional=False)
            create = Statement(sql, f"Function {called}", undo=(drop,), transactional=False)
            made = self._mark(sql)
            comment = statements.comment("FUNCTION", f"{called}()", str(made))
            parts = (create, Statement(comment, "", transactional=False))
            yield Part(ObjectKind.FUNCTION, called, parts, {SQL: sql, **state}, made)

    def _mark(self, sql: str) -> Mark:
        # How this vendor's catalogs show an object is not documented, so the mark holds to the statement.
        return mark({SQL: sql}, self.triggers.name)

    def _function(self, function: ResolvedFunction) -> tuple[str, Mapping[str, str]]:
        """Return the statement, and what of it the catalogs show: of plpgsql the body, as PostgreSQL's do."""
        if any(event.is_session for event in function.events) and function.policies.language == "native":
            scope = self._scope(function, SESSION, self.flavour.native_events)
            authid = self.flavour.authid.get(function.policies.security, "")
            writer = PlsqlWriter(self.triggers, function, scope, has_authid=bool(authid))
            return writer.create_function(authid), {}
        natives = {**self.flavour.native_events, **_NATIVE_DDL}
        text = create_function(self.triggers, function, self._scope(function, PLPGSQL, natives))
        return text.sql, {BODY: text.state[BODY]}

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

    def _system_triggers(self) -> Iterator[Part]:
        for trigger in self.system:
            called = name(trigger.name)
            drop = Statement(f"DROP TRIGGER IF EXISTS {called}", f"Drop trigger {trigger.name}", transactional=False)
            sql = SystemTrigger(self.flavour.name, self.triggers, trigger, self.kernel).create()
            purpose = f"Trigger {trigger.name}: {trigger.event}, as a system trigger"
            made = Statement(sql, purpose, undo=(drop,), transactional=False)
            yield Part(ObjectKind.TRIGGER, called, (made,), {SQL: sql})

    def _event_triggers(self) -> Iterator[Part]:
        for trigger in self.event_triggers:
            sql = self._create_event_trigger(trigger)
            state = {SQL: sql, "enabled": trigger.enable}
            made = self._mark(sql)
            parts = tuple(self._event_trigger(trigger, sql, made))
            yield Part(ObjectKind.TRIGGER, name(trigger.name), parts, state, made)

    def _create_event_trigger(self, trigger: ResolvedTrigger) -> str:
        clause = self.flavour.clauses.get(trigger.event, f"ON {trigger.event}")
        function = qualified(trigger.function.schema, trigger.function.name)
        return create_event_trigger(name(trigger.name), clause, trigger.tags, f"{self.flavour.execute} {function}")

    def _event_trigger(self, trigger: ResolvedTrigger, sql: str, made: Mark) -> Iterator[Statement]:
        quoted = name(trigger.name)
        if trigger.event.is_session:
            yield Statement(f"DROP EVENT TRIGGER IF EXISTS {quoted}", "", transactional=False)
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
            yield Statement(statements.enable(quoted, trigger.enable), "", transactional=False)
        yield Statement(statements.comment("EVENT TRIGGER", quoted, str(made)), "", transactional=False)


def create_event_trigger(called: str, clause: str, tags: Sequence[str], execute: str) -> str:
    """Return CREATE EVENT TRIGGER; ``clause`` stands for the event, ``execute`` ends in the function's name."""
    listed = ", ".join(f"'{tag}'" for tag in tags)
    when = f"\n    WHEN TAG IN ({listed})" if tags else ""
    return f"CREATE EVENT TRIGGER {called} {clause}{when}\n    {execute}()"


def is_plsql(sql: str) -> bool:
    """Whether a statement is written in PL/SQL: a function in the Oracle form, or a system trigger."""
    head = sql.partition("\n")[0]
    return "RETURN event_trigger" in head or head.startswith("CREATE OR REPLACE TRIGGER")

"""A resolved set to the parts that make it up, and those to one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xtrig.plugin import (
    Dialect,
    Event,
    Framing,
    Hazard,
    Mark,
    ObjectKind,
    Part,
    ResolvedFunction,
    ResolvedSet,
    ResolvedTable,
    ResolvedTrigger,
    Script,
    Statement,
    Support,
    Version,
    mark,
    walk,
)
from xtrig_pgfamily import statements
from xtrig_pgfamily.plpgsql.function import FunctionText, create_function
from xtrig_pgfamily.plpgsql.inferred_logoff import InferredLogoff
from xtrig_pgfamily.plpgsql.scope import Scope
from xtrig_pgfamily.preflight import Preflight
from xtrig_pgfamily.session_facts import SPELLINGS
from xtrig_pgfamily.tables import column_list, columns_state
from xtrig_pgfamily.words import name, qualified, split, unquoted

if TYPE_CHECKING:
    from xtrig_pgfamily.sessions import Recording

NATIVE_EVENTS: Mapping[str, Event] = {"login": Event.LOGON} | {
    str(event): event for event in Event if not event.is_session
}

OPENING = (
    Statement("SET LOCAL search_path = pg_catalog, pg_temp", ""),
    Statement("SET LOCAL client_min_messages = warning", ""),
)
"""Settings of a transaction in which objects are made."""


@dataclass(frozen=True, slots=True)
class Compilation:
    """One set on its way to a script."""

    dialect: Dialect
    triggers: ResolvedSet
    version: Version

    def script(self) -> Script:
        """Return the transaction: preflight, and every part in its order."""
        target = ".".join(map(str, self.version))
        return Script(
            self.dialect.name,
            target,
            f"Rendered by xtrig for {self.dialect.title} {target}: change the definition, not this text",
            (
                *self._preflight(),
                *(statement for part in self.parts() for statement in part.statements),
                *self._standby_cure(),
            ),
            Framing("BEGIN", "COMMIT"),
            settings=OPENING,
        )

    def parts(self) -> Iterator[Part]:
        """Yield every object, in the order in which they can be made; what fires at login is last."""
        recording = self._recording
        if recording is not None:
            yield from recording.quiet_parts()
        yield from self._schemas()
        yield from self._tables()
        yield from self._functions()
        yield from self._inferred()
        yield from self._event_triggers()

    @property
    def _recording(self) -> Recording | None:
        if self.triggers.sessions is None:
            return None
        from xtrig_pgfamily.sessions import Recording  # noqa: PLC0415  # most sets do without

        return Recording.of(self.triggers)

    @property
    def roles(self) -> list[str]:
        """The roles that must exist: granting a missing one would fail at every login."""
        functions = self.triggers.functions
        return list(dict.fromkeys(role for each in functions for visit in walk(each) for role in visit.step.roles))

    def _native(self) -> list[ResolvedTrigger]:
        return [trigger for trigger in self.triggers.triggers if self._support(trigger) is Support.NATIVE]

    def _emulated(self) -> list[InferredLogoff]:
        return [
            InferredLogoff(trigger) for trigger in self.triggers.triggers if self._support(trigger) is Support.EMULATED
        ]

    def _support(self, trigger: ResolvedTrigger) -> Support:
        return self.dialect.capability(trigger.event, self.version).support

    def _native_functions(self) -> list[ResolvedFunction]:
        return list({id(trigger.function): trigger.function for trigger in self._native()}.values())

    def _scope(self, events: Iterable[Event]) -> Scope:
        return Scope(self.dialect.name, SPELLINGS, self.version, tuple(events), NATIVE_EVENTS)

    def _preflight(self) -> Iterator[Statement]:
        purpose = "Preflight: stop here, before any change, if something is missing or someone else's"
        if self.triggers.triggers or self.triggers.sessions:
            yield Statement(self.preflight().sql(), purpose)

    def preflight(self) -> Preflight:
        """Return what has to be looked at before anything is changed."""
        functions = [f"{qualified(function.schema, function.name)}()" for function in self._native_functions()]
        made = [(table.schema, table.name) for table in self.triggers.tables.values() if table.table.create]
        made += [(each.trigger.function.schema, each.table_name) for each in self._emulated()]
        filled = [(table.schema, table.name) for table in self.triggers.tables.values() if self._is_definer()]
        filled += [(each.trigger.function.schema, each.table_name) for each in self._emulated()]
        recorded = (each if each.endswith(")") else f"{each}()" for each in self._recorded(ObjectKind.FUNCTION))
        return Preflight(
            triggers=[*(trigger.name for trigger in self.triggers.triggers), *self._recorded(ObjectKind.TRIGGER)],
            functions=[*functions, *(f"{each.function}()" for each in self._emulated()), *recorded],
            made=[*made, *map(split, self._recorded(ObjectKind.TABLE, ObjectKind.VIEW))],
            roles=self.roles,
            schemas=list(dict.fromkeys(schema for schema, _ in filled)),
            tables=filled,
            record=self._recording.problems() if self._recording else "",
            parked=[trigger.name for trigger in self._native() if not trigger.event.is_session],
        )

    def _recorded(self, *kinds: ObjectKind) -> list[str]:
        """Return the names of what records sessions."""
        recording = self._recording
        if recording is None:
            return []
        parts = (*recording.quiet_parts(), recording.trigger())
        return [
            unquoted(part.name) if part.kind is ObjectKind.TRIGGER else part.name
            for part in parts
            if part.kind in kinds
        ]

    def _is_definer(self) -> bool:
        return any(function.policies.security == "definer" for function in self.triggers.functions)

    def _schemas(self) -> Iterator[Part]:
        found = [table.schema for table in self.triggers.tables.values()]
        found += [function.schema for function in self._native_functions()]
        found += [each.trigger.function.schema for each in self._emulated()]
        for schema in dict.fromkeys(found):
            is_made = self.triggers.sessions is not None and schema == self.triggers.schema
            if schema not in statements.BUILT_IN_SCHEMAS and not is_made:
                create = Statement(statements.create_schema(schema), f"Schema {schema}")
                yield Part(ObjectKind.SCHEMA, name(schema), (create,), mark=Mark("", self.triggers.name))

    def _tables(self) -> Iterator[Part]:
        for table in self.triggers.tables.values():
            if table.table.create:
                yield self._table(table)

    def _table(self, table: ResolvedTable) -> Part:
        called = qualified(table.schema, table.name)
        columns = column_list(table.table.columns)
        reader = self.triggers.sessions.reader if self.triggers.sessions else None
        return self._made_table(called, f"Table {called}", columns, columns_state(table.table.columns), reader)

    def _made_table(
        self, called: str, purpose: str, columns: list[str], state: Mapping[str, str], reader: str | None = None
    ) -> Part:
        state = {**state, "grants": f"{reader} SELECT"} if reader else state
        granted = [Statement(f"GRANT SELECT ON {called} TO {name(reader)}", "")] if reader else []
        made = mark(state, self.triggers.name)
        create = statements.create_table(called, columns)
        return Part(
            ObjectKind.TABLE,
            called,
            (
                Statement(create, purpose, undo=(_drop_table(called),)),
                *granted,
                Statement(statements.comment("TABLE", called, str(made)), ""),
            ),
            state,
            made,
        )

    def _functions(self) -> Iterator[Part]:
        native = self._native()
        for function in self._native_functions():
            events = {trigger.event for trigger in native if trigger.function is function}
            scope = self._scope(event for event in function.events if event in events)
            called = qualified(function.schema, function.name)
            yield self._function(create_function(self.triggers, function, scope), called)

    def _inferred(self) -> Iterator[Part]:
        for each in self._emulated():
            purpose = f"Open sessions, for the inferred logoff of trigger {each.trigger.name}"
            yield self._made_table(each.table, purpose, each.columns(), each.columns_state())
            text = each.create_function(self.triggers, self._scope((Event.LOGON,)))
            yield self._function(text, f"{each.function}: an inferred logoff")

    def _function(self, text: FunctionText, purpose: str) -> Part:
        made = mark(text.state, self.triggers.name)
        drop = Statement(statements.drop_function(text.called), f"Drop function {text.called}")
        return Part(
            ObjectKind.FUNCTION,
            text.called,
            (
                Statement(text.sql, f"Function {purpose}", undo=(drop,)),
                Statement(statements.revoke_execute(text.called), ""),
                Statement(statements.comment("FUNCTION", f"{text.called}()", str(made)), ""),
            ),
            text.state,
            made,
        )

    def _event_triggers(self) -> Iterator[Part]:
        for trigger in self._native():
            if not trigger.event.is_session:
                called = qualified(trigger.function.schema, trigger.function.name)
                yield self._event_trigger(trigger, str(trigger.event), called)
        # CREATE EVENT TRIGGER ... ON login holds off every new connection until the transaction ends.
        recording = self._recording
        if recording is not None:
            yield recording.trigger()
        for number, (trigger, called) in enumerate(self._login_triggers()):
            yield self._event_trigger(trigger, "login", called, last_to_go=number == 0 and recording is None)

    def _login_triggers(self) -> list[tuple[ResolvedTrigger, str]]:
        logon = [
            (trigger, qualified(trigger.function.schema, trigger.function.name))
            for trigger in self._native()
            if trigger.event is Event.LOGON
        ]
        return logon + [(each.trigger, each.function) for each in self._emulated()]

    def _standby_cure(self) -> Iterator[Statement]:
        if any(trigger.enable == "disabled" for trigger, _ in self._login_triggers()):
            yield statements.login_flag_cleared()

    def _event_trigger(self, trigger: ResolvedTrigger, event: str, called: str, *, last_to_go: bool = False) -> Part:
        sql = statements.create_event_trigger(trigger.name, event, trigger.tags, called, trigger.enable)
        undo = [Statement(statements.drop_event_trigger(trigger.name), f"Drop trigger {trigger.name}")]
        if last_to_go:
            undo.append(statements.login_flag_cleared())
        hazards = (Hazard.BLOCKS_LOGINS, Hazard.REFUSES_LOGINS) if event == "login" else (Hazard.REFUSES_DDL,)
        inferred = ", inferred" if event == "login" and trigger.event is Event.LOGOFF else ""
        state = statements.trigger_state(event, called, trigger.tags, trigger.enable)
        made = mark(state, self.triggers.name)
        create = Statement(sql, f"Trigger {trigger.name}: {trigger.event}{inferred}", undo=tuple(undo), hazards=hazards)
        comment = Statement(statements.comment("EVENT TRIGGER", name(trigger.name), str(made)), "")
        return Part(ObjectKind.TRIGGER, name(trigger.name), (create, comment), state, made)


def _drop_table(called: str) -> Statement:
    return Statement(statements.drop_table(called), f"Drop table {called} and its rows", hazards=(Hazard.LOSES_DATA,))

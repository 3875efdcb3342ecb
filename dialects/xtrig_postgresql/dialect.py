"""The dialect ``postgresql``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from xtrig.model import GrantRole, RevokeRole
from xtrig.plugin import (
    PLUGIN_API,
    Behaviour,
    Capability,
    Dialect,
    Event,
    Fact,
    Finding,
    Framing,
    Hazard,
    Imported,
    Item,
    Language,
    ResolvedFunction,
    ResolvedSet,
    ResolvedTrigger,
    Script,
    Spelling,
    Statement,
    Support,
    Translation,
    Version,
    walk,
)
from xtrig_postgresql import statements
from xtrig_postgresql.behaviours import BEHAVIOURS
from xtrig_postgresql.capabilities import CAPABILITIES
from xtrig_postgresql.checks import CHECKS
from xtrig_postgresql.function import create_function
from xtrig_postgresql.inferred import InferredLogoff, inferred_spelling
from xtrig_postgresql.preflight import Preflight
from xtrig_postgresql.reading import read_script
from xtrig_postgresql.scope import Scope
from xtrig_postgresql.spellings import SPELLINGS
from xtrig_postgresql.tables import column_list
from xtrig_postgresql.words import name, qualified

NATIVE_EVENTS: Mapping[str, Event] = {"login": Event.LOGON} | {
    str(event): event for event in Event if not event.is_session
}


class PostgreSQLDialect(Dialect):
    """PostgreSQL 13 to 19; login triggers from 17 on."""

    name: ClassVar[str] = "postgresql"
    title: ClassVar[str] = "PostgreSQL"
    plugin_api: ClassVar[int] = PLUGIN_API
    versions: ClassVar[tuple[str, ...]] = ("13", "14", "15", "16", "17", "18", "19")
    default_version: ClassVar[str] = "18"
    capabilities: ClassVar[tuple[Capability, ...]] = CAPABILITIES
    spellings: ClassVar[Mapping[Fact, tuple[Spelling, ...]]] = SPELLINGS
    behaviours: ClassVar[tuple[Behaviour, ...]] = BEHAVIOURS

    def written(self, fact: Fact, trigger: ResolvedTrigger, item: Item | None, version: Version) -> Spelling | None:
        """Return how ``fact`` is written; in an inferred logoff most facts are those of the ended session."""
        found = super().written(fact, trigger, item, version)
        if self.capability(trigger.event, version).support is not Support.EMULATED or found is None:
            return found
        return inferred_spelling(fact, found)

    def language(self, function: ResolvedFunction, version: Version) -> Language:
        """Return plpgsql, in which every function is rendered."""
        return Language.PLPGSQL

    def check(self, triggers: ResolvedSet, version: Version) -> Iterator[Finding]:
        """Yield what the checks of this dialect find."""
        translation = Translation(triggers, self, version)
        for each in CHECKS:
            yield from each.find(translation)

    def read(self, text: str, name: str) -> Imported:
        """Return what a script for PostgreSQL creates."""
        return read_script(text, name)

    def compile(self, triggers: ResolvedSet, version: Version) -> Script:
        """Return one transaction: preflight, schemas, tables, functions, and last the triggers."""
        return _Compilation(self, triggers, version).script()


@dataclass(frozen=True, slots=True)
class _Compilation:
    dialect: PostgreSQLDialect
    triggers: ResolvedSet
    version: Version

    def script(self) -> Script:
        target = ".".join(map(str, self.version))
        return Script(
            self.dialect.name,
            target,
            f"Rendered by xtrig for {self.dialect.title} {target}: change the definition, not this text",
            (
                *self._preflight(),
                *self._schemas(),
                *self._tables(),
                *self._functions(),
                *self._inferred(),
                *self._event_triggers(),
            ),
            _framing(),
        )

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
        if not self.triggers.triggers:
            return
        functions = [qualified(function.schema, function.name) for function in self._native_functions()]
        tables = [(table.schema, table.name) for table in self.triggers.tables.values() if self._is_definer()]
        tables += [(each.trigger.function.schema, each.table_name) for each in self._emulated()]
        preflight = Preflight(
            triggers=[trigger.name for trigger in self.triggers.triggers],
            functions=functions + [each.function for each in self._emulated()],
            roles=_roles(self.triggers),
            schemas=list(dict.fromkeys(schema for schema, _ in tables)),
            tables=[qualified(schema, table) for schema, table in tables],
            parked=[trigger.name for trigger in self._native() if not trigger.event.is_session],
        )
        purpose = "Preflight: stop here, before any change, if something is missing or someone else's"
        yield Statement(preflight.sql(), purpose)

    def _is_definer(self) -> bool:
        return any(function.policies.security == "definer" for function in self.triggers.functions)

    def _schemas(self) -> Iterator[Statement]:
        found = [table.schema for table in self.triggers.tables.values()]
        found += [function.schema for function in self._native_functions()]
        found += [each.trigger.function.schema for each in self._emulated()]
        for schema in dict.fromkeys(found):
            if schema not in statements.BUILT_IN_SCHEMAS:
                yield Statement(statements.create_schema(schema), f"Schema {schema}")

    def _tables(self) -> Iterator[Statement]:
        for table in self.triggers.tables.values():
            if table.table.create:
                called = qualified(table.schema, table.name)
                sql = statements.create_table(called, column_list(table.table.columns))
                yield Statement(sql, f"Table {called}", undo=(_drop_table(called),))

    def _functions(self) -> Iterator[Statement]:
        native = self._native()
        for function in self._native_functions():
            events = {trigger.event for trigger in native if trigger.function is function}
            scope = self._scope(event for event in function.events if event in events)
            called = qualified(function.schema, function.name)
            yield from _function(called, create_function(self.triggers, function, scope), called)

    def _inferred(self) -> Iterator[Statement]:
        for each in self._emulated():
            yield Statement(
                each.create_table(),
                f"Open sessions, for the inferred logoff of trigger {each.trigger.name}",
                undo=(_drop_table(each.table),),
            )
            sql = each.create_function(self.triggers, self._scope((Event.LOGON,)))
            yield from _function(each.function, sql, f"{each.function}: an inferred logoff")

    def _event_triggers(self) -> Iterator[Statement]:
        native = self._native()
        for trigger in native:
            if not trigger.event.is_session:
                called = qualified(trigger.function.schema, trigger.function.name)
                yield from _event_trigger(trigger, str(trigger.event), called)
        # CREATE EVENT TRIGGER ... ON login holds off every new connection until the transaction ends.
        logon = [
            (trigger, qualified(trigger.function.schema, trigger.function.name))
            for trigger in native
            if trigger.event is Event.LOGON
        ]
        logon += [(each.trigger, each.function) for each in self._emulated()]
        for number, (trigger, called) in enumerate(logon):
            yield from _event_trigger(trigger, "login", called, last_to_go=number == 0)
        if any(trigger.enable == "disabled" for trigger, _ in logon):
            yield _clear_login_flag()


def _function(called: str, sql: str, purpose: str) -> Iterator[Statement]:
    yield Statement(
        sql,
        f"Function {purpose}",
        undo=(Statement(statements.drop_function(called), f"Drop function {called}"),),
    )
    yield Statement(statements.revoke_execute(called), "")
    yield Statement(statements.comment("FUNCTION", f"{called}()", statements.mark(sql)), "")


def _event_trigger(
    trigger: ResolvedTrigger, event: str, called: str, *, last_to_go: bool = False
) -> Iterator[Statement]:
    sql = statements.create_event_trigger(trigger.name, event, trigger.tags, called, trigger.enable)
    undo = [Statement(statements.drop_event_trigger(trigger.name), f"Drop trigger {trigger.name}")]
    if last_to_go:
        undo.append(_clear_login_flag())
    hazards = (Hazard.BLOCKS_LOGINS, Hazard.REFUSES_LOGINS) if event == "login" else (Hazard.REFUSES_DDL,)
    inferred = ", inferred" if event == "login" and trigger.event is Event.LOGOFF else ""
    yield Statement(sql, f"Trigger {trigger.name}: {trigger.event}{inferred}", undo=tuple(undo), hazards=hazards)
    yield Statement(statements.comment("EVENT TRIGGER", name(trigger.name), statements.mark(sql)), "")


def _clear_login_flag() -> Statement:
    purpose = "Without this, hot standbys would refuse every login until someone logs in on the primary"
    return Statement(statements.clear_login_flag(), purpose, hazards=(Hazard.WRITES_CATALOG,))


def _drop_table(called: str) -> Statement:
    return Statement(statements.drop_table(called), f"Drop table {called} and its rows", hazards=(Hazard.LOSES_DATA,))


def _roles(triggers: ResolvedSet) -> list[str]:
    """Return the roles that must exist: granting a missing one would fail at every login."""
    steps = [visit.step for function in triggers.functions for visit in walk(function)]
    return list(dict.fromkeys(step.role for step in steps if isinstance(step, (GrantRole, RevokeRole))))


def _framing() -> Framing:
    return Framing(
        opening=(
            Statement("BEGIN", ""),
            Statement("SET LOCAL search_path = pg_catalog, pg_temp", ""),
            Statement("SET LOCAL client_min_messages = warning", ""),
        ),
        closing=(Statement("COMMIT", ""),),
    )

"""A resolved set to the objects that make it up, and those to one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from xtrig.plugin import (
    Dialect,
    Event,
    Framing,
    Mark,
    ResolvedFunction,
    ResolvedSet,
    ResolvedTrigger,
    Script,
    Statement,
    Support,
    Version,
)
from xtrig.script import Borrowing
from xtrig_pgfamily import statements
from xtrig_pgfamily.objects import CatalogObject, EventTrigger, Function, Grant, Schema, Table, View
from xtrig_pgfamily.objects.event_trigger import LOGIN
from xtrig_pgfamily.objects.schema import BUILT_IN
from xtrig_pgfamily.objects.table import primary_key, table_columns
from xtrig_pgfamily.plpgsql.function import create_function, traced
from xtrig_pgfamily.plpgsql.inferred_logoff import InferredLogoff
from xtrig_pgfamily.plpgsql.scope import Scope
from xtrig_pgfamily.preflight import Preflight, asked_roles, exempt_roles, granted_roles, trusted
from xtrig_pgfamily.session_facts import SPELLINGS
from xtrig_pgfamily.statements import STOP_IF_UNTRUSTED, do_block

if TYPE_CHECKING:
    from xtrig_pgfamily.sessions import Recording

NATIVE_EVENTS: Mapping[str, Event] = {LOGIN: Event.LOGON} | {
    str(event): event for event in Event if not event.is_session
}

# All logins wait behind a script that waits for a lock on its database, which any role's DROP OWNED holds, too.
OPENED = {"search_path": "pg_catalog, pg_temp", "client_min_messages": "warning", "lock_timeout": "'1s'"}
OPENING = tuple(Statement(f"SET LOCAL {parameter} = {value}", "") for parameter, value in OPENED.items())
"""Settings of a transaction in which objects are made."""

BORROWING = Borrowing((statements.settings_kept(OPENED),), (statements.settings_given_back(OPENED),))
"""What keeps the settings of a transaction that is a migration tool's."""


@dataclass(frozen=True, slots=True)
class Compilation:
    """One set for one version."""

    dialect: Dialect
    triggers: ResolvedSet
    version: Version

    def script(self) -> Script:
        """Return the transaction: preflight, and every object in its order."""
        target = ".".join(map(str, self.version))
        return Script(
            self.dialect.name,
            target,
            f"Rendered by xtrig for {self.dialect.title} {target}: change the definition, not this text",
            (*self._preflight(), *self._printed(), *self._login_flag_cleared()),
            Framing("BEGIN ISOLATION LEVEL READ COMMITTED", "COMMIT"),
            settings=OPENING,
            borrowing=BORROWING,
        )

    def objects(self) -> Iterator[CatalogObject]:
        """Yield every object, in the order in which they can be made; what fires at login is last."""
        recording = self.recording
        if recording is not None:
            yield from recording.objects()
        yield from self._schemas()
        yield from self._tables()
        yield from self._functions()
        yield from self._inferred()
        yield from self._event_triggers()

    def traced(self) -> Iterator[Function]:
        """Yield the functions that steps are written into, as they note each step before it runs."""
        yield from self._written(is_traced=True)
        for each in self._emulated():
            scope = traced(each.trigger.function, self._scope((Event.LOGON,)))
            yield each.function(self.triggers, scope)

    def planned(self) -> Iterator[Function]:
        """Yield the functions that plan their queries; none for a function of which every step runs."""
        from xtrig_pgfamily.plpgsql.planned import planned_function  # noqa: PLC0415  # rendering does without

        made = [planned_function(self.triggers, function, scope) for function, scope in self._scopes()]
        made += [each.planned(self.triggers, self._scope((Event.LOGON,))) for each in self._emulated()]
        yield from filter(None, made)

    def ended_sessions(self) -> Iterator[Statement]:
        """Yield what gives functions of inferred logoffs something to record when they are rehearsed."""
        for each in self._emulated():
            purpose = f"An ended session for {each.path[1]}"
            yield Statement(each.ended_session(self._scope((Event.LOGON,))), purpose)

    def preflight(self) -> Preflight:
        """Return what has to be looked at before anything is changed."""
        recording = self.recording
        recorded = [*recording.objects(), recording.trigger()] if recording is not None else []
        objects = [*self._tables(), *self._functions(), *self._inferred(), *recorded]
        sessions = self.triggers.sessions
        return Preflight(
            triggers=[
                *(trigger.name for trigger in self.triggers.triggers),
                *(each.path[0] for each in recorded if isinstance(each, EventTrigger)),
            ],
            functions=[each.signature for each in objects if isinstance(each, Function)],
            made=[each.path for each in objects if isinstance(each, (Table, View))],
            roles=granted_roles(self.triggers),
            exempt=exempt_roles(self.triggers),
            asked=asked_roles(self.triggers),
            owners=(sessions.owner, sessions.writer) if sessions else (),
            tables=[each for each in objects if isinstance(each, Table)],
            version=self.version,
            has_logins=sessions is not None or any(trigger.event.is_session for trigger in self._native()),
            trust=trusted(self.triggers, objects, self.version, self.dialect.name),
            parked=[trigger.name for trigger in self._native() if not trigger.event.is_session],
        )

    @property
    def recording(self) -> Recording | None:
        """The session record of the set; None without ``sessions``."""
        if self.triggers.sessions is None:
            return None
        from xtrig_pgfamily.sessions import Recording  # noqa: PLC0415  # most sets do without

        return Recording.of(self.triggers)

    def _preflight(self) -> Iterator[Statement]:
        purpose = "Preflight: stop here, before any change, if something is missing or someone else's"
        if self.triggers.triggers or self.triggers.sessions:
            yield Statement(self.preflight().sql(), purpose)

    def _printed(self) -> Iterator[Statement]:
        """Yield the statements of all objects. The first login trigger to come is the last to go.

        Before rows or indexes are made, and before anything fires, the preflight's question is asked again: a name
        that was free then may be somebody's now, and IF NOT EXISTS and OR REPLACE would take what is his.
        """
        is_last_to_go = True
        objects = list(self.objects())
        filled = [each for each in objects if isinstance(each, Table) and each.after]
        firing = [each for each in objects if isinstance(each, EventTrigger)]
        for each in objects:
            if each in (*filled[:1], *firing[:1]):
                block = do_block(STOP_IF_UNTRUSTED, ["problem text;"])
                yield Statement(block, "Stop here if somebody has taken a name of these since the preflight")
            create, *rest = each.printed()
            if isinstance(each, EventTrigger) and each.is_login and is_last_to_go:
                create, is_last_to_go = replace(create, undo=(*create.undo, statements.login_flag_cleared())), False
            yield from (create, *rest)

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
        return Scope(
            self.dialect.name,
            SPELLINGS,
            self.version,
            tuple(events),
            NATIVE_EVENTS,
            schemas=self.triggers.table_schemas,
        )

    def _schemas(self) -> Iterator[Schema]:
        found = [table.schema for table in self.triggers.tables.values()]
        found += [function.schema for function in self._native_functions()]
        found += [each.path[0] for each in self._emulated()]
        for schema in dict.fromkeys(found):
            is_recorded = self.triggers.sessions is not None and schema == self.triggers.schema
            if schema not in BUILT_IN and not is_recorded:
                yield Schema(path=(schema,), mark=Mark("", self.triggers.name))

    def _tables(self) -> Iterator[Table]:
        reader = self.triggers.sessions.reader if self.triggers.sessions else None
        for table in self.triggers.tables.values():
            if table.table.create:
                made = Table(
                    path=(table.schema, table.name),
                    columns=table_columns(table.table.columns),
                    constraints=primary_key(table.table.columns),
                    is_defined=True,
                    grants=(Grant(reader, "SELECT"),) if reader else (),
                    states_grants=reader is not None,
                )
                yield replace(made, purpose=f"Table {made.name}").marked(self.triggers.name)

    def _functions(self) -> Iterator[Function]:
        for made in self._written():
            yield replace(made, purpose=f"Function {made.name}").marked(self.triggers.name)

    def _written(self, *, is_traced: bool = False) -> Iterator[Function]:
        for function, scope in self._scopes():
            yield create_function(self.triggers, function, traced(function, scope) if is_traced else scope)

    def _scopes(self) -> Iterator[tuple[ResolvedFunction, Scope]]:
        native = self._native()
        for function in self._native_functions():
            events = {trigger.event for trigger in native if trigger.function is function}
            yield function, self._scope(event for event in function.events if event in events)

    def _inferred(self) -> Iterator[Table | Function]:
        for each in self._emulated():
            yield each.table().marked(self.triggers.name)
            function = each.function(self.triggers, self._scope((Event.LOGON,)))
            purpose = f"Function {function.name}: an inferred logoff"
            yield replace(function, purpose=purpose).marked(self.triggers.name)

    def _event_triggers(self) -> Iterator[EventTrigger]:
        for trigger in self._native():
            if not trigger.event.is_session:
                yield self._event_trigger(trigger)
        # CREATE EVENT TRIGGER ... ON login holds off every new connection until the transaction ends.
        recording = self.recording
        if recording is not None:
            yield recording.trigger()
        yield from self._login_triggers()

    def _login_triggers(self) -> Iterator[EventTrigger]:
        for trigger in self._native():
            if trigger.event is Event.LOGON:
                yield self._event_trigger(trigger)
        for each in self._emulated():
            inferred = self._event_trigger(each.trigger, f"{each.trigger.event}, inferred")
            yield replace(inferred, function=each.path).marked(self.triggers.name)

    def _login_flag_cleared(self) -> Iterator[Statement]:
        if any(not trigger.is_enabled for trigger in self._login_triggers()):
            yield statements.login_flag_cleared()

    def _event_trigger(self, trigger: ResolvedTrigger, event: str = "") -> EventTrigger:
        made = EventTrigger(
            path=(trigger.name,),
            event=LOGIN if trigger.event.is_session else str(trigger.event),
            clause=self.dialect.capability(trigger.event, self.version).spelling,
            function=(trigger.function.schema, trigger.function.name),
            tags=trigger.tags,
            enabled=trigger.enable,
            purpose=f"Trigger {trigger.name}: {event or trigger.event}",
        )
        return made.marked(self.triggers.name)

"""Rows of the catalogs to found objects: PostgreSQL's reading, with the names and the clauses of PolarDB."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from xtrig.dialect.deployment import Found
from xtrig.dialect.driver import Row
from xtrig.plugin import DDL_EVENTS, Event, ObjectKind, Part, Statement
from xtrig_pgfamily import statements
from xtrig_pgfamily.catalog import reading
from xtrig_polardb.compilation import Flavour, create_event_trigger
from xtrig_polardb.words import name


def read_objects(results: Sequence[Sequence[Row]], parts: Sequence[Part], flavour: Flavour) -> Iterator[Found]:
    """Yield what the rows of the catalogs tell of: event triggers, functions, tables, schemas, roles, types."""
    triggers, functions, tables, schemas, roles, types = results
    yield from reading.read_roles(roles, name)
    yield from reading.read_schemas(schemas, name)
    yield from reading.read_tables(tables, types, parts, name)
    yield from reading.read_functions(functions, name)
    for found in reading.read_triggers(triggers, name):
        yield replace(found, restore=tuple(_restore(found, flavour)))


def is_ddl(found: Found) -> bool:
    """Whether an object is an event trigger that fires on DDL."""
    return found.kind is ObjectKind.TRIGGER and found.state.get("event") in {str(event) for event in DDL_EVENTS}


def awake(objects: Iterable[Found]) -> list[Found]:
    """Return the event triggers that fire on DDL, and so on a deployment."""
    return [found for found in objects if is_ddl(found) and found.state["enabled"] != "disabled"]


def _restore(found: Found, flavour: Flavour) -> Iterator[Statement]:
    """Yield what makes an event trigger just as it was; the first stage of a deployment tries it."""
    state = found.state
    tags = [tag for tag in state["tags"].split(", ") if tag]
    execute = f"{flavour.execute} {state['function']}"
    yield Statement(
        create_event_trigger(found.name, _clause(state["event"], flavour), tags, execute),
        f"Trigger {found.name} as it was",
    )
    if state["enabled"] != "origin":
        yield Statement(statements.enable(found.name, state["enabled"]), "")
    yield Statement(statements.comment("EVENT TRIGGER", found.name, found.comment), "")
    yield Statement(statements.give("EVENT TRIGGER", found.name, found.owner), "")


def _clause(event: str, flavour: Flavour) -> str:
    """Return the clause for an event as pg_event_trigger has it.

    What stands there for logon and logoff is not documented; both editions' names have these words in them.
    """
    for portable in (Event.LOGOFF, Event.LOGON):
        if str(portable) in event.lower():
            return flavour.clauses[portable]
    return f"ON {event}"

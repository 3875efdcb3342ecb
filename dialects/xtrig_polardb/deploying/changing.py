"""One change to the statements that make it, and to those that take it back.

Tables, functions and schemas are PostgreSQL's. An event trigger is made by the very statements of the script.
"""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.dialect.deployment import Action, Change
from xtrig.plugin import Hazard, ObjectKind, Part, Statement
from xtrig_pgfamily import statements
from xtrig_pgfamily.deploy import changing
from xtrig_polardb.words import name


def make(change: Change) -> Iterator[Statement]:
    """Yield the statements that make one change, whatever it is."""
    match change.action, change.kind:
        case Action.CREATE | Action.REPLACE | Action.ENABLE, ObjectKind.TRIGGER:
            yield from _trigger(change, _part(change))
        case Action.CREATE, ObjectKind.TABLE:
            yield from changing.make(change)
            # The script does not mark its tables; a deployment has to know its own.
            yield Statement(statements.comment("TABLE", change.name, str(_part(change).mark)), "")
        case Action.REPLACE, ObjectKind.TABLE:
            yield from _add_columns(change)
            yield Statement(statements.comment("TABLE", change.name, str(_part(change).mark)), "")
            yield from _given(change)
        case Action.DROP, ObjectKind.SCHEMA:
            yield Statement(statements.drop_empty_schema(change.name), f"Drop schema {change.name} if it is empty")
        case Action.DROP, ObjectKind.TABLE:
            purpose = f"Drop table {change.name} and its rows"
            yield Statement(statements.drop_table(change.name), purpose, hazards=(Hazard.LOSES_DATA,))
        case _:
            yield from changing.make(change)


def drop_trigger(change: Change) -> Statement:
    """Return the statement that drops an event trigger, if it is there."""
    return Statement(statements.drop("EVENT TRIGGER", change.name), f"Drop trigger {change.name}")


def take_back(change: Change) -> Iterator[Statement]:
    """Yield the statements that bring back what was before a change; a trigger that is new has to be gone by then."""
    if change.kind is not ObjectKind.TRIGGER:
        yield from changing.take_back(change)
    elif change.action in (Action.REPLACE, Action.DROP) and change.found is not None:
        yield drop_trigger(change)
        yield from change.found.restore
    elif change.action is not Action.CREATE:
        yield from changing.take_back(change)


def _trigger(change: Change, part: Part) -> Iterator[Statement]:
    if change.action is Action.ENABLE:
        state = part.state["enabled"]
        yield Statement(statements.enable(change.name, state), f"Trigger {change.name}: {state}")
        yield Statement(statements.comment("EVENT TRIGGER", change.name, str(part.mark)), "")
        return
    if change.action is Action.REPLACE:
        yield drop_trigger(change)
    yield from part.statements


def _add_columns(change: Change) -> Iterator[Statement]:
    for difference in change.differences:
        if difference.live is None and difference.attribute.startswith("column "):
            column = difference.attribute.removeprefix("column ")
            sql = f"ALTER TABLE {change.name} ADD COLUMN {name(column)} {difference.wanted}"
            yield Statement(sql, f"Table {change.name}: new column {column}")


def _given(change: Change) -> Iterator[Statement]:
    if change.owner is not None:
        yield Statement(statements.give("TABLE", change.name, change.owner), f"Owner of table {change.name}")


def _part(change: Change) -> Part:
    assert change.part is not None, f"{change.action} wants nothing"  # noqa: S101
    return change.part

"""One change to the statements that make it, and to those that take it back."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.dialect.deployment import COMMENT, Action, Change
from xtrig.marks import read_mark
from xtrig.plugin import Hazard, ObjectKind, Part, Statement
from xtrig_pgfamily import statements
from xtrig_pgfamily.words import name

_WORDS = {
    ObjectKind.ROLE: "ROLE",
    ObjectKind.VIEW: "VIEW",
    ObjectKind.SCHEMA: "SCHEMA",
    ObjectKind.TABLE: "TABLE",
    ObjectKind.FUNCTION: "FUNCTION",
    ObjectKind.TRIGGER: "EVENT TRIGGER",
}


def make(change: Change) -> Iterator[Statement]:
    """Yield the statements that make one change, whatever it is."""
    match change.action, change.kind:
        case Action.CREATE, ObjectKind.TRIGGER:
            yield from create_trigger(change.name, _part(change))
        case Action.CREATE, ObjectKind.SCHEMA:
            yield from _part(change).statements
            yield from _marked(change)
        case Action.CREATE, _:
            yield from _part(change).statements
        case Action.REPLACE, ObjectKind.TRIGGER:
            yield Statement(statements.drop("EVENT TRIGGER", change.name), f"Replace trigger {change.name}")
            yield from create_trigger(change.name, _part(change))
        case Action.REPLACE, ObjectKind.TABLE:
            yield from _alter_table(change)
            yield from _granted(change)
            yield from _marked(change)
        case Action.REPLACE, ObjectKind.VIEW:
            # OR REPLACE cannot take a column away.
            yield Statement(statements.drop("VIEW", change.name), f"Replace view {change.name}")
            yield from _part(change).statements
        case Action.REPLACE, ObjectKind.FUNCTION:
            yield from _ungranted(change)
            yield from _part(change).statements
        case Action.REPLACE, _:
            yield from _part(change).statements
        case Action.ENABLE, _:
            state = _part(change).state["enabled"]
            yield Statement(statements.enable(change.name, state), f"Trigger {change.name}: {state}")
            yield from _marked(change)
        case Action.DROP, ObjectKind.ROLE:
            yield Statement(statements.drop_unused_role(change.name), f"Drop role {change.name} if nothing needs it")
        case Action.DROP, ObjectKind.SCHEMA:
            yield Statement(statements.drop_empty_schema(change.name), f"Drop schema {change.name} if it is empty")
        case Action.DROP, _:
            yield Statement(statements.drop(_WORDS[change.kind], _called(change)), f"Drop {change.kind} {change.name}")
        case Action.OWNER | Action.COMMENT, _:
            yield from _marked(change)
    if change.owner is not None:
        given = statements.give(_WORDS[change.kind], _called(change), change.owner)
        yield Statement(given, f"Owner of {change.kind} {change.name}")


def create_trigger(called: str, part: Part, enabled: str | None = None) -> Iterator[Statement]:
    """Yield the statements that make an event trigger in its state, or in that of ``enabled``."""
    state = {**part.state, "enabled": enabled or part.state["enabled"]}
    yield from statements.make_event_trigger(called, state)
    yield Statement(statements.comment("EVENT TRIGGER", called, str(part.mark)), "")


def take_back(change: Change) -> Iterator[Statement]:
    """Yield the statements that bring things back to what they were before ``change``."""
    if change.found is None:
        yield from _unmake(change)
        return
    found = change.found
    match change.action, change.kind:
        case Action.REPLACE | Action.DROP, ObjectKind.TRIGGER:
            yield Statement(statements.drop("EVENT TRIGGER", change.name), "")
            yield from found.restore
        case Action.ENABLE, ObjectKind.TRIGGER:
            yield Statement(statements.enable(change.name, found.state["enabled"]), f"Trigger {change.name} as it was")
            yield Statement(statements.comment("EVENT TRIGGER", change.name, found.comment), "")
        case Action.REPLACE, ObjectKind.TABLE:
            yield from _added_columns_away(change)
            yield from found.restore
        case Action.REPLACE | Action.DROP, _:
            yield from found.restore
        case _:
            yield Statement(statements.comment(_WORDS[change.kind], _called(change), found.comment), "")
            yield Statement(statements.give(_WORDS[change.kind], _called(change), found.owner), "")


def _unmake(change: Change) -> Iterator[Statement]:
    match change.kind:
        case ObjectKind.TRIGGER:
            yield Statement(statements.drop("EVENT TRIGGER", change.name), f"Drop trigger {change.name}")
        case ObjectKind.FUNCTION:
            yield Statement(statements.drop("FUNCTION", _called(change)), f"Drop function {change.name}")
        case ObjectKind.VIEW:
            yield Statement(statements.drop("VIEW", change.name), f"Drop view {change.name}")
        case ObjectKind.ROLE:
            yield Statement(statements.drop_unused_role(change.name), f"Drop role {change.name}")
        case ObjectKind.TABLE:
            yield Statement(statements.drop_empty_table(change.name), f"Drop table {change.name} if it is empty")
            yield Statement(
                statements.drop_table(change.name),
                f"Drop table {change.name}, in which nobody but xtrig's own logins has written",
                hazards=(Hazard.LOSES_DATA,),
            )
        case ObjectKind.SCHEMA:
            yield Statement(statements.drop_empty_schema(change.name), f"Drop schema {change.name} if it is empty")


def _alter_table(change: Change) -> Iterator[Statement]:
    for difference in change.differences:
        if difference.live is None and difference.wanted is not None and difference.attribute.startswith("column "):
            column = difference.attribute.removeprefix("column ")
            sql = f"ALTER TABLE {change.name} ADD COLUMN {name(column)} {difference.wanted}"
            yield Statement(sql, f"Table {change.name}: new column {column}")


def _granted(change: Change) -> Iterator[Statement]:
    """Yield the statements that leave others just the privileges of the definition."""
    for difference in change.differences:
        if difference.attribute == "grants":
            yield from _ungranted(change)
            for line in (difference.wanted or "").splitlines():
                yield Statement(statements.grant(line, change.name), f"Grants of {change.kind} {change.name}")


def _ungranted(change: Change) -> Iterator[Statement]:
    for difference in change.differences:
        if difference.attribute == "grants":
            on = f"FUNCTION {_called(change)}" if change.kind is ObjectKind.FUNCTION else change.name
            for line in (difference.live or "").splitlines():
                role = line.rpartition(" ")[0]
                grantee = "PUBLIC" if role == "PUBLIC" else name(role)
                yield Statement(f"REVOKE ALL ON {on} FROM {grantee}", f"Grants of {change.kind} {change.name}")


def _added_columns_away(change: Change) -> Iterator[Statement]:
    for difference in change.differences:
        if difference.live is None and difference.attribute.startswith("column "):
            column = difference.attribute.removeprefix("column ")
            sql = f"ALTER TABLE {change.name} DROP COLUMN IF EXISTS {name(column)}"
            yield Statement(sql, f"Drop the new column {column}", hazards=(Hazard.LOSES_DATA,))


def _marked(change: Change) -> Iterator[Statement]:
    part = _part(change)
    is_told = any(difference.attribute == COMMENT for difference in change.differences)
    if part.mark is not None and (is_told or change.found is None or read_mark(change.found.comment) != part.mark):
        comment = statements.comment(_WORDS[change.kind], _called(change), str(part.mark))
        yield Statement(comment, f"Mark {change.kind} {change.name}")


def _part(change: Change) -> Part:
    assert change.part is not None, f"{change.action} wants nothing"  # noqa: S101
    return change.part


def _called(change: Change) -> str:
    is_bare = change.kind is ObjectKind.FUNCTION and not change.name.endswith(")")
    return f"{change.name}()" if is_bare else change.name

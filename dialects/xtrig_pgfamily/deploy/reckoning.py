"""What the stages ask of changes and of found triggers, and what they come to as statements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from xtrig.dialect.deployment import Action, Change, Found
from xtrig.plugin import ObjectKind, Statement
from xtrig_pgfamily import statements
from xtrig_pgfamily.deploy.changing import make, take_back

FIRING = ("origin", "always")
"""The states in which a trigger fires in ordinary sessions."""


def goes_live(change: Change) -> bool:
    """Whether a change makes a trigger fire at logins, or fire otherwise than before."""
    if change.kind is not ObjectKind.TRIGGER or change.part is None or change.part.state["event"] != "login":
        return False
    state = change.part.state["enabled"]
    if change.action is Action.ENABLE:
        before = enabled(change.found) if change.found is not None else "disabled"
        return state in FIRING and before not in FIRING
    return state != "disabled" and change.action in (Action.CREATE, Action.REPLACE)


def login_triggers(objects: Iterable[Found]) -> list[Found]:
    """Return the login triggers of the database, those of others too."""
    return [found for found in objects if found.kind is ObjectKind.TRIGGER and found.state["event"] == "login"]


def enabled(found: Found) -> str:
    """Return the state in which a trigger fires."""
    return found.state["enabled"]


def stays(change: Change) -> bool:
    """Whether the object is there afterwards."""
    return change.action is not Action.DROP


def made_by(changes: Iterable[Change]) -> list[Statement]:
    """Return the statements that make changes, in their order."""
    return [statement for change in changes for statement in make(change)]


def taken_back(changes: Sequence[Change]) -> list[Statement]:
    """Return the statements that take changes back, last first; but new triggers go before they could refuse that."""
    new = [change for change in changes if change.kind is ObjectKind.TRIGGER and change.action is Action.CREATE]
    rest = [change for change in reversed(changes) if change not in new]
    return [statement for change in [*new, *rest] for statement in take_back(change)]


def changed_triggers(changes: Iterable[Change]) -> tuple[str, ...]:
    """Return the triggers whose own change sets their state; a new mark or owner leaves it as it is."""
    kept = (Action.COMMENT, Action.OWNER)
    return tuple(change.name for change in changes if change.kind is ObjectKind.TRIGGER and change.action not in kept)


def disarmed(triggers: Sequence[str]) -> Statement:
    """Return the statement after which logins look for no trigger any more, if there are none but these."""
    purpose = "Logins look for no trigger any more; else standbys would refuse every login once the last is gone"
    return Statement(statements.disarm_logins(triggers), purpose)

"""``xtrig status``: how each object differs from the definition, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from xtrig.checks import examine
from xtrig.connect import READING, Where, database_errors, open_place
from xtrig.deploy.compare import compare
from xtrig.deploy.history import last_entry
from xtrig.deploy.target import Target, find_target
from xtrig.dialect.deployment import Inventory
from xtrig.dialect.history import Entry
from xtrig.dialect.objects import DISABLED, ENABLED, Change, DatabaseObject, Difference, ObjectKind
from xtrig.dialect.platform import Server
from xtrig.model import TriggerSet

if TYPE_CHECKING:
    from xtrig.outputs import ObjectOutput, StatusOutput


class Condition(StrEnum):
    """What is the matter with one object."""

    IN_SYNC = "in sync"
    MISSING = "missing"
    OUTDATED = "outdated"
    """It is as xtrig made it, from another definition than this."""
    TAMPERED = "tampered"
    """It is not as xtrig made it: somebody has changed it since."""
    DISABLED = "disabled"
    """It is there, and does not fire; the notes say if ``xtrig disable`` has disabled it."""
    FOREIGN = "foreign"
    """An object of that name, which xtrig did not make, or made for another set."""
    OWNER_CHANGED = "owner changed"
    SURPLUS = "surplus"
    """It is of this set, and no more in the definition."""
    KEPT = "kept"
    """The same, of a table: it may hold rows, so nothing is the matter with its being there."""
    LEFT_BEHIND = "left behind"
    """A deployment that was cut off made it for its own use."""


_DISABLED = "the triggers were disabled with xtrig disable; xtrig enable enables them again"
_GOOD = (Condition.IN_SYNC, Condition.KEPT)


@dataclass(frozen=True, slots=True)
class ObjectStatus:
    """One object, and how it differs from what the definition says."""

    kind: ObjectKind
    """The kind of the object."""
    name: str
    """Its name in SQL."""
    condition: Condition
    """What is the matter with it."""
    differences: tuple[Difference, ...] = ()
    """Each attribute that is not as the definition says."""

    @property
    def is_good(self) -> bool:
        """Whether nothing is the matter with it."""
        return self.condition in _GOOD

    def to_dict(self) -> ObjectOutput:
        """Return the status as JSON-able data."""
        return {
            "kind": str(self.kind),
            "name": self.name,
            "condition": str(self.condition),
            "differences": [each.to_dict() for each in self.differences],
        }


@dataclass(frozen=True, slots=True)
class Status:
    """The status of a whole set."""

    server: Server
    """The server."""
    dialect: str
    """The name of the dialect that it speaks."""
    set_name: str
    """The set."""
    objects: tuple[ObjectStatus, ...]
    """Each object that the definition or the mark of the set names."""
    problems: tuple[str, ...]
    """What makes the triggers unsafe or useless on this server, besides the objects themselves."""
    notes: tuple[str, ...] = ()
    """What is no difference, and good to know."""
    last: Entry | None = None
    """The last deployment; None: the history has none, or this role may not read it."""

    @property
    def is_in_sync(self) -> bool:
        """Whether the database is as the definition says."""
        return not self.problems and all(each.is_good for each in self.objects)

    def to_dict(self) -> StatusOutput:
        """Return the status as JSON-able data."""
        return {
            "in_sync": self.is_in_sync,
            "dialect": self.dialect,
            "server": self.server.title,
            "database": self.server.database,
            "set": self.set_name,
            "objects": [each.to_dict() for each in self.objects],
            "problems": list(self.problems),
            "notes": list(self.notes),
            "last_deployment": self.last.to_dict() if self.last else None,
        }


def status(triggers: TriggerSet, where: Where = None, *, dialect: str | None = None) -> Status:
    """Compare a set with a live database, object by object; nothing is changed.

    ``where`` is an engine, a connection or a URL; None takes XTRIG_DATABASE_URL, or what a driver finds. Needs no
    rights beyond logging in. Raises the errors of :func:`xtrig.render.render`, and
    :class:`~xtrig.errors.DatabaseError`.
    """
    examination = examine(triggers)
    with open_place(where, dialect) as place, database_errors(READING), place.session.reading():
        target = find_target(examination, place.session, dialect)
        inventory = target.inventory(place.session)
        objects = tuple(statuses(target, inventory))
        problems = (
            *target.server.problems,
            *target.server.idle,
            *inventory.refusals,
            *inventory.notes,
            *inventory.manipulations,
        )
        name = target.deployment.set_name
        is_disabled = any(each.is_disabled for each in inventory.of(name))
        last, unread = last_entry(target, place.session)
        notes = tuple(filter(None, (target.server.read_only, _DISABLED if is_disabled else "", unread)))
        return Status(target.server, target.dialect.name, name, objects, problems, notes, last)


def statuses(target: Target, inventory: Inventory) -> Iterator[ObjectStatus]:
    """Yield the status of each object that the definition or the set's mark names."""
    deployment = target.deployment
    compared = compare(deployment, inventory, adopt=True, prune=True)
    changes = {change.object.key: change for change in compared.changes}
    disabled = {each.key for each in compared.disabled}
    for wanted in deployment.objects:
        found, change = inventory.find(wanted), changes.pop(wanted.key, None)
        condition = _condition(wanted, found, change, deployment.set_name)
        if condition is Condition.IN_SYNC and wanted.key in disabled:
            difference = Difference(ENABLED, DISABLED, wanted.state[ENABLED])
            yield ObjectStatus(wanted.kind, wanted.name, Condition.DISABLED, (difference,))
            continue
        is_said = change is not None and condition is not Condition.MISSING
        yield ObjectStatus(wanted.kind, wanted.name, condition, change.differences if change and is_said else ())
    for change in changes.values():
        left = change.found is not None and deployment.leftover(change.found, inventory)
        yield ObjectStatus(change.kind, change.name, Condition.LEFT_BEHIND if left else Condition.SURPLUS)
    for found in compared.surplus:
        yield ObjectStatus(found.kind, found.name, Condition.KEPT)


def _condition(wanted: DatabaseObject, found: DatabaseObject | None, change: Change | None, set_name: str) -> Condition:
    if found is None:
        return Condition.MISSING
    if wanted.kind.is_shared:
        return Condition.IN_SYNC if change is None else Condition.OUTDATED
    if not found.is_of(set_name):
        return Condition.FOREIGN
    if change is None:
        return Condition.IN_SYNC
    changed = {each.attribute for each in change.differences}
    if changed == {"owner"}:
        return Condition.OWNER_CHANGED
    if changed == {ENABLED} and found.state[ENABLED] == DISABLED:
        return Condition.DISABLED
    return Condition.TAMPERED if found.is_tampered(wanted) else Condition.OUTDATED

"""What a definition wants against what a server has, object by object."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from xtrig import __version__
from xtrig.dialect.deployment import Deployment, Inventory
from xtrig.dialect.objects import COMMENT, DISABLED, ENABLED, Action, Change, DatabaseObject, Difference, ObjectKind


@dataclass(frozen=True, slots=True)
class Comparison:
    """The changes in the order in which they can be made, and what is not to be changed.

    ``surplus`` are objects of the set that the definition has no more, and that are left alone. ``disabled`` are the
    triggers of the definition that ``xtrig disable`` keeps from firing: whatever else changes, they stay disabled.
    """

    changes: tuple[Change, ...]
    refusals: tuple[str, ...]
    surplus: tuple[DatabaseObject, ...]
    disabled: tuple[DatabaseObject, ...] = ()


def compare(deployment: Deployment, inventory: Inventory, *, adopt: bool = False, prune: bool = False) -> Comparison:
    """Compare; ``adopt`` takes over what xtrig did not make, ``prune`` drops what the definition has no more."""
    changes: list[Change] = []
    refusals = list(inventory.refusals)
    owners = _owners(inventory, deployment.set_name)
    disabled: list[DatabaseObject] = []
    is_disabled = any(each.is_disabled for each in inventory.of(deployment.set_name))
    for defined in deployment.objects:
        wanted = defined
        if is_disabled and defined.state.get(ENABLED, DISABLED) != DISABLED:
            wanted = defined.as_disabled() or defined
            disabled.append(defined)
        found = inventory.find(wanted)
        if found is not None and not adopt and (stranger := _stranger(found, deployment.set_name)):
            refusals.append(stranger)
            continue
        change = _change(wanted, found, owners)
        if change is not None:
            changes.append(change)
            refusals += wanted.refusals(found) if found is not None else ()
            refusals += _newer(change) if not adopt else ()
    dropped, surplus = _surplus(deployment, inventory, prune=prune)
    return Comparison((*changes, *dropped), tuple(refusals), tuple(surplus), tuple(disabled))


def _newer(change: Change) -> Iterator[str]:
    """Yield that a newer xtrig has made an object: two versions in turn would change it back and forth."""
    mark = change.found.mark if change.found is not None else None
    if mark is not None and mark.is_newer:
        yield (
            f"{change.kind} {change.name} was made by xtrig {mark.version}, and this is {__version__}, which would "
            "change it back; use that version or a newer one, or take it over with --adopt"
        )


def _stranger(found: DatabaseObject, set_name: str) -> str | None:
    if found.kind.is_shared or found.is_of(set_name):
        return None
    who = f"{found.kind} {found.name}"
    if found.mark is None:
        return f"{who} exists and was not made by xtrig; rename one of the two, or replace it with --adopt"
    return (
        f"{who} belongs to the set {found.mark.set_name!r}, and this is {set_name!r}; "
        "rename one of the two, or take it over with --adopt"
    )


def _change(wanted: DatabaseObject, found: DatabaseObject | None, owners: Sequence[str]) -> Change | None:
    if found is None:
        new = tuple(Difference(attribute, None, value) for attribute, value in wanted.state.items())
        return Change(Action.CREATE, wanted, differences=new)
    differences = tuple(wanted.differences(found))
    if wanted.kind.is_shared:
        return Change(Action.REPLACE, wanted, found, differences) if differences else None
    change = Change(Action.COMMENT, wanted, found, differences)
    owner = _owner(wanted, owners)
    if owner is not None and found.owner != owner:
        change = replace(change, owner=owner, differences=(*differences, Difference("owner", found.owner, owner)))
    if differences:
        return replace(change, action=_action({each.attribute for each in differences}))
    if change.owner is not None:
        return replace(change, action=Action.OWNER)
    if found.mark != wanted.mark:
        return replace(change, differences=(Difference("mark", found.comment, str(wanted.mark)),))
    return None


def _action(changed: AbstractSet[str]) -> Action:
    if changed == {ENABLED}:
        return Action.ENABLE
    return Action.COMMENT if changed == {COMMENT} else Action.REPLACE


def _owner(wanted: DatabaseObject, owners: Sequence[str]) -> str | None:
    if wanted.owner is not None or wanted.kind is ObjectKind.TRIGGER:
        return wanted.owner
    return owners[0] if len(owners) == 1 else None


def _owners(inventory: Inventory, set_name: str) -> list[str]:
    """Return who owns the set's triggers: functions and tables have to belong to the same."""
    triggers = [found for found in inventory.of(set_name) if found.kind is ObjectKind.TRIGGER]
    return sorted({found.owner for found in triggers if found.owner is not None})


def _surplus(deployment: Deployment, inventory: Inventory, *, prune: bool) -> tuple[list[Change], list[DatabaseObject]]:
    wanted = {each.key for each in deployment.objects}
    extra = [
        found
        for found in inventory.of(deployment.set_name)
        if found.key not in wanted and not deployment.is_needed(found, inventory) and not found.kind.is_global
    ]
    gone = [found for found in extra if not found.kind.is_kept and (prune or deployment.leftover(found, inventory))]
    drops = [Change(Action.DROP, found=found) for found in sorted(gone, key=lambda each: -each.kind.place)]
    return drops, [found for found in extra if found not in gone]

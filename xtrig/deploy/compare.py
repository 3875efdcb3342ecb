"""What a definition comes to against what a server has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from xtrig.dialect.deployment import COMMENT, Action, Change, Deployment, Difference, Found, Inventory
from xtrig.script import ObjectKind, Part

_DROP_ORDER = tuple(reversed(ObjectKind))
KEPT = (ObjectKind.TABLE, ObjectKind.SCHEMA)
"""What is never dropped because a definition has it no more: it may hold rows."""
SHARED = (ObjectKind.SCHEMA, ObjectKind.ROLE)
"""What may have been there before, and is used as it is."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The changes in the order in which they can be made, and what is not to be changed.

    ``surplus`` are objects of the set that the definition has no more, and that are left alone.
    """

    changes: tuple[Change, ...]
    refusals: tuple[str, ...]
    surplus: tuple[Found, ...]


def compare(deployment: Deployment, inventory: Inventory, *, adopt: bool = False, prune: bool = False) -> Comparison:
    """Compare; ``adopt`` takes over what xtrig did not make, ``prune`` drops what the definition has no more."""
    changes: list[Change] = []
    refusals = list(inventory.refusals)
    owners = _owners(inventory, deployment.set_name)
    for part in deployment.parts:
        found = inventory.find(part.kind, part.name)
        if found is not None and not adopt and (stranger := _stranger(part, found, deployment.set_name)):
            refusals.append(stranger)
            continue
        change = _change(deployment, part, found, owners)
        if change is not None:
            changes.append(change)
            refusals += deployment.refusals(change)
    dropped, surplus = _surplus(deployment, inventory, prune=prune)
    return Comparison((*changes, *dropped), tuple(refusals), tuple(surplus))


def _stranger(part: Part, found: Found, set_name: str) -> str | None:
    if part.kind in SHARED or found.is_of(set_name):
        return None
    who = f"{part.kind} {part.name}"
    if found.mark is None:
        return f"{who} exists and was not made by xtrig; rename one of the two, or replace it with --adopt"
    return (
        f"{who} belongs to the set {found.mark.set_name!r}, and this is {set_name!r}; "
        "rename one of the two, or take it over with --adopt"
    )


def _change(deployment: Deployment, part: Part, found: Found | None, owners: Sequence[str]) -> Change | None:
    if found is None:
        wanted = tuple(Difference(attribute, None, value) for attribute, value in part.state.items())
        return Change(Action.CREATE, part.kind, part.name, wanted, part)
    if part.kind in SHARED:
        return None
    differences = tuple(deployment.differences(part, found))
    change = Change(Action.COMMENT, part.kind, part.name, differences, part, found)
    wanted_owner = _owner(part, owners)
    if wanted_owner is not None and found.owner != wanted_owner:
        owner = Difference("owner", found.owner, wanted_owner)
        change = replace(change, owner=wanted_owner, differences=(*differences, owner))
    if differences:
        return replace(change, action=_action({each.attribute for each in differences}))
    if change.owner is not None:
        return replace(change, action=Action.OWNER)
    if found.mark != part.mark:
        mark = Difference("mark", found.comment, str(part.mark))
        return replace(change, differences=(mark,))
    return None


def _action(changed: AbstractSet[str]) -> Action:
    if changed == {"enabled"}:
        return Action.ENABLE
    return Action.COMMENT if changed == {COMMENT} else Action.REPLACE


def _owner(part: Part, owners: Sequence[str]) -> str | None:
    if part.owner is not None or part.kind is ObjectKind.TRIGGER:
        return part.owner
    return owners[0] if len(owners) == 1 else None


def _owners(inventory: Inventory, set_name: str) -> list[str]:
    """Return who owns the set's triggers: functions and tables have to belong to the same."""
    return sorted({found.owner for found in inventory.of(set_name) if found.kind is ObjectKind.TRIGGER})


def _surplus(deployment: Deployment, inventory: Inventory, *, prune: bool) -> tuple[list[Change], list[Found]]:
    named = {(part.kind, part.name) for part in deployment.parts}
    extra = [
        found
        for found in inventory.of(deployment.set_name)
        if (found.kind, found.name) not in named
        and not deployment.is_needed(found, inventory)
        # Roles belong to the whole server: a set of the same name in another database may need this one.
        and found.kind is not ObjectKind.ROLE
    ]
    gone = [found for found in extra if found.kind not in KEPT and (prune or deployment.leftover(found, inventory))]
    gone.sort(key=lambda found: _DROP_ORDER.index(found.kind))
    return list(_drops(gone)), [found for found in extra if found not in gone]


def _drops(gone: Sequence[Found]) -> Iterator[Change]:
    for found in gone:
        yield Change(Action.DROP, found.kind, found.name, found=found)

"""Triggers of the set that would fire on its own deployment are disabled meanwhile.

Those of others are not: whoever records or refuses DDL here means ours too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from xtrig.plugin import DatabaseObject, Statement
from xtrig_pgfamily.objects import EventTrigger


def firing_on_ddl(objects: Iterable[DatabaseObject]) -> list[EventTrigger]:
    """Return the triggers that DDL commands meet."""
    return [each for each in objects if isinstance(each, EventTrigger) and not each.is_login and each.is_enabled]


def undisturbed(
    own: Iterable[EventTrigger], made: Iterable[Statement], changed: Collection[str] = ()
) -> tuple[Statement, ...]:
    """Return ``made`` between the statements that disable the triggers ``own``, and enable them again.

    Those named in ``changed`` are not enabled again: their own change does it. No one sees this: it is one
    transaction.
    """
    inner = tuple(made)
    disabled = list(own) if inner else []
    return (
        *(each.set_to("disabled", "It is disabled meanwhile") for each in disabled),
        *inner,
        *(each.set_to(each.enabled) for each in disabled if each.name not in changed),
    )

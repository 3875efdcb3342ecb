"""Triggers of the set that would fire on its own deployment rest meanwhile.

Those of others do not rest: whoever records or refuses DDL here means ours too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from xtrig.dialect.deployment import Found
from xtrig.plugin import ObjectKind, Statement
from xtrig_pgfamily import statements


def parked(own: Sequence[Found], made: Iterable[Statement], asleep: Collection[str] = ()) -> tuple[Statement, ...]:
    """Return ``made`` between the statements that put the set's own DDL triggers to rest, and wake them again.

    Those named in ``asleep`` are not woken: they are about to be changed. No one sees this: it is one transaction.
    """
    inner = tuple(made)
    resting = [found for found in own if fires_on_ddl(found)] if inner else []
    woken = [found for found in resting if found.name not in asleep]
    return (
        *(Statement(statements.enable(found.name, "disabled"), "It rests meanwhile") for found in resting),
        *inner,
        *(Statement(statements.enable(found.name, found.state["enabled"]), "") for found in woken),
    )


def fires_on_ddl(found: Found) -> bool:
    """Whether an object is a trigger that DDL commands meet."""
    if found.kind is not ObjectKind.TRIGGER:
        return False
    return found.state["event"] != "login" and found.state["enabled"] != "disabled"

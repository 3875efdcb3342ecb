"""Changes to stages: first all of it in a transaction that is rolled back, then for good.

Nothing here was seen on a PolarDB server, so the first stage tries everything: whether the server has these events
and clauses, whether it makes them inside a transaction, and whether what would take them back works. There is no
canary, since no page says which sessions meet a trigger in state ENABLE REPLICA at logon; and a login that fails to
run its trigger is let in, so logins prove only that nobody is kept out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xtrig.dialect.deployment import Action, Change, Found, Proof, Stage
from xtrig.plugin import ObjectKind, Statement
from xtrig_pgfamily.deploy.parking import parked
from xtrig_pgfamily.statements import do_block
from xtrig_polardb.deploying.changing import drop_trigger, make, take_back
from xtrig_polardb.deploying.reading import awake

_CHANGED = (Action.CREATE, Action.REPLACE, Action.ENABLE, Action.DROP)
"""What is done to a trigger that has its state from then on; a change of mark or owner leaves it as it is."""

_KEEPING = (ObjectKind.TABLE, ObjectKind.SCHEMA, ObjectKind.ROLE)
"""What may hold rows, or things of others: it goes last, and cannot be brought back."""


def stages(changes: Sequence[Change], own: Sequence[Found]) -> Iterator[Stage]:
    """Yield the probe, and the one transaction that makes all changes; ``own`` are the objects of the set."""
    if changes:
        made, undo = tuple(made_at_once(changes, own)), tuple(_taken_back(changes, own))
        # Nobody would be told of a block that the server does not take: the guard's is run if nobody is there.
        block = Statement(do_block(["NULL;"]), "A block, such as takes a deployment back if nobody finishes it")
        purpose = "Everything made and taken back, in a transaction that is rolled back: does this server take it?"
        yield Stage("probe", purpose, (block, *made, *undo), proof=Proof.REHEARSAL)
        yield Stage("apply", "Everything, in one transaction", made, undo, proof=Proof.LOGINS)


def removal(changes: Sequence[Change], own: Sequence[Found]) -> Iterator[Stage]:
    """Yield the stages that drop triggers and functions, and then what cannot be brought back."""
    running = [change for change in changes if change.kind not in _KEEPING]
    keeping = [change for change in changes if change.kind in _KEEPING]
    if running:
        made, undo = tuple(made_at_once(running, own)), tuple(_taken_back(running, own))
        yield Stage("remove", "Triggers and functions, in one transaction", made, undo, proof=Proof.LOGINS)
    if keeping:
        last = tuple(statement for change in keeping for statement in make(change))
        yield Stage("finish", "What is empty, or was to go with its rows", last)


def made_at_once(changes: Sequence[Change], own: Sequence[Found]) -> Iterator[Statement]:
    """Yield one transaction's statements: triggers that go are first, those that come are last."""
    triggers = [change for change in changes if change.kind is ObjectKind.TRIGGER]
    gone = [change for change in triggers if change.action is Action.DROP]
    quiet = [change for change in changes if change.kind is not ObjectKind.TRIGGER]
    first = [statement for change in [*gone, *quiet] for statement in make(change)]
    yield from parked(awake(own), first, asleep=[change.name for change in triggers if change.action in _CHANGED])
    for change in triggers:
        if change not in gone:
            yield from make(change)


def _taken_back(changes: Sequence[Change], own: Sequence[Found]) -> Iterator[Statement]:
    """Yield the statements that take the changes back: no trigger of the set may fire on them meanwhile."""
    triggers = [change for change in changes if change.kind is ObjectKind.TRIGGER]
    quiet = [change for change in reversed(changes) if change.kind is not ObjectKind.TRIGGER]
    for change in triggers:
        if change.action in (Action.CREATE, Action.REPLACE):
            yield drop_trigger(change)
        elif change.action is Action.ENABLE:
            yield Statement(f"ALTER EVENT TRIGGER {change.name} DISABLE", "")
    settled = [change.name for change in triggers if change.action in _CHANGED]
    others = [found for found in awake(own) if found.name not in settled]
    yield from parked(others, [statement for change in quiet for statement in take_back(change)])
    for change in reversed(triggers):
        yield from take_back(change)

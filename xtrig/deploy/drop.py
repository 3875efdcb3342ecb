"""``xtrig drop``: everything that a set made goes, and nobody is refused a login by it."""

from __future__ import annotations

from dataclasses import dataclass

from xtrig.checks import Examination, examine
from xtrig.connect import READING, Where, database_errors, open_place
from xtrig.deploy.apply import directly, held, unproved
from xtrig.deploy.history import record
from xtrig.deploy.options import Bounds, Canary
from xtrig.deploy.report import Report
from xtrig.deploy.run import Deploying
from xtrig.deploy.target import Target, find_target
from xtrig.dialect.deployment import Inventory, Stage
from xtrig.dialect.driver import Place
from xtrig.dialect.objects import ObjectKind
from xtrig.dialect.platform import Server
from xtrig.errors import UsageError, check_type
from xtrig.model import TriggerSet
from xtrig.progress import NoProgress, Progress

_UNLESS = {ObjectKind.SCHEMA: ", if nothing else is in it"}


@dataclass(frozen=True, slots=True)
class Removal:
    """What dropping a set would take away; no stages: the set has nothing there."""

    server: Server
    """The server."""
    stages: tuple[Stage, ...]
    """The transactions in which it would be done."""
    gone: tuple[str, ...]
    """Each object that goes, and its kind."""
    kept: tuple[str, ...]
    """Tables that stay, as they may hold rows."""


def removal(
    triggers: TriggerSet, where: Where = None, *, dialect: str | None = None, with_data: bool = False
) -> Removal:
    """Return what :func:`drop` would do; nothing is changed. The arguments and errors are those of ``drop``."""
    examination = examine(triggers)
    with open_place(where, dialect) as place:
        return _planned(place, examination, dialect, with_data=with_data)[-1]


def drop(
    triggers: TriggerSet,
    where: Where = None,
    *,
    dialect: str | None = None,
    with_data: bool = False,
    bounds: Bounds = Bounds(),  # noqa: B008  # frozen
    listener: Progress | None = None,
) -> Report:
    """Take away all that a set made, and nothing else: what does not carry its mark stays.

    Tables, and so what was recorded, stay unless ``with_data`` is true. The definition only says which set: what
    an earlier definition of the same set made goes too. ``where`` is an engine or a URL; or a connection or an ORM
    session: then everything happens in the caller's transaction, without proofs, and the caller commits.

    Raises the errors of :func:`xtrig.deploy.apply`.
    """
    check_type(bounds, Bounds, "bounds", "write Bounds(lock_timeout=...)")
    listener = listener or NoProgress()
    examination = examine(triggers)
    with held(where, dialect, bounds) as (place, guard):
        target, before, planned = _planned(place, examination, dialect, with_data=with_data)
        if target.server.problems:
            raise UsageError("; ".join(target.server.problems))
        report = Report(target.server.title, target.server.database)
        for name in planned.kept:
            report.tell(f"table {name} stays; --with-data drops it", listener)
        report.changes += [f"drop {name}" for name in planned.gone]
        if not planned.stages:
            return report
        if place.address is None or guard is None:
            statements = [statement for stage in planned.stages for statement in stage.statements]
            directly(place, statements, "drop", bounds, report)
            report.tell(unproved(place), listener)
        else:
            none = Canary(rounds=0)
            Deploying(place.session, place.address, target, guard, none, bounds, report, listener, is_removal=True).run(
                planned.stages
            )
        record("drop", place, target, before, report, bounds, listener, forgets=with_data)
        return report


def _planned(
    place: Place, examination: Examination, dialect: str | None, *, with_data: bool
) -> tuple[Target, Inventory, Removal]:
    with database_errors(READING), place.session.reading():
        target = find_target(examination, place.session, dialect)
        inventory = target.inventory(place.session)
    deployment = target.deployment
    stages = tuple(deployment.removal(inventory, with_data=with_data))
    own = inventory.of(deployment.set_name)
    kept = [found for found in own if found.kind is ObjectKind.TABLE and not with_data]
    gone = [f"{found.kind} {found.name}{_UNLESS.get(found.kind, '')}" for found in own if found not in kept]
    return target, inventory, Removal(target.server, stages, tuple(gone), tuple(found.name for found in kept))

"""``xtrig disable`` and ``xtrig enable``: the triggers of a set stop firing, and fire again, and stay as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from xtrig.checks import examine
from xtrig.connect import READING, Where, database_errors
from xtrig.deploy.apply import directly, held, unproved
from xtrig.deploy.history import record
from xtrig.deploy.options import Bounds, Canary
from xtrig.deploy.report import RefusedPlanError, Report
from xtrig.deploy.run import Deploying
from xtrig.deploy.target import Target, find_target
from xtrig.dialect.deployment import Inventory
from xtrig.dialect.objects import DISABLED, ENABLED, Action, Change, DatabaseObject, Difference, ObjectKind
from xtrig.errors import UsageError, check_type
from xtrig.model import TriggerSet
from xtrig.progress import NoProgress, Progress


def disable(
    triggers: TriggerSet,
    where: Where = None,
    *,
    dialect: str | None = None,
    bounds: Bounds = Bounds(),  # noqa: B008  # frozen
    listener: Progress | None = None,
) -> Report:
    """Keep the triggers of a set from firing until :func:`enable`; everything else stays, and standbys stay open.

    The definition only says which set. What is disabled so is no change by hand: ``status`` calls it disabled, and
    ``apply`` leaves it disabled. ``where`` is as for :func:`xtrig.deploy.drop`, and so are the errors.
    """
    return _switch("disable", _disabling, triggers, where, dialect, Canary(rounds=0), bounds, listener)


def enable(
    triggers: TriggerSet,
    where: Where = None,
    *,
    dialect: str | None = None,
    canary: Canary | None = Canary(),  # noqa: B008  # frozen
    bounds: Bounds = Bounds(),  # noqa: B008  # frozen
    listener: Progress | None = None,
) -> Report:
    """Let the triggers of a set fire again as before :func:`disable`, proved as :func:`xtrig.deploy.apply` proves it.

    A trigger that was disabled by hand gets the firing state of the definition. With ``canary=None``, or in the
    caller's transaction, nothing is proved. Raises the errors of ``apply``.
    """
    if canary is not None:
        check_type(canary, Canary, "canary", "write Canary(roles=[...]), or None for no proofs")
    return _switch("enable", _enabling, triggers, where, dialect, canary, bounds, listener)


def _switch(
    command: str,
    changes_of: Callable[[Target, Inventory], Iterator[Change]],
    triggers: TriggerSet,
    where: Where,
    dialect: str | None,
    canary: Canary | None,
    bounds: Bounds,
    listener: Progress | None,
) -> Report:
    check_type(bounds, Bounds, "bounds", "write Bounds(lock_timeout=...)")
    listener = listener or NoProgress()
    examination = examine(triggers)
    with held(where, dialect, bounds) as (place, guard):
        with database_errors(READING), place.session.reading():
            target = find_target(examination, place.session, dialect)
            inventory = target.inventory(place.session)
        deployment = target.deployment
        # What makes triggers unsafe, or keeps them from firing for this role, is no reason to let them fire on.
        unsafe = (*target.server.idle, *inventory.refusals) if command == "enable" else ()
        if problems := (*target.server.problems, *unsafe):
            raise RefusedPlanError(*problems)
        changes = list(changes_of(target, inventory))
        report = Report(target.server.title, target.server.database, [str(change) for change in changes])
        if not changes:
            return report
        if canary is None or place.address is None or guard is None:
            directly(place, deployment.direct(changes, inventory), command, bounds, report)
            report.unproved.append(unproved(place))
            report.tell(report.unproved[-1], listener)
        else:
            stages = tuple(deployment.stages(changes, inventory))
            run = Deploying(
                place.session, place.address, target, guard, canary, bounds, report, listener, triggers.locate
            )
            run.run(stages)
        record(command, place, target, inventory, report, bounds, listener)
        return report


def _own(target: Target, inventory: Inventory) -> Iterator[tuple[DatabaseObject, str]]:
    """Yield the triggers of the set, each with its firing state in the definition; "": it is not in it."""
    deployment = target.deployment
    for found in inventory.of(deployment.set_name):
        if (
            found.kind is ObjectKind.TRIGGER
            and ENABLED in found.state
            and not deployment.leftover(found, inventory)
            and not deployment.is_needed(found, inventory)
        ):
            wanted = next((each for each in deployment.objects if each.key == found.key), None)
            yield found, wanted.state[ENABLED] if wanted is not None else ""


def _disabling(target: Target, inventory: Inventory) -> Iterator[Change]:
    for found, defined in _own(target, inventory):
        state = found.state[ENABLED]
        former = defined if state == DISABLED else state
        if found.is_disabled or former in ("", DISABLED):
            continue
        wanted = found.as_disabled(former)
        if wanted is None:
            raise UsageError(f"{target.dialect.title} cannot disable {found.kind} {found.name}; drop the set instead")
        yield Change(Action.ENABLE, wanted, found, (Difference(ENABLED, state, DISABLED),))


def _enabling(target: Target, inventory: Inventory) -> Iterator[Change]:
    for found, defined in _own(target, inventory):
        state = found.state[ENABLED]
        former = (found.mark.disabled if found.mark is not None else "") or defined
        if state == DISABLED and former not in ("", DISABLED):
            yield Change(Action.ENABLE, found.as_enabled(former), found, (Difference(ENABLED, state, former),))

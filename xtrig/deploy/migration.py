"""A set from one definition to another, as a step of a migration tool or of SQLAlchemy's metadata.

A migration says what was before as well as what is wanted, since it is also run backwards, and on databases that its
author has not seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from xtrig import __version__
from xtrig.checks import examine
from xtrig.connect import Where, database_errors, open_place
from xtrig.deploy.apply import apply
from xtrig.deploy.drop import drop
from xtrig.deploy.history import record
from xtrig.deploy.options import Bounds, Canary
from xtrig.deploy.plan import Plan, plan
from xtrig.deploy.report import RefusedPlanError, Report
from xtrig.deploy.status import Condition, status
from xtrig.deploy.target import adapted, find_target
from xtrig.dialect.deployment import Deployment
from xtrig.dialect.history import Entry
from xtrig.dialect.objects import Action, Change, DatabaseObject, ObjectKind
from xtrig.errors import UsageError
from xtrig.model import TriggerSet
from xtrig.progress import NoProgress
from xtrig.registry import get_dialect
from xtrig.render import render, translate
from xtrig.script import Hazard, Script, Statement


@dataclass(frozen=True, slots=True)
class Migration:
    """What one set is before and after; None: it is not there.

    Tables and columns that are no more in the definition are dropped only ``with_data``. Raises
    :class:`~xtrig.errors.UsageError` for definitions of another set than ``set_name``, or of none.
    """

    set_name: str
    before: TriggerSet | None
    after: TriggerSet | None
    with_data: bool = False

    def __post_init__(self) -> None:
        if self.before is None and self.after is None:
            raise UsageError(f"set {self.set_name!r}: neither before nor after is given; leave the step out")
        for given in (self.before, self.after):
            if given is not None and given.set_name != self.set_name:
                raise UsageError(
                    f"set {self.set_name!r}: the definition is of the set {given.set_name!r}; drop the one and create "
                    "the other, in two steps"
                )

    def left(self) -> Iterator[str]:
        """Yield the tables and columns that stay, though only ``before`` has them, unless ``with_data``."""
        if self.before is None or self.with_data:
            return
        after = self.after
        for name, table in self.before.tables.items():
            kept = after.tables.get(name) if after is not None else None
            if not table.create:
                continue
            if kept is None:
                yield f"table {name}"
            else:
                yield from (f"column {name}.{column}" for column in table.columns if column not in kept.columns)
        if self.before.sessions is not None and (after is None or after.sessions is None):
            yield "the record of sessions"


def migrate(
    migration: Migration,
    where: Where,
    *,
    dialect: str | None = None,
    canary: Canary | None = None,
    bounds: Bounds = Bounds(),  # noqa: B008  # frozen
) -> Report | None:
    """Make the step on a database; None: the database is as after it already.

    ``where`` is a connection, in whose transaction all is done, or with a ``canary`` an engine. Raises
    :class:`~xtrig.deploy.report.RefusedPlanError` if the database is neither as before nor as after, and the errors
    of :func:`xtrig.deploy.apply`.
    """
    if migration.after is None:
        return _dropped(migration, where, dialect, canary, bounds)
    wanted = plan(migration.after, where, dialect=dialect, prune=True)
    if wanted.refusals:
        raise RefusedPlanError(*wanted.refusals)
    goes = tuple(_goes(migration, wanted)) if migration.with_data else ()
    if wanted.is_empty:
        _execute(goes, where, dialect, bounds)
        return None
    check_before(migration, wanted, where, dialect)
    report = apply(wanted, where, canary=canary, bounds=bounds)
    _execute(goes, where, dialect, bounds)
    return report


def check_before(migration: Migration, wanted: Plan, where: Where, dialect: str | None) -> None:
    """Raise :class:`~xtrig.deploy.report.RefusedPlanError` unless the database is as before the step.

    Where before and after are the same, the step is for what another version of xtrig has made.
    """
    before = migration.before
    if before is None:
        there = [f"{each.kind} {each.name}" for each in _there(wanted)]
        if there:
            raise RefusedPlanError(
                f"set {migration.set_name!r} is to be created, but the database has of it: {', '.join(there)}; see: "
                f"xtrig plan; make it as the definition says with xtrig apply, or drop it with xtrig drop"
            )
        return
    found = plan(before, where, dialect=dialect)
    if before == migration.after and is_untouched(before, where, dialect):
        return
    if not found.is_empty:
        raise RefusedPlanError(
            f"set {migration.set_name!r} in the database is neither as before this step nor as after it; compared "
            f"with before:\n{found}Make it as before with xtrig apply, or as after it, then run the step again"
        )


def is_untouched(triggers: TriggerSet, where: Where, dialect: str | None) -> bool:
    """Whether all of a set is there as xtrig has made it, if perhaps another version of it, in other words."""
    return all(
        each.is_good or each.condition is Condition.OUTDATED
        for each in status(triggers, where, dialect=dialect).objects
    )


def _there(wanted: Plan) -> Iterator[DatabaseObject]:
    """Yield the objects of the set that are there; tables and what others may use do not count."""
    changed = {change.object.key: change for change in wanted.changes}
    name = wanted.target.deployment.set_name
    for each in wanted.target.deployment.objects:
        change = changed.pop(each.key, None)
        found = each if change is None else change.found
        if found is not None and found.is_of(name) and not (each.kind.is_kept or each.kind.is_shared):
            yield found
    yield from (change.object for change in changed.values() if change.action is Action.DROP)
    yield from (each for each in wanted.surplus if not each.kind.is_kept)


def _dropped(
    migration: Migration, where: Where, dialect: str | None, canary: Canary | None, bounds: Bounds
) -> Report | None:
    assert migration.before is not None  # noqa: S101  # for mypy: one of the two is there
    found = plan(migration.before, where, dialect=dialect)
    if not list(_there(found)) and not migration.with_data:
        return None
    check_before(migration, found, where, dialect)
    if canary is None:
        return drop_within(migration.before, where, dialect=dialect, with_data=migration.with_data, bounds=bounds)
    return drop(migration.before, where, dialect=dialect, with_data=migration.with_data, bounds=bounds)


def drop_within(
    triggers: TriggerSet, where: Where, *, dialect: str | None, with_data: bool, bounds: Bounds
) -> Report | None:
    """Drop a set in the transaction of a connection; None: nothing is there. Tables stay unless ``with_data``."""
    with open_place(where, dialect) as opened:
        place = adapted(opened, dialect)[0]
        session = place.session
        with database_errors("cannot drop the set"), session.borrowed(bounds.lock_timeout):
            session.lock()
            target = find_target(examine(triggers), session, dialect)
            inventory = target.inventory(session)
            own = sorted(inventory.of(triggers.set_name), key=lambda each: -each.kind.place)
            kept = () if with_data else (ObjectKind.TABLE, ObjectKind.ROLE)
            changes = [Change(Action.DROP, found=each) for each in own if each.kind not in kept]
            if not changes:
                return None
            for statement in target.deployment.direct(changes, inventory):
                session.execute(statement.sql)
            told = [f"{each.action} {each.kind} {each.name}" for each in changes]
            report = Report(target.server.title, target.server.database, told)
            record("drop", place, target, inventory, report, bounds, NoProgress(), forgets=with_data)
            return report


def _goes(migration: Migration, wanted: Plan) -> Iterator[Statement]:
    """Yield the statements that drop tables and columns which only ``before`` has."""
    if migration.before is None:
        return
    target = wanted.target
    translation, _ = translate(examine(migration.before), target.dialect, target.version)
    former = target.dialect.deployment(translation.triggers, target.version)
    if former is not None:
        yield from _only_before(former.objects, target.deployment.objects)


def _only_before(before: tuple[DatabaseObject, ...], after: tuple[DatabaseObject, ...]) -> Iterator[Statement]:
    wanted = {each.key: each for each in after}
    for each in reversed(before):
        kept = wanted.get(each.key)
        if each.kind is ObjectKind.TABLE:
            yield from each.drop() if kept is None else _columns(each, kept)
        elif each.kind.is_kept and kept is None:
            yield from each.drop()


def _columns(before: DatabaseObject, after: DatabaseObject) -> Iterator[Statement]:
    # What brings a table back to a form with fewer columns also brings its comment back.
    return (each for each in after.restore(before) if Hazard.LOSES_DATA in each.hazards)


def _execute(statements: tuple[Statement, ...], where: Where, dialect: str | None, bounds: Bounds) -> None:
    if not statements:
        return
    with open_place(where, dialect) as opened:
        place, _ = adapted(opened, dialect)
        work = place.session.borrowed if place.address is None else place.session.transaction
        with database_errors("cannot drop what only the former definition has"), work(bounds.lock_timeout):
            for each in statements:
                place.session.execute(each.sql)


def migration_script(migration: Migration, dialect: str = "postgresql", target_version: str | None = None) -> Script:
    """Return the step as a script, for a database that cannot be asked: it is unproved.

    It stops where something is there that xtrig did not make, or is not as ``before`` says, and it adds itself to the
    history of deployments. Raises the errors of :func:`xtrig.render.render`, and
    :class:`~xtrig.errors.UsageError` for a change on a dialect that cannot be deployed.
    """
    before, after = migration.before, migration.after
    recorded = _recorded(migration, dialect, target_version)
    if before is None:
        assert after is not None  # noqa: S101  # for mypy: one of the two is there
        script = render(after, dialect, target_version=target_version)
        return replace(script, statements=(*recorded, *script.statements))
    with_data = migration.with_data
    removal = render(before, dialect, target_version=target_version, drop=True, with_data=with_data)
    former = _deployment(before, dialect, target_version)
    guards = () if former is None else former.expecting(former.objects)
    if after is None:
        return replace(removal, statements=(*guards, *removal.statements, *recorded))
    wanted = _deployment(after, dialect, target_version)
    if former is None or wanted is None:
        raise UsageError(f"dialect {dialect!r} renders whole sets alone; write the change of this one by hand")
    keys = {each.key for each in wanted.objects}
    gone = [each for each in former.objects if each.key not in keys and not (each.kind.is_kept or each.kind.is_global)]
    # A trigger goes first, or it would fire on the rest; a function goes last, since a trigger may have run it.
    first = [undo for each in gone if each.kind is ObjectKind.TRIGGER for undo in _undone(each)]
    last = [undo for each in reversed(gone) if each.kind is not ObjectKind.TRIGGER for undo in _undone(each)]
    last += [each for each in removal.statements if Hazard.WRITES_CATALOG in each.hazards]
    if with_data:
        last += _only_before(former.objects, wanted.objects)
    script = render(after, dialect, target_version=target_version)
    return replace(script, statements=(*guards, *recorded, *first, *script.statements, *last))


def _recorded(migration: Migration, dialect: str, target_version: str | None) -> Iterator[Statement]:
    """Yield the statement that records the step; it stands before the set's triggers on DDL, which would meet it."""
    target = get_dialect(dialect)
    history = None if target.platform is None else target.platform.history(target.parse_version(target_version))
    if history is not None:
        command = "drop" if migration.after is None else "apply"
        entry = Entry(
            command, migration.set_name, __version__, "unknown", "unknown", unproved=("it was run as a script",)
        )
        yield history.script(entry, forgets=migration.after is None and migration.with_data)


def _deployment(triggers: TriggerSet, dialect: str, target_version: str | None) -> Deployment | None:
    target = get_dialect(dialect)
    version = target.parse_version(target_version)
    translation, _ = translate(examine(triggers), target, version)
    return target.deployment(translation.triggers, version)


def _undone(each: DatabaseObject) -> Iterator[Statement]:
    for statement in each.printed():
        yield from statement.undo

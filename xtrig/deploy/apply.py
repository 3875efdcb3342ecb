"""``xtrig apply``: a definition, or a saved plan, onto a database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from xtrig.checks import Examination, examine
from xtrig.connect import READING, Where, database_errors, guarded, open_place
from xtrig.deploy.history import record
from xtrig.deploy.options import Bounds, Canary
from xtrig.deploy.plan import Plan, make_plan
from xtrig.deploy.planfile import SavedPlan, difference
from xtrig.deploy.report import RefusedPlanError, Report
from xtrig.deploy.run import Deploying
from xtrig.deploy.target import adapted, find_target
from xtrig.deploy.turns import in_turns
from xtrig.dialect.deployment import Inventory
from xtrig.dialect.driver import Guard, Place, Session
from xtrig.dialect.platform import Server
from xtrig.errors import DatabaseError, DriverError, UsageError, check_type
from xtrig.model import TriggerSet
from xtrig.progress import NoProgress, Progress
from xtrig.script import Statement, transactions
from xtrig.sqltext import one_line


def apply(
    triggers: TriggerSet | Plan | SavedPlan,
    where: Where = None,
    *,
    dialect: str | None = None,
    canary: Canary | None = Canary(),  # noqa: B008  # frozen
    bounds: Bounds = Bounds(),  # noqa: B008  # frozen
    adopt: bool = False,
    prune: bool = False,
    listener: Progress | None = None,
) -> Report:
    """Make a database what the definition says, and prove that people can still log in.

    ``triggers`` is a set, or a plan, made just now or saved: that is applied only if the database is still as it
    was planned for, and then ``dialect``, ``adopt`` and ``prune`` are the plan's. ``where`` is an engine, a
    connection or a URL. With a connection, or an ORM session, everything happens in the caller's transaction, which
    no other session can see: so there are no proofs, and the caller commits; say ``canary=None``, which also with an
    engine does without them. What fails leaves nothing in that transaction, and it can go on.

    Raises :class:`~xtrig.deploy.report.RefusedPlanError` if something stands against the plan,
    :class:`~xtrig.deploy.report.ProofError` if somebody could not log in any more (everything is taken back),
    :class:`~xtrig.errors.DatabaseError`, and the errors of :func:`xtrig.render.render`.
    """
    if canary is not None:
        check_type(canary, Canary, "canary", "write Canary(roles=[...]), or None for no proofs")
    check_type(bounds, Bounds, "bounds", "write Bounds(lock_timeout=...)")
    listener = listener or NoProgress()
    planned: Plan | SavedPlan | None = None
    if isinstance(triggers, (Plan, SavedPlan)):
        planned, dialect = triggers, triggers.dialect
        adopt, prune, triggers = triggers.adopt, triggers.prune, triggers.triggers
    examination = examine(triggers)
    with open_place(where, dialect) as opened:
        if opened.address is None and canary is not None:
            raise UsageError(
                "with a connection everything happens in your own transaction, where no new login can see it: "
                "say canary=None, or give the engine"
            )
        place, server = adapted(opened, dialect)
        with locked(place, server, bounds) as guard:
            listener.step("comparing the database with the definition")
            fresh, before = _fresh_plan(examination, place.session, dialect, adopt=adopt, prune=prune)
            _check(fresh, planned)
            report = Report(fresh.server.title, fresh.server.database, [str(change) for change in fresh.changes])
            report.surplus += [f"{found.kind} {found.name}" for found in fresh.surplus if not found.kind.is_kept]
            report.disabled += [f"{each.kind} {each.name}" for each in fresh.disabled]
            for note in (*map(str, fresh.warnings), *fresh.server.notes):
                report.tell(note, listener)
            if not fresh.changes:
                return report
            if canary is None or place.address is None or guard is None:
                directly(place, fresh.direct, "apply", bounds, report)
                report.unproved.append(unproved(place))
                report.tell(report.unproved[-1], listener)
            else:
                deploying = Deploying(
                    place.session,
                    place.address,
                    fresh.target,
                    guard,
                    canary,
                    bounds,
                    report,
                    listener,
                    examination.triggers.locate,
                )
                deploying.run(fresh.stages)
            record("apply", place, fresh.target, before, report, bounds, listener)
            return report


@contextmanager
def locked(place: Place, server: Server, bounds: Bounds) -> Iterator[Guard | None]:
    """Take the lock before anything is compared: what is seen then stays so.

    In the caller's transaction it is the transaction that holds it, and there is no guard. Where nothing can be changed
    there is neither.
    """
    if server.read_only:
        yield None
        return
    if place.address is not None:
        with guarded(place.address, bounds.lock_timeout) as guard:
            yield guard
        return
    with database_errors("cannot begin the deployment"), place.session.borrowed(bounds.lock_timeout):
        place.session.lock()
    yield None


@contextmanager
def held(where: Where, dialect: str | None, bounds: Bounds) -> Iterator[tuple[Place, Guard | None]]:
    """Open a place in which something goes or is switched, and take the lock; the guard is that of :func:`locked`.

    Raises :class:`~xtrig.errors.UsageError` where nothing can be changed.
    """
    with open_place(where, dialect) as opened:
        place, server = adapted(opened, dialect)
        if server.read_only:
            raise UsageError(server.read_only)
        with locked(place, server, bounds) as guard:
            yield place, guard


def _fresh_plan(
    examination: Examination, session: Session, dialect: str | None, *, adopt: bool, prune: bool
) -> tuple[Plan, Inventory]:
    with database_errors(READING), session.reading():
        target = find_target(examination, session, dialect)
        inventory = target.inventory(session)
        return make_plan(examination.triggers, target, inventory, adopt=adopt, prune=prune), inventory


def _check(fresh: Plan, planned: Plan | SavedPlan | None) -> None:
    if fresh.refusals:
        raise RefusedPlanError(*fresh.refusals)
    if planned is not None and (why := difference(planned, fresh)) is not None:
        raise RefusedPlanError(why)


def directly(place: Place, statements: Sequence[Statement], name: str, bounds: Bounds, report: Report) -> None:
    """Make all changes in one transaction, the caller's or one of our own; ``name`` is that of the command.

    Raises :class:`~xtrig.errors.UsageError` in the caller's where several are needed, and
    :class:`~xtrig.errors.DatabaseError`.
    """
    session = place.session
    groups = list(transactions(statements))
    if place.address is None and len(groups) > 1:
        raise UsageError("these changes need transactions of their own: give the engine, not a connection")
    made = 0
    try:
        for group in groups:
            if place.address is None:
                with session.borrowed(bounds.lock_timeout):
                    _execute(session, group)
            else:
                in_turns(session, session.transaction, partial(_execute, session, group), bounds.lock_timeout)
            made += 1
    except DatabaseError as error:
        said = f"cannot {name} the definition: {error}" if isinstance(error, DriverError) else str(error)
        raise DatabaseError(f"{said}; {_left(made)}") from None
    report.done.append(name)


def _execute(session: Session, statements: Sequence[Statement]) -> None:
    for statement in statements:
        try:
            session.execute(statement.sql)
        except DriverError as error:
            said = f"{one_line(statement.purpose) or 'a statement'}: {error}"
            raise DriverError(
                said, sqlstate=error.sqlstate, is_broken=error.is_broken, is_locked=error.is_locked
            ) from None


def _left(made: int) -> str:
    return "what was done before it stays done: apply again, or drop the set" if made else "nothing was changed"


def unproved(place: Place) -> str:
    """Return what nobody has seen of changes that were made by :func:`directly`."""
    if place.address is None:
        return "the caller's transaction is still open; nobody has logged in to prove that logins will work"
    return "no canary was wanted, so no function was run and nobody has logged in as a proof"

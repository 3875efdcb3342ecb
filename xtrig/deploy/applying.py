"""``xtrig apply``: a definition, or a saved plan, onto a database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from xtrig.connect import READING, database_errors, reason
from xtrig.deploy.guard import Guard
from xtrig.deploy.options import Bounds, Canary
from xtrig.deploy.place import Place, Where, open_place
from xtrig.deploy.plan import Plan, make_plan
from xtrig.deploy.planfile import SavedPlan
from xtrig.deploy.report import RefusedPlanError, Report
from xtrig.deploy.run import Deploying
from xtrig.deploy.session import Session
from xtrig.deploy.target import find_target
from xtrig.dialect.deployment import Words
from xtrig.dialect.objects import Change
from xtrig.errors import DatabaseError, UsageError
from xtrig.listener import Listener, Silent
from xtrig.model import TriggerSet
from xtrig.sqltext import literal, one_line


def apply(
    triggers: TriggerSet | Plan | SavedPlan,
    where: Where = None,
    *,
    dialect: str | None = None,
    canary: Canary | None = Canary(),  # noqa: B008  # frozen
    bounds: Bounds = Bounds(),  # noqa: B008  # frozen
    adopt: bool = False,
    prune: bool = False,
    listener: Listener | None = None,
) -> Report:
    """Make a database what the definition says, and prove that people can still log in.

    ``triggers`` is a set, or a plan, made just now or saved: that is applied only if the database is still as it
    was planned for, and then ``dialect``, ``adopt`` and ``prune`` are the plan's. ``where`` is an engine, a
    connection or a URL. With a connection everything happens in the caller's transaction, which no other session
    can see: so there are no proofs, and the caller commits; say ``canary=None``, which also with an engine does
    without them.

    Raises :class:`~xtrig.deploy.report.RefusedPlanError` if something stands against the plan,
    :class:`~xtrig.deploy.report.ProofError` if somebody could not log in any more (everything is taken back),
    :class:`~xtrig.errors.DatabaseError`, and the errors of :func:`xtrig.render.render`.
    """
    listener = listener or Silent()
    planned: str | None = None
    if not isinstance(triggers, TriggerSet):
        planned, dialect = triggers.fingerprint, triggers.dialect
        adopt, prune, triggers = triggers.adopt, triggers.prune, triggers.triggers
    if isinstance(where, Connection) and canary is not None:
        raise UsageError(
            "with a connection everything happens in your own transaction, where no new login can see it: "
            "say canary=None, or give the engine"
        )
    with open_place(where) as place:
        guard = _locked(place, triggers, dialect, bounds)
        try:
            listener.step("comparing the database with the definition")
            fresh = _fresh_plan(triggers, place.session, dialect, adopt=adopt, prune=prune)
            _check(fresh, planned)
            report = Report(fresh.server.title, fresh.server.database, [_told(change) for change in fresh.changes])
            for note in (*map(str, fresh.warnings), *fresh.server.notes):
                report.tell(note, listener)
            if not fresh.changes:
                return report
            if canary is None or place.address is None or guard is None:
                _directly(place, fresh, bounds, report)
                report.tell(_unproved(place), listener)
            else:
                deploying = Deploying(
                    place.session, place.address, fresh.target, guard, canary, bounds, report, listener
                )
                deploying.run(fresh.stages)
            return report
        finally:
            if guard is not None:
                guard.close()


def _locked(place: Place, triggers: TriggerSet, dialect: str | None, bounds: Bounds) -> Guard | None:
    """Take the lock before anything is compared: what is seen then stays so.

    In the caller's transaction it is the transaction that holds it, and there is no guard.
    """
    deployment = find_target(triggers, place.session, dialect).deployment
    if place.address is None:
        with database_errors("cannot begin the deployment"), _borrowed(place.session, deployment.words, bounds):
            place.session.execute(deployment.words.lock_in_transaction)
        return None
    guard = Guard(place.address, deployment)
    try:
        guard.lock(bounds.lock_timeout)
    except BaseException:
        guard.close()
        raise
    return guard


def _fresh_plan(triggers: TriggerSet, session: Session, dialect: str | None, *, adopt: bool, prune: bool) -> Plan:
    with database_errors(READING), session.reading():
        target = find_target(triggers, session, dialect)
        return make_plan(triggers, target, session, adopt=adopt, prune=prune)


def _check(fresh: Plan, planned: str | None) -> None:
    if fresh.refusals:
        raise RefusedPlanError(*fresh.refusals)
    if planned is not None and planned != fresh.fingerprint:
        raise RefusedPlanError(
            f"the database {fresh.server.database!r} is not as it was when the plan was made, or is another one; "
            "look at what changed with a new plan: xtrig plan"
        )


def _directly(place: Place, plan: Plan, bounds: Bounds, report: Report) -> None:
    """Make all changes in one transaction: the caller's, or one of our own."""
    words = plan.target.deployment.words
    session = place.session
    try:
        if place.address is None:
            with _borrowed(session, words, bounds):
                _execute(plan, session)
        else:
            with session.transaction(words, bounds.lock_timeout):
                _execute(plan, session)
    except (SQLAlchemyError, DatabaseError) as error:
        said = str(error) if isinstance(error, DatabaseError) else f"cannot apply the definition: {reason(error)}"
        now = "nothing was changed" if place.address is not None else "roll your transaction back"
        raise DatabaseError(f"{said}; {now}") from None
    report.done.append("apply")


def _unproved(place: Place) -> str:
    if place.address is None:
        return "the caller's transaction is still open; nobody has logged in to prove that logins will work"
    return "nobody has logged in to prove that logins still work: no canary was wanted"


@contextmanager
def _borrowed(session: Session, words: Words, bounds: Bounds) -> Iterator[None]:
    """Lend the caller's transaction with our settings, and give it back with the caller's."""
    settings = {**words.opening, words.lock_timeout: str(round(bounds.lock_timeout * 1000))}
    before = {name: _current(session, words, name) for name in settings}
    session.set(words, settings)
    yield
    session.set(words, before)


def _execute(plan: Plan, session: Session) -> None:
    for statement in plan.direct:
        with database_errors(f"cannot apply the definition: {one_line(statement.purpose) or 'a statement'}"):
            session.execute(statement.sql)


def _current(session: Session, words: Words, name: str) -> str:
    return str(session.row(words.current.format(name=literal(name)))["value"])


def _told(change: Change) -> str:
    return f"{change.action} {change.kind} {change.name}"

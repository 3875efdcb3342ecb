"""After a failure: everything back to what it was, and a login that proves it."""

from __future__ import annotations

import time
from collections.abc import Sequence

from sqlalchemy.exc import SQLAlchemyError

from xtrig.connect import Address, reason
from xtrig.deploy.logins import Account, refused
from xtrig.deploy.options import Bounds
from xtrig.deploy.report import Report
from xtrig.deploy.session import Session
from xtrig.deploy.standbys import wait_for_standbys
from xtrig.dialect.deployment import Deployment, Proof, Stage
from xtrig.errors import DatabaseError
from xtrig.script import Hazard, Statement
from xtrig.sqltext import literal

HANGING_SECONDS = 1.0
"""A login in the new triggers for longer than this is hanging: once they are gone, it is the only thing left there."""

_PAUSE = 0.2
_PATIENCE = 10.0
_RECONNECT_SECONDS = 60.0


class Reconnecting:
    """The session still open; or, if that is gone, a new one that meets no trigger."""

    def __init__(self, session: Session, address: Address, deployment: Deployment) -> None:
        self._session = session
        self._address = address
        self._deployment = deployment
        self._new: list[Session] = []

    def working(self) -> Session:
        """Return it; waits for a server that is being restarted.

        Raises :class:`~xtrig.errors.DatabaseError` if there is no way in.
        """
        if self._answers():
            return self._session
        # With logins held up at the server a connection would wait for ever.
        address = self._address.changed(connect_timeout=self._address.parameters.get("connect_timeout", "5"))
        for name, value in self._deployment.words.without_triggers.items():
            address = address.with_setting(name, value)
        end = time.monotonic() + _RECONNECT_SECONDS
        while True:
            try:
                self._session = Session(address.engine().connect())
                self._new.append(self._session)
                return self._session
            except SQLAlchemyError as error:
                if time.monotonic() > end:
                    raise DatabaseError(f"cannot connect to take the deployment back: {reason(error)}") from None
                time.sleep(_PAUSE * 5)

    def _answers(self) -> bool:
        """Whether the session works; one that is broken may not know it yet."""
        if self._session.is_broken:
            return False
        try:
            with self._session.reading():
                self._session.row(self._deployment.words.clock)
        except SQLAlchemyError:
            return False
        return True

    def close(self) -> None:
        """Close what was opened here."""
        for session in self._new:
            session.close()


def take_back(
    sessions: Reconnecting,
    stages: Sequence[Stage],
    deployment: Deployment,
    bounds: Bounds,
    since: str | None,
    report: Report,
) -> None:
    """Take back committed stages, last first, and end the logins that hang in what they made.

    Raises :class:`~xtrig.errors.DatabaseError` where something could not be taken back.
    """
    met = any(stage.proof is Proof.LOGINS for stage in stages)
    for stage in reversed(stages):
        _undo(sessions, stage.undo, deployment, bounds, everything=not met)
        report.taken_back.append(stage.name)
    if since is not None:
        _end_stuck(sessions, deployment, since, report)
    late = [statement for stage in reversed(stages) for statement in stage.late_undo]
    if late:
        wait_for_standbys(sessions.working(), deployment.words)
        _undo(sessions, late, deployment, bounds, everything=not met)


def _undo(
    sessions: Reconnecting, undo: Sequence[Statement], deployment: Deployment, bounds: Bounds, *, everything: bool
) -> None:
    """Run the statements in one transaction; again in a new session if the connection breaks in between."""
    wanted = [statement for statement in undo if everything or Hazard.LOSES_DATA not in statement.hazards]
    if not wanted:
        return
    words = deployment.words
    past_triggers = False
    end = time.monotonic() + _PATIENCE
    while True:
        session = sessions.working()
        try:
            with session.transaction(words, bounds.lock_timeout):
                if past_triggers:
                    session.set(words, words.without_triggers)
                for statement in wanted:
                    session.execute(statement.sql)
            return
        except SQLAlchemyError as error:
            if time.monotonic() > end:
                raise DatabaseError(f"cannot take the deployment back: {reason(error)}") from None
            # It may be somebody's trigger that lets things be made, and not be dropped again.
            past_triggers = not past_triggers
            time.sleep(_PAUSE)


def _end_stuck(sessions: Reconnecting, deployment: Deployment, since: str, report: Report) -> None:
    """End the logins that the new triggers hold: begun since they were made, and older than a healthy one gets."""
    undone = time.monotonic()
    time.sleep(HANGING_SECONDS)
    while (elapsed := time.monotonic() - undone) < _PATIENCE:
        # Whoever came after the undoing has met nothing of it, and is slow for a reason of another's.
        query = deployment.words.end_stuck.format(since=literal(since), seconds=f"{elapsed:.3f}")
        session = sessions.working()
        try:
            with session.reading():
                rows = session.rows(query)
        except SQLAlchemyError:
            time.sleep(_PAUSE)
            continue
        report.ended += [int(row["pid"]) for row in rows if row["pid"] not in report.ended]
        if not rows:
            return
        time.sleep(_PAUSE)


def prove_restored(accounts: Sequence[Account], report: Report) -> None:
    """Log in as everybody once more, and say in the report whether it works again."""
    logins = [account.log_in("after taking back", {}) for account in accounts]
    report.logins += logins
    report.restored = not refused(logins)

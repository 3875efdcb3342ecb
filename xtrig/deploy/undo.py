"""After a failure: everything back to what it was, and a login that proves it."""

from __future__ import annotations

import time
from collections.abc import Sequence

from xtrig.deploy.logins import Account, refused
from xtrig.deploy.options import Bounds
from xtrig.deploy.report import Report
from xtrig.dialect.deployment import Proof, Stage
from xtrig.dialect.driver import Address, Session
from xtrig.errors import DatabaseError, DriverError
from xtrig.script import Hazard, Statement, transactions

HANGING_SECONDS = 1.0
"""A login in the new triggers for longer than this is hanging: once they are gone, it is the only thing left there."""

_PAUSE = 0.2
_PATIENCE = 10.0
_RECONNECT_SECONDS = 60.0
_LOGIN_SECONDS = 5.0
"""With logins held up at the server a connection would wait for ever."""


class Reconnecting:
    """The session still open; or, if that is gone, a new one that meets no trigger."""

    def __init__(self, session: Session, address: Address) -> None:
        self._session = session
        self._address = address
        self._new: list[Session] = []

    def working(self) -> Session:
        """Return it; waits for a server that is being restarted.

        Raises :class:`~xtrig.errors.DatabaseError` if there is no way in.
        """
        if self._answers():
            return self._session
        address = (self._address.without_triggers() or self._address).bounded(_LOGIN_SECONDS, unless_given=True)
        end = time.monotonic() + _RECONNECT_SECONDS
        while True:
            try:
                self._session = address.open()
                self._new.append(self._session)
                return self._session
            except DriverError as error:
                if time.monotonic() > end:
                    raise DatabaseError(f"cannot connect to take the deployment back: {error}") from None
                time.sleep(_PAUSE * 5)

    def _answers(self) -> bool:
        """Whether the session works; one that is broken may not know it yet."""
        if self._session.is_broken:
            return False
        try:
            with self._session.reading():
                self._session.clock()
        except DriverError:
            return False
        return True

    def close(self) -> None:
        """Close what was opened here."""
        for session in self._new:
            session.close()


def take_back(
    sessions: Reconnecting,
    stages: Sequence[Stage],
    bounds: Bounds,
    since: str | None,
    report: Report,
) -> None:
    """Take back committed stages, last first, and end the logins that hang in what they made.

    Raises :class:`~xtrig.errors.DatabaseError` where something could not be taken back.
    """
    met = any(stage.proof in (Proof.LOGINS, Proof.BEFORE_COMMIT) for stage in stages)
    for stage in reversed(stages):
        _undo(sessions, stage.undo, bounds, everything=not met)
        report.taken_back.append(stage.name)
    if since is not None:
        _end_stuck(sessions, since, report)
    late = [statement for stage in reversed(stages) for statement in stage.late_undo]
    if late:
        sessions.working().wait_for_standbys()
        _undo(sessions, late, bounds, everything=not met)


def _undo(sessions: Reconnecting, undo: Sequence[Statement], bounds: Bounds, *, everything: bool) -> None:
    """Run the statements in one transaction; again in a new session if the connection breaks in between.

    Where one has to be committed by itself it is several, and what was done is not done again.
    """
    wanted = [statement for statement in undo if everything or Hazard.LOSES_DATA not in statement.hazards]
    groups = list(transactions(wanted))
    past_triggers = False
    end = time.monotonic() + _PATIENCE
    while groups:
        session = sessions.working()
        try:
            with session.transaction(bounds.lock_timeout):
                if past_triggers:
                    session.pass_triggers()
                for statement in groups[0]:
                    session.execute(statement.sql)
            del groups[0]
        except DriverError as error:
            if time.monotonic() > end:
                raise DatabaseError(f"cannot take the deployment back: {error}") from None
            # It may be somebody's trigger that lets things be made, and not be dropped again.
            past_triggers = not past_triggers
            time.sleep(_PAUSE)


def _end_stuck(sessions: Reconnecting, since: str, report: Report) -> None:
    """End the logins that the new triggers hold: begun since they were made, and older than a healthy one gets."""
    undone = time.monotonic()
    time.sleep(HANGING_SECONDS)
    while time.monotonic() - undone < _PATIENCE:
        session = sessions.working()
        try:
            with session.reading():
                # Whoever came after the undoing has met nothing of it, and is slow for a reason of another's. So
                # the time is taken last: on a busy server what comes before the query takes a while.
                ended = session.end_hanging(since, time.monotonic() - undone)
        except DriverError:
            time.sleep(_PAUSE)
            continue
        report.ended += [pid for pid in ended if pid not in report.ended]
        if not ended:
            return
        time.sleep(_PAUSE)


def prove_restored(accounts: Sequence[Account], report: Report) -> None:
    """Log in as everybody once more, and say in the report whether it works again."""
    logins = [account.log_in("after taking back", {}) for account in accounts]
    report.logins += logins
    report.restored = not refused(logins)

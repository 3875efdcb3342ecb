"""After a failure: everything back to what it was, and a login that proves it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from contextlib import suppress

from xtrig.deploy.logins import Account, refused
from xtrig.deploy.options import Bounds
from xtrig.deploy.report import Report
from xtrig.deploy.turns import TURN
from xtrig.dialect.deployment import Proof, Stage
from xtrig.dialect.driver import Address, Session
from xtrig.errors import DatabaseError, DriverError
from xtrig.script import Hazard, Statement, transactions

HANGING_SECONDS = 1.0
"""A login in the new triggers for longer than this is hanging: once they are gone, it is the only thing left there."""

_PAUSE = 0.2
_PATIENCE = 12.0
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
    undo = Undo(stages)
    trouble: list[str] = []

    def run(groups: Iterable[Sequence[Statement]]) -> None:
        for group in groups:
            wanted = [each for each in group if not (met and Hazard.LOSES_DATA in each.hazards)]
            error = _undo(sessions, wanted, bounds, _PATIENCE if not trouble else _PAUSE)
            trouble.extend([str(error)] if error else [])

    run([undo.release])
    run(undo.soon)
    if since is not None:
        _end_stuck(sessions, since, report)
    run(undo.then)
    if undo.late:
        sessions.working().wait_for_standbys()
        run(undo.late)
    report.taken_back += [stage.name for stage in reversed(stages)]
    if trouble:
        raise DatabaseError(f"cannot take the deployment back: {trouble[0]}")


class Undo:
    """What takes stages back, in the order in which it is done; each group is a transaction."""

    def __init__(self, stages: Sequence[Stage]) -> None:
        last_first = stages[::-1]
        groups = [list(transactions(stage.undo)) for stage in last_first]
        self.release = [statement for stage in last_first for statement in stage.release]
        self.soon = [each[0] for each in groups if each]
        self.then = [group for each in groups for group in each[1:]]
        """What can keep nobody out, and may have to wait for others."""
        self.late = [group for stage in last_first for group in transactions(stage.late_undo)]

    @property
    def groups(self) -> Sequence[Sequence[Statement]]:
        """All but the late ones."""
        return [self.release, *self.soon, *self.then]


def _undo(
    sessions: Reconnecting, statements: Sequence[Statement], bounds: Bounds, patience: float
) -> DriverError | None:
    """Run statements in one transaction; again in a new session if the connection breaks in between.

    Returns the first error of those that could not be run together in ``patience`` seconds; then each was run that can
    be run alone.
    """
    if not statements:
        return None
    first: DriverError | None = None
    past_triggers = False
    end: float | None = None
    while True:
        session = sessions.working()
        end = end or time.monotonic() + patience
        try:
            with session.transaction(min(TURN, bounds.lock_timeout)):
                if past_triggers:
                    session.pass_triggers()
                for statement in statements:
                    session.execute(statement.sql)
            return None
        except DriverError as error:
            first = first or error
            if time.monotonic() > end:
                break
            # It may be somebody's trigger that lets things be made, and not be dropped again.
            past_triggers = not past_triggers
            time.sleep(_PAUSE)
    if first.is_locked:
        first = DriverError("; ".join([str(first), *sessions.working().in_the_way()]), is_locked=True)
    for statement in statements if len(statements) > 1 else ():
        session = sessions.working()
        with suppress(DriverError), session.transaction(min(TURN, bounds.lock_timeout)):
            session.execute(statement.sql)
    return first


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

"""Waiting for locks in short turns: what waits holds up others, logins too, and in between they pass."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager

from xtrig.dialect.driver import Session
from xtrig.errors import DriverError

TURN = 0.4
"""Seconds that a statement waits for a lock at a time: a login that waits behind it does so for little longer."""
PAUSE = 0.3


def in_turns(
    session: Session,
    begin: Callable[[float], AbstractContextManager[None]],
    work: Callable[[], None],
    lock_timeout: float,
) -> None:
    """Do some work in a transaction, again and again while others hold what it needs, for ``lock_timeout`` seconds.

    ``begin`` is that of ``session``'s methods which begins the transaction. Raises
    :class:`~xtrig.errors.DriverError`, with those in the way if it is for a lock.
    """
    end = time.monotonic() + lock_timeout
    while True:
        try:
            with begin(min(TURN, lock_timeout)):
                work()
            return
        except DriverError as error:
            if session.is_broken or not error.is_locked:
                raise
            if time.monotonic() > end:
                said = "; ".join([str(error), *session.in_the_way()])
                raise DriverError(said, sqlstate=error.sqlstate, is_locked=True) from None
        time.sleep(PAUSE)

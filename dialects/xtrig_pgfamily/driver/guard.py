"""A second session that holds the lock, and in which the server itself would take the deployment back.

The message in it says to wait, and then to undo everything. Whoever deploys stops it at the end. If that never
happens, because xtrig was killed, its machine died or the network broke, the server goes on to the end of the
message: no server process looks at its connection while it works, unless it has something to say.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from contextlib import suppress

import psycopg

from xtrig.dialect import driver as contract
from xtrig.errors import DriverError, database_errors
from xtrig.plugin import Hazard, Lines, Statement, literal
from xtrig_pgfamily.driver import lock
from xtrig_pgfamily.driver.session import HANGING, Session
from xtrig_pgfamily.statements import do_block

HANGING_SECONDS = 1.0
"""A login that is in its triggers for longer hangs."""
_ATTEMPTS = 16
"""With the time-out of a lock, and the pauses in between, longer than a transaction may be idle."""
_LOCK_AGAIN = do_block(
    [
        "BEGIN",
        [f"{lock.VIEW} NOWAIT;"],
        "EXCEPTION WHEN lock_not_available THEN",
        [
            "-- Another deployment has begun: what it has found is its own to change.",
            "PERFORM pg_terminate_backend(pg_backend_pid());",
        ],
        "END;",
    ]
)
_UNLOCK = "SELECT pg_advisory_unlock_all()"
_STOP_SECONDS = 5.0
_SETTLE_SECONDS = 2.0
"""For standbys to replay that the triggers are gone, and for logins that met them to come through."""


class Guard(contract.Guard):
    """Holds the deployment's lock from :meth:`lock` on, until :meth:`close`; ``session`` is its own from now on."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._driver: object = None
        self._thread: threading.Thread | None = None
        self._closing = threading.Lock()
        self._abandoned = False
        self._done = False
        self._has_view = False

    def lock(self, timeout: float) -> None:
        """Take the lock, which a transaction holds that stays open, and the session itself.

        Raises :class:`~xtrig.errors.DatabaseError` if another deployment holds it.
        """
        with database_errors("cannot begin the deployment"):
            driver = self._session.driver
            if isinstance(driver, psycopg.Connection):
                driver.autocommit = True
            for sql in self._session.traits.unbounded():
                self._session.execute(sql)
            self._has_view = lock.take(self._session, timeout)

    def arm(self, seconds: float, undo: Sequence[Sequence[Statement]], late: Sequence[Sequence[Statement]]) -> None:
        """Let the server run ``undo`` in ``seconds``, and then ``late``, unless :meth:`disarm` comes first.

        Each group is a transaction: what stands in the way of one keeps no other from being taken back. At the end
        the lock is let go, as the client may be gone without a word.
        """
        blocks = [delayed(0, group) for group in undo if group]
        blocks += [delayed(_SETTLE_SECONDS, ())]
        blocks += [delayed(0, group) for group in late if group]
        again = f"{_LOCK_AGAIN}; " if self._has_view else ""
        first = f"{'' if self._has_view else 'START TRANSACTION; '}{delayed(seconds, ())}; COMMIT"
        sql = "; ".join([first, *(f"START TRANSACTION; {again}{block}; COMMIT" for block in blocks), _UNLOCK])
        self.deadline = time.monotonic() + seconds
        # Asked for later, it could be a new connection in the place of a broken one.
        self._driver = self._session.driver
        self._thread = threading.Thread(target=self._run, args=(sql,), name="xtrig guard", daemon=True)
        self._thread.start()

    def _run(self, sql: str) -> None:
        try:
            self._session.execute(sql)
            self.has_fired = True
        except DriverError:
            # A session that was only cancelled, by disarm, is whole.
            self.is_lost = self._session.is_broken
        with self._closing:
            self._done = True
            if self._abandoned:
                self._session.close()

    def disarm(self) -> bool:
        """Stop what :meth:`arm` began; return whether it is certain that it takes nothing back."""
        if self._thread is None:
            return True
        end = time.monotonic() + _STOP_SECONDS
        while self._thread.is_alive() and time.monotonic() < end:
            # The statement may not have reached the server yet, so one request can miss it.
            if isinstance(self._driver, psycopg.Connection):
                try:
                    self._driver.cancel_safe(timeout=1)
                except psycopg.Error:
                    break
            self._thread.join(0.2)
        if self._thread.is_alive():
            return False
        in_time = time.monotonic() < self.deadline
        self._thread = None
        self.deadline = float("inf")
        if self._has_view and not (self.has_fired or self.is_lost):
            # To be stopped has ended the transaction. Whoever asks meanwhile finds the advisory lock.
            with suppress(DriverError):
                self._session.execute("ROLLBACK")
                lock.take_view(self._session)
        return in_time and not (self.has_fired or self.is_lost)

    def close(self) -> None:
        """Let the lock go; while the server waits to take the deployment back, it keeps the lock for that."""
        with self._closing:
            self._abandoned = True
            if self._thread is None or self._done:
                with suppress(DriverError):  # it broke, and that is all the same now
                    self._session.close()


def delayed(seconds: float, statements: Sequence[Statement]) -> str:
    """Return the block that waits, ends logins that hang, and runs each statement, whichever of them fail.

    While it waits its transaction holds no lock and no snapshot. The server runs it to its end also when the
    client is gone: nothing looks at the connection meanwhile. Logins that hang may hold what has to be dropped.
    """
    since = "(SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid())"
    hanging = " ".join(HANGING.format(since=since, seconds=HANGING_SECONDS).split())
    lines: Lines = [
        f"PERFORM pg_sleep({seconds:.3f});",
        f"FOR hanging IN {hanging} LOOP",
        [
            "BEGIN",
            ["PERFORM pg_terminate_backend(hanging);"],
            "EXCEPTION WHEN OTHERS THEN",
            ["RAISE LOG 'xtrig: a login that hangs cannot be ended: %', SQLERRM;"],
            "END;",
        ],
        "END LOOP;",
    ]
    undo: Lines = [f"EXECUTE {literal(each.sql)};" for each in statements if Hazard.LOSES_DATA not in each.hazards]
    if undo:
        lines += _together(undo)
    for execute in undo:
        lines += [
            "BEGIN",
            [execute],
            "EXCEPTION WHEN OTHERS THEN",
            ["RAISE LOG 'xtrig: a deployment that nobody finished cannot be taken back: %', SQLERRM;"],
            "END;",
        ]
    if not statements:
        lines.append("RAISE LOG 'xtrig: takes back a deployment that nobody finished';")
    return do_block(lines, ["hanging integer;"])


def _together(undo: Lines) -> Lines:
    """Return the loop that runs all or none, and ends the block if it did.

    A trigger that could be dropped, and not be made again, would be lost. What holds a lock, be it the deployment
    itself, is gone when the server has ended its transaction.
    """
    return [
        f"FOR attempt IN 1 .. {_ATTEMPTS} LOOP",
        [
            "BEGIN",
            [*undo, "RETURN;"],
            "EXCEPTION",
            [
                "WHEN lock_not_available OR deadlock_detected OR internal_error THEN",
                ["RAISE LOG 'xtrig: tries again to take a deployment back: %', SQLERRM;", "PERFORM pg_sleep(0.5);"],
                "WHEN OTHERS THEN",
                ["EXIT;"],
            ],
            "END;",
        ],
        "END LOOP;",
    ]

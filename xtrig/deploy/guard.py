"""A second session that holds the lock, and in which the server itself would take the deployment back.

The message in it says to wait, and then to undo everything. Whoever deploys stops it at the end. If that never
happens, because xtrig was killed, its machine died or the network broke, the server goes on to the end of the
message: no server process looks at its connection while it works, unless it has something to say.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

import psycopg
from sqlalchemy.exc import SQLAlchemyError

from xtrig.connect import Address, database_errors, reason
from xtrig.deploy.session import Session
from xtrig.dialect.deployment import Deployment
from xtrig.errors import DatabaseError
from xtrig.script import Statement

_STOP_SECONDS = 5.0
_SETTLE_SECONDS = 2.0
"""For standbys to replay that the triggers are gone, and for logins that met them to come through."""


class Guard:
    """Holds the deployment's lock from :meth:`lock` on, until :meth:`close`."""

    def __init__(self, address: Address, deployment: Deployment) -> None:
        self._deployment = deployment
        with database_errors("cannot connect"):
            self._session = Session(address.engine().connect())
        self._driver: object = None
        self._thread: threading.Thread | None = None
        self._closing = threading.Lock()
        self._abandoned = False
        self._done = False
        self._fired = False
        self.is_lost = False
        """Whether the session broke while armed: the server may take the deployment back, or may be unable to."""
        self.deadline = float("inf")

    def lock(self, timeout: float) -> None:
        """Take the lock. Raises :class:`~xtrig.errors.DatabaseError` if another deployment holds it."""
        words = self._deployment.words
        with database_errors("cannot begin the deployment"):
            self._session.execute_alone(words.unbounded)
        try:
            with self._session.transaction(words, timeout):
                self._session.execute(words.lock)
        except SQLAlchemyError as error:
            raise DatabaseError(
                f"another deployment to this database is under way, or was cut off and is being taken back "
                f"({reason(error)}); wait for it, then try again"
            ) from None

    def arm(self, seconds: float, undo: Sequence[Sequence[Statement]], late: Sequence[Sequence[Statement]]) -> None:
        """Let the server run ``undo`` in ``seconds``, and then ``late``, unless :meth:`disarm` comes first.

        Each group is a transaction: what stands in the way of one keeps no other from being taken back.
        """
        blocks = [self._deployment.delayed(seconds, ())]
        blocks += [self._deployment.delayed(0, group) for group in undo if group]
        blocks += [self._deployment.delayed(_SETTLE_SECONDS, ())]
        blocks += [self._deployment.delayed(0, group) for group in late if group]
        driver = self._session.driver
        if isinstance(driver, psycopg.Connection):
            driver.autocommit = True
        sql = "; ".join(f"START TRANSACTION; {block}; COMMIT" for block in blocks)
        self.deadline = time.monotonic() + seconds
        # Asked for later, it could be a new connection in the place of a broken one.
        self._driver = self._session.driver
        self._thread = threading.Thread(target=self._run, args=(sql,), name="xtrig guard", daemon=True)
        self._thread.start()

    def _run(self, sql: str) -> None:
        try:
            self._session.execute_alone([sql])
            self._fired = True
        except SQLAlchemyError:
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
        return in_time and not (self._fired or self.is_lost)

    def close(self) -> None:
        """Let the lock go; while the server waits to take the deployment back, it keeps the lock for that."""
        with self._closing:
            self._abandoned = True
            if self._thread is None or self._done:
                self._session.close()

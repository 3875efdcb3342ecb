"""A second session that holds the lock, and in which the server itself would take the deployment back.

The statement in it waits, and then undoes everything. Whoever deploys stops it at the end. If that never
happens, because xtrig was killed, its machine died or the network broke, the server goes on to the end of the
statement: no server process looks at its connection while it works.
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


class Guard:
    """Holds the deployment's lock from :meth:`lock` on, until :meth:`close`."""

    def __init__(self, address: Address, deployment: Deployment) -> None:
        self._deployment = deployment
        with database_errors("cannot connect"):
            self._session = Session(address.engine().connect())
        self._thread: threading.Thread | None = None
        self._stopping = False
        self._fired = False
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

    def arm(self, seconds: float, undo: Sequence[Statement]) -> None:
        """Let the server run ``undo`` in ``seconds``, unless :meth:`disarm` comes first."""
        sql = self._deployment.delayed(seconds, undo)
        self.deadline = time.monotonic() + seconds
        self._stopping = False
        self._thread = threading.Thread(target=self._run, args=(sql,), name="xtrig guard", daemon=True)
        self._thread.start()

    def _run(self, sql: str) -> None:
        try:
            self._session.execute_alone([sql])
            self._fired = True
        except SQLAlchemyError:
            # Cancelled by disarm, or the connection broke: then there is nothing that could be told from here.
            pass

    def disarm(self) -> bool:
        """Stop what :meth:`arm` began; return whether it was stopped before it took anything back."""
        if self._thread is None:
            return True
        driver = self._session.driver
        end = time.monotonic() + _STOP_SECONDS
        while self._thread.is_alive() and time.monotonic() < end:
            # The statement may not have reached the server yet, so one request can miss it.
            if isinstance(driver, psycopg.Connection):
                try:
                    driver.cancel_safe(timeout=1)
                except psycopg.Error:
                    break
            self._thread.join(0.2)
        stopped = not self._thread.is_alive() and not self._fired
        self._thread = None
        self.deadline = float("inf")
        return stopped

    def close(self) -> None:
        """Let the lock go."""
        self._session.close()

"""Many logins with terminated sessions, killed processes, crashes and restarts in between."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import psycopg
from psycopg import pq

from tests.server.conftest import Database
from tests.server.deploy import wait_until
from tests.server.sessions.recorded import connect_admin, parent_of

ROLES = 20
OPEN = 40
_STORMY = "SELECT pid FROM pg_stat_activity WHERE application_name ~ '^n[0-9]+$' AND datname = current_database()"


@dataclass
class Storm:
    """Each login has a number, which is its application_name; what a client saw of it is kept here."""

    database: Database
    logins: int
    workers: int = 3
    came: dict[int, tuple[str, int]] = field(default_factory=dict)
    """The logins that succeeded: the role and the pid."""
    failed: set[int] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0

    def __post_init__(self) -> None:
        self._random = random.Random(self.logins)
        self._lock = threading.Lock()
        self._taken = 0
        self._open: list[pq.PGconn] = []
        self._over = threading.Event()

    def blow(self) -> None:
        """Run it to its end; some sessions stay open."""
        workers = [threading.Thread(target=self._work) for _ in range(self.workers)]
        maintainer = threading.Thread(target=self._maintain)
        for thread in (maintainer, *workers):
            thread.start()
        try:
            self._spoil(workers)
        finally:
            for worker in workers:
                worker.join()
            self._over.set()
            maintainer.join()

    def close(self) -> None:
        """Let go what is still open."""
        for connection in self._open:
            connection.finish()

    def _work(self) -> None:
        while (number := self._take()) is not None:
            role = f"r{number % ROLES}"
            conninfo = f"{self.database.server.conninfo(role, self.database.name)} application_name=n{number}"
            start = time.monotonic()
            connection = pq.PGconn.connect(conninfo.encode())
            self.slowest = max(self.slowest, time.monotonic() - start)
            if connection.status != pq.ConnStatus.OK:
                connection.finish()
                self.failed.add(number)
                time.sleep(0.1)
                continue
            self.came[number] = role, connection.backend_pid
            for done in self._swap(connection) if self._random.random() < 0.05 else [connection]:
                done.finish()

    def _take(self) -> int | None:
        with self._lock:
            if self._taken == self.logins:
                return None
            self._taken += 1
            return self._taken

    def _swap(self, connection: pq.PGconn) -> list[pq.PGconn]:
        """Keep a connection open, and return another one to close if there are many."""
        with self._lock:
            self._open.append(connection)
            return [self._open.pop(self._random.randrange(OPEN))] if len(self._open) > OPEN else []

    def _maintain(self) -> None:
        while not self._over.wait(0.5):
            try:
                with connect_admin(self.database) as session:
                    while not self._over.wait(0.5):
                        row = session.execute("SELECT audit.maintain()").fetchone()
                        assert row is not None
                        self.counts["maintain"] += 1
                        self.counts["log errors"] += "log_error" in row[0]
            except psycopg.OperationalError:
                self.counts["maintain lost its session"] += 1

    def _spoil(self, workers: list[threading.Thread]) -> None:
        """Do harm as the logins go on; forty times, or every 700 of them, something greater."""
        faults = 0
        while any(worker.is_alive() for worker in workers):
            time.sleep(0.2)
            if self._taken < (faults + 1) * max(700, self.logins // 40):
                self._guarded(self._terminate)
                continue
            (self._kill, self._crash, self._kill, self._restart)[faults % 4]()
            faults += 1

    def _terminate(self) -> None:
        with connect_admin(self.database) as session:
            ended = session.execute(f"SELECT count(pg_terminate_backend(pid)) FROM ({_STORMY} LIMIT 2) AS s").fetchone()
        self.counts["terminated"] += ended[0] if ended else 0

    def _kill(self) -> None:
        self._guarded(self._kill_one)
        # The server takes all others with it, and is soon back.
        self._wait()

    def _kill_one(self) -> None:
        with connect_admin(self.database) as session:
            for (pid,) in session.execute(f"{_STORMY} ORDER BY backend_start LIMIT 1").fetchall():
                # Never a stranger who was given its number.
                if parent_of(pid) == self.database.server.pid:
                    # It may end by itself in between.
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                    self.counts["killed"] += 1

    def _crash(self) -> None:
        self.database.server.crash()
        self.database.server.start()
        self.counts["crashed"] += 1
        self._wait()

    def _restart(self) -> None:
        self.database.server.restart()
        self.counts["restarted"] += 1
        self._wait()

    def _wait(self) -> None:
        wait_until(self.can_connect, "the server is back", 60)

    def can_connect(self) -> bool:
        """Return whether the server takes connections."""
        return self._guarded(lambda: connect_admin(self.database).close())

    def _guarded(self, harm: Callable[[], object]) -> bool:
        try:
            harm()
        except psycopg.OperationalError:
            return False
        return True

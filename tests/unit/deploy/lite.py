"""A driver that owes nothing to PostgreSQL: SQLite, through the standard library.

It has no roles, no locks of a session, no standbys, no canary, no way past triggers; its guard is the open
transaction. A login is a new connection that asks who is there, or one that writes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from xtrig.deploy import Bounds, Canary, Report
from xtrig.deploy.run import Deploying
from xtrig.deploy.target import Target
from xtrig.dialect import PLUGIN_API, Capability, Dialect, Spelling, Version
from xtrig.dialect.deployment import Stage
from xtrig.dialect.driver import Address, Driver, Place, Row, Session, Where
from xtrig.dialect.platform import Platform, Server
from xtrig.errors import DriverError, UsageError
from xtrig.facts import Fact
from xtrig.progress import NoProgress
from xtrig.resolve import ResolvedSet
from xtrig.script import Script

SCHEME = "lite://"


@contextmanager
def _errors() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise DriverError(str(error)) from None


class LiteSession(Session):
    """A connection to a file."""

    def __init__(self, address: LiteAddress) -> None:
        self._address = address
        with _errors():
            self._connection = sqlite3.connect(address.file, timeout=0, isolation_level=None)

    def rows(self, sql: str) -> list[Row]:
        """Execute a query and return its rows."""
        with _errors():
            cursor = self._connection.execute(sql)
            return [dict(zip([each[0] for each in cursor.description], row, strict=True)) for row in cursor]

    def execute(self, sql: str) -> None:
        """Execute a statement."""
        with _errors():
            self._connection.execute(sql)

    @contextmanager
    def _between(self, begin: str, end: str, otherwise: str) -> Iterator[None]:
        self.execute(begin)
        try:
            yield
        except BaseException:
            self.execute(otherwise)
            raise
        self.execute(end)

    def transaction(self, lock_timeout: float) -> Any:
        """Run a transaction that writes."""
        return self._between("BEGIN IMMEDIATE", "COMMIT", "ROLLBACK")

    def rolled_back(self, lock_timeout: float) -> Any:
        """Run a transaction and roll it back."""
        return self._between("BEGIN IMMEDIATE", "ROLLBACK", "ROLLBACK")

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Roll back what happens inside."""
        with self._between("SAVEPOINT s", "ROLLBACK TO s", "ROLLBACK TO s"):
            yield
        self.execute("RELEASE s")

    def reading(self) -> Any:
        """There is one schema, so names mean what they mean."""
        return self.savepoint()

    def borrowed(self, lock_timeout: float) -> Any:
        """A transaction has no settings here."""
        return self.savepoint()

    def clock(self) -> str:
        """Return the time."""
        return str(self.row("SELECT strftime('%Y-%m-%d %H:%M:%f', 'now') AS now")["now"])

    @property
    def address(self) -> LiteAddress:
        """The file."""
        return self._address

    @property
    def is_broken(self) -> bool:
        """A file is there."""
        return False

    def close(self) -> None:
        """End the session."""
        self._connection.close()


@dataclass(frozen=True, slots=True)
class LiteAddress(Address):
    """A file. ``login`` is what a new connection does before it counts as logged in."""

    file: Path
    login: str = "SELECT count(*) FROM sqlite_schema"

    @property
    def server(self) -> str:
        """There is none."""
        return "this machine"

    @property
    def database(self) -> str:
        """The file's name."""
        return self.file.name

    def open(self) -> LiteSession:
        """Connect."""
        return LiteSession(self)

    def bounded(self, seconds: float, *, unless_given: bool = False) -> LiteAddress:
        """Nothing waits here."""
        return self

    def log_in(self, settings: Mapping[str, str]) -> str | None:
        """Connect and do what a login does."""
        try:
            with closing(self.open()) as session:
                session.execute(self.login)
        except DriverError as error:
            return str(error)
        return None


class LiteDriver(Driver):
    """Connects to files."""

    def refusal(self, where: Where) -> str | None:
        """Return why it is no file."""
        is_file = isinstance(where, str) and where.startswith(SCHEME)
        return None if is_file else f"the database is no file; write {SCHEME}file"

    def address(self, where: Where) -> LiteAddress:
        """Return the file."""
        if not isinstance(where, str):
            raise UsageError("name a file")
        return LiteAddress(Path(where.removeprefix(SCHEME)))

    @contextmanager
    def open(self, where: Where) -> Iterator[Place]:
        """Connect."""
        address = self.address(where)
        with closing(address.open()) as session:
            yield Place(session, address)


class LitePlatform(Platform):
    """SQLite 3."""

    recognition: ClassVar[str] = "SELECT sqlite_version() AS version"

    def driver(self, version: Version | None = None) -> LiteDriver:
        """Return the driver."""
        return LiteDriver()

    def recognise(self, row: Row) -> str | None:
        """Return the major version."""
        return str(row["version"]).partition(".")[0]

    def server(self, row: Row) -> Server:
        """Return what is known: no process, one nameless role."""
        return Server(f"SQLite {row['version']}", "3", "main", "main", "the file's user")


class Lite(Dialect):
    """It renders nothing: only its driver is looked at."""

    name: ClassVar[str] = "lite"
    title: ClassVar[str] = "SQLite"
    plugin_api: ClassVar[int] = PLUGIN_API
    versions: ClassVar[tuple[str, ...]] = ("3",)
    default_version: ClassVar[str] = "3"
    capabilities: ClassVar[tuple[Capability, ...]] = ()
    spellings: ClassVar[Mapping[Fact, tuple[Spelling, ...]]] = {}

    @property
    def platform(self) -> LitePlatform:
        """Files."""
        return LitePlatform()

    def compile(self, triggers: ResolvedSet, version: Version) -> Script:
        """Refuse."""
        raise NotImplementedError


def run(address: LiteAddress, stages: Sequence[Stage], canary: Canary = Canary()) -> Report:  # noqa: B008
    """Do the stages, as ``xtrig apply`` does; return what became of them."""
    dialect = Lite()
    with closing(address.open()) as session:
        server = dialect.platform.server(session.row(dialect.platform.recognition))
        target = Target(dialect, (3,), None, server, ())  # type: ignore[arg-type]  # the stages are given
        report = Report(server.title, server.database)
        guard = address.guard()
        guard.lock(1)
        Deploying(session, address, target, guard, canary, Bounds(lock_timeout=1), report, NoProgress()).run(stages)
        guard.close()
    return report

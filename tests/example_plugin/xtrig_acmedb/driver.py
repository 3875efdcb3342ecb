"""Connections to AcmeDB, by the vendor's own library."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

import acmedb

from xtrig.dialect.driver import Address, Driver, Place, Row, Session, Where
from xtrig.errors import DatabaseError, DriverError, UsageError

_LOGIN_SECONDS = 5.0


@contextmanager
def _errors() -> Iterator[None]:
    try:
        yield
    except acmedb.AcmeError as error:
        raise DriverError(str(error)) from None


class AcmeDBSession(Session):
    """One connection. It can be no other user, knows no locks but those of rows, and has no standbys."""

    def __init__(self, address: AcmeDBAddress) -> None:
        self._address = address
        with _errors():
            self._connection = acmedb.Connection(
                address.file, address.user, "xtrig", wait=address.seconds, triggers=address.meets_triggers
            )

    def rows(self, sql: str) -> list[Row]:
        """Execute a query and return its rows."""
        with _errors():
            return [*self._connection.execute(sql)]

    def execute(self, sql: str) -> None:
        """Execute a statement. One that makes or drops something commits, and the transaction goes on anew."""
        self.rows(sql)

    @contextmanager
    def _begun(self, begin: str, end: str, lock_timeout: float) -> Iterator[None]:
        self._connection.wait_for_locks(lock_timeout)
        self.execute(begin)
        try:
            yield
        except BaseException:
            self.execute("ROLLBACK")
            raise
        self.execute(end)

    @contextmanager
    def transaction(self, lock_timeout: float) -> Iterator[None]:
        """Run a transaction; what AcmeDB commits by itself stays."""
        with self._begun("BEGIN", "COMMIT", lock_timeout):
            yield

    @contextmanager
    def rolled_back(self, lock_timeout: float) -> Iterator[None]:
        """Run a transaction and roll it back."""
        with self._begun("BEGIN", "ROLLBACK", lock_timeout):
            yield

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Roll back what happens inside."""
        self.execute("SAVEPOINT xtrig")
        try:
            yield
        finally:
            self.execute("ROLLBACK TO xtrig")
            self.execute("RELEASE xtrig")

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Read: there are no schemas in which another user's names could come first."""
        with self.savepoint():
            yield

    @contextmanager
    def borrowed(self, lock_timeout: float) -> Iterator[None]:
        """Work in the caller's transaction: AcmeDB's driver is given none, so this is never asked for."""
        yield

    def clock(self) -> str:
        """Return the server's time."""
        return str(self.row("SELECT CURRENT_TIMESTAMP AS T")["T"])

    @property
    def address(self) -> AcmeDBAddress:
        """The same database and user again."""
        return self._address

    @property
    def is_broken(self) -> bool:
        """A file is always there."""
        return False

    def close(self) -> None:
        """Log off."""
        self._connection.close()


@dataclass(frozen=True, slots=True)
class AcmeDBAddress(Address):
    """A database's file, and who logs in. AcmeDB has no passwords."""

    file: Path
    user: str = "owner"
    seconds: float = _LOGIN_SECONDS
    meets_triggers: bool = True
    way_past = "triggers=False"

    @property
    def server(self) -> str:
        """AcmeDB runs where its files are."""
        return "this machine"

    @property
    def database(self) -> str:
        """The file's name."""
        return self.file.name

    def open(self) -> AcmeDBSession:
        """Log in."""
        return AcmeDBSession(self)

    def bounded(self, seconds: float, *, unless_given: bool = False) -> AcmeDBAddress:
        """Return the address at which a login waits ``seconds`` at most for a lock."""
        return replace(self, seconds=seconds)

    def without_triggers(self) -> AcmeDBAddress:
        """Return the way in that meets no trigger."""
        return replace(self, meets_triggers=False)


class AcmeDBDriver(Driver):
    """Connects to ``acmedb://user@/path/of/file``."""

    def refusal(self, where: Where) -> str | None:
        """Return why that is no database of AcmeDB's."""
        is_ours = isinstance(where, str) and where.startswith("acmedb://")
        return None if is_ours else "the database is none of AcmeDB; write acmedb://user@/path/of/file"

    def address(self, where: Where) -> AcmeDBAddress:
        """Return the address of a URL."""
        url = urlsplit(where) if isinstance(where, str) else None
        if url is None or url.password or url.port or url.hostname or not url.path.strip("/"):
            raise UsageError("a database of AcmeDB is acmedb://user@/path/of/file, without a host or a password")
        return AcmeDBAddress(Path(unquote(url.path)), unquote(url.username or "owner"))

    @contextmanager
    def open(self, where: Where) -> Iterator[Place]:
        """Connect to the database of a URL."""
        address = self.address(where)
        try:
            session = address.open()
        except DriverError as error:
            raise DatabaseError(f"cannot connect to {address.database}: {error}") from None
        with closing(session):
            yield Place(session, address)

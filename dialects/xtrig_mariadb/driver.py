"""Connections to MariaDB, by PyMySQL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from xtrig.dialect.driver import Address, Driver, Guard, Place, Row, Session, Where
from xtrig.errors import DatabaseError, DriverError, UsageError
from xtrig_mariadb.words import SETTINGS

_FORM = "mariadb://user:password@host:port/, or with ?unix_socket=/path"
_SCHEMES = frozenset(("mariadb", "mariadb+pymysql", "mysql+pymysql"))
_KEYS = frozenset(("unix_socket", "ssl_ca", "charset"))
_LOGIN_SECONDS = 10.0
_LOCKED = frozenset((1205, 1213))
"""The errors of a lock that was waited for in vain, and of a deadlock."""
_BROKEN = frozenset((0, 2006, 2013, 1927, 1053))
_LOCK = "xtrig"


def _library() -> Any:
    """Return the module pymysql. Raises UsageError if it is not there."""
    try:
        import pymysql  # noqa: PLC0415  # whoever names another database does without
    except ImportError:
        raise UsageError(
            "connecting to MariaDB needs the extra xtrig[mariadb]; install it: pip install 'xtrig[mariadb]'"
        ) from None
    return pymysql


@contextmanager
def _errors() -> Iterator[None]:
    try:
        yield
    except _library().err.MySQLError as error:
        number = error.args[0] if error.args and isinstance(error.args[0], int) else None
        said = " ".join(str(error.args[-1] if error.args else error).split())
        said = f"{said} (error {number})" if number else said
        raise DriverError(said, is_broken=number in _BROKEN, is_locked=number in _LOCKED) from None


class MariaDBSession(Session):
    """One connection. It can be no other user; commands that make or drop something commit by themselves."""

    def __init__(self, address: MariaDBAddress, connection: Any) -> None:
        self._address = address
        self._connection = connection
        self._is_inside = False

    def rows(self, sql: str) -> list[Row]:
        """Execute a query and return its rows."""
        with _errors(), closing(self._connection.cursor()) as cursor:
            cursor.execute(sql)
            found = list(cursor.fetchall())
            while cursor.nextset():
                pass
            return found

    def execute(self, sql: str) -> None:
        """Execute a statement."""
        self.rows(sql)

    @contextmanager
    def _begun(self, end: str, lock_timeout: float) -> Iterator[None]:
        seconds = max(1, round(lock_timeout))
        self.execute(f"SET SESSION lock_wait_timeout = {seconds}, SESSION innodb_lock_wait_timeout = {seconds}")
        self.execute("START TRANSACTION")
        self._is_inside = True
        try:
            yield
            self.execute(end)
        except BaseException:
            with suppress(DriverError):
                self.execute("ROLLBACK")
            raise
        finally:
            self._is_inside = False

    @contextmanager
    def transaction(self, lock_timeout: float) -> Iterator[None]:
        """Run a transaction; what the server commits by itself stays."""
        with self._begun("COMMIT", lock_timeout):
            yield

    @contextmanager
    def rolled_back(self, lock_timeout: float) -> Iterator[None]:
        """Run a transaction and roll it back."""
        with self._begun("ROLLBACK", lock_timeout):
            yield

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Roll back what happens inside."""
        if not self._is_inside:
            with self.rolled_back(1):
                yield
            return
        self.execute("SAVEPOINT xtrig")
        try:
            yield
        finally:
            self.execute("ROLLBACK TO SAVEPOINT xtrig")

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Read: nothing is looked up by a path in which another user's names could come first."""
        yield

    @contextmanager
    def borrowed(self, lock_timeout: float) -> Iterator[None]:
        """Work in the caller's transaction: the driver is given none, so this is never asked for."""
        yield

    @property
    def sqlalchemy(self) -> Any:
        """Raise UsageError: no dialect for MariaDB makes a record of sessions."""
        raise UsageError(
            "xtrig keeps no record of sessions on MariaDB, which runs nothing when one ends; select from the table "
            "that your logon trigger fills"
        )

    def clock(self) -> str:
        """Return the server's time."""
        return str(self.row("SELECT NOW(6) AS moment")["moment"])

    @property
    def address(self) -> MariaDBAddress:
        """The same server and user again."""
        return self._address

    @property
    def is_broken(self) -> bool:
        """Whether the driver knows that the connection is gone."""
        return not self._connection.open

    def close(self) -> None:
        """Log off; a connection that is gone is only given up."""
        with suppress(_library().err.MySQLError):
            self._connection.close()


class MariaDBGuard(Guard):
    """Holds the lock of deployments. It takes nothing back: the server would not do that for a client that is gone."""

    def __init__(self, session: MariaDBSession) -> None:
        self._session = session

    def lock(self, timeout: float) -> None:
        """Take the lock, which the server lets go with the connection."""
        if not self._session.row(f"SELECT GET_LOCK('{_LOCK}', {max(0, timeout):g}) AS got")["got"]:
            raise DatabaseError("another deployment is at work on this server; try again when it is done")

    def close(self) -> None:
        """Let the lock go."""
        self._session.close()


@dataclass(frozen=True, slots=True)
class MariaDBAddress(Address):
    """A server, and who logs in."""

    host: str
    port: int
    user: str
    password: str = field(default="", repr=False)
    default: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    seconds: float = _LOGIN_SECONDS

    @property
    def server(self) -> str:
        """Host and port, or the socket."""
        return self.options.get("unix_socket") or f"{self.host}:{self.port}"

    @property
    def database(self) -> str:
        """Triggers are for the whole server."""
        return self.default or "(every database)"

    def open(self) -> MariaDBSession:
        """Log in, with the settings that each script makes first."""
        library = _library()
        given = {key: self.options[key] for key in ("unix_socket", "ssl_ca") if key in self.options}
        with _errors():
            connection = library.connect(
                host=self.host,
                port=self.port,
                user=self.user,
                password=self.password,
                database=self.default,
                charset="utf8mb4",
                autocommit=True,
                connect_timeout=max(1, round(self.seconds)),
                read_timeout=max(1, round(self.seconds)),
                cursorclass=library.cursors.DictCursor,
                **given,
            )
        session = MariaDBSession(self, connection)
        try:
            for statement in SETTINGS:
                session.execute(statement.sql)
        except DriverError:
            session.close()
            raise
        return session

    def bounded(self, seconds: float, *, unless_given: bool = False) -> MariaDBAddress:
        """Return the address at which a login may take ``seconds``."""
        return replace(self, seconds=seconds)

    def guard(self) -> MariaDBGuard:
        """Return what holds the lock, connected."""
        return MariaDBGuard(self.open())


class MariaDBDriver(Driver):
    """Connects to ``mariadb://user:password@host:port/``; ``mysql+pymysql://`` is taken for the same."""

    def refusal(self, where: Where) -> str | None:
        """Return why that is no server of MariaDB's."""
        return None if self.is_meant(where) else f"the database is none of MariaDB; write {_FORM}"

    def is_meant(self, where: Where) -> bool:
        """Whether it begins as such a URL does."""
        return isinstance(where, MariaDBAddress) or (isinstance(where, str) and where.partition("://")[0] in _SCHEMES)

    def address(self, where: Where) -> MariaDBAddress:
        """Return the address of a URL."""
        if isinstance(where, MariaDBAddress):
            return where
        try:
            url = urlsplit(where if isinstance(where, str) else "")
            port = url.port or 3306
        except ValueError:
            raise UsageError(f"a server of MariaDB is {_FORM}; this URL cannot be read") from None
        options = {key: values[-1] for key, values in parse_qs(url.query, keep_blank_values=True).items()}
        if url.scheme not in _SCHEMES or not url.username:
            raise UsageError(f"a server of MariaDB is {_FORM}")
        if unknown := sorted(options.keys() - _KEYS):
            raise UsageError(f"{unknown[0]!r} is no option of a URL of MariaDB; they are {', '.join(sorted(_KEYS))}")
        user, password = unquote(url.username), unquote(url.password or "")
        default = unquote(url.path.removeprefix("/")) or None
        return MariaDBAddress(url.hostname or "localhost", port, user, password, default, options)

    @contextmanager
    def open(self, where: Where) -> Iterator[Place]:
        """Connect to the server of a URL."""
        address = self.address(where)
        try:
            session = replace(address, seconds=60.0).open()
        except DriverError as error:
            raise DatabaseError(f"cannot connect to {address.server}: {error}") from None
        with closing(session):
            yield Place(session, address)

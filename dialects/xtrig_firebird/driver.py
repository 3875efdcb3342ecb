"""Connections to Firebird, by firebird-driver and the client library that it finds."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, cast
from urllib.parse import parse_qs, unquote, urlsplit

from xtrig.dialect.driver import Address, Driver, Place, Row, Session, WayIn, Where
from xtrig.errors import DatabaseError, DriverError, UsageError

_FORM = "firebird://user:password@host:port//path/of/database"
_LOGIN_SECONDS = 30.0
_GONE_SECONDS, _POLL_SECONDS = 10.0, 0.02
"""How long sessions that were ended may be seen, and how often they are looked for."""
# Codes of iberror.h: what the client says when the connection is gone, and when others are in the way.
_BROKEN = frozenset((335544721, 335544726, 335544727, 335544741, 335544856, 335544648))
_LOCKED = frozenset((335544510, 335544345, 335544336, 335544451, 335544453))
_RAISED = 335544517
_KEYS = frozenset(("role", "charset", "no_db_triggers"))


def _library() -> Any:
    """Return the module firebird.driver. Raises UsageError if it, or the client library, is not there."""
    try:
        import firebird.driver  # noqa: PLC0415  # whoever names another database does without
    except ImportError:
        raise UsageError(
            "connecting to Firebird needs the extra xtrig[firebird]; install it: pip install 'xtrig[firebird]'"
        ) from None
    return firebird.driver


@contextmanager
def _errors() -> Iterator[None]:
    library = _library()
    try:
        yield
    except library.Error as error:
        codes = set(getattr(error, "gds_codes", None) or ())
        raise DriverError(
            " ".join(str(error).split()) or type(error).__name__,
            sqlstate=getattr(error, "sqlstate", None),
            is_broken=bool(codes & _BROKEN),
            is_locked=bool(codes & _LOCKED),
            is_raised=_RAISED in codes,
        ) from None
    except Exception as error:
        if type(error).__module__.startswith("firebird") or isinstance(error, OSError):
            # No client library, or one that cannot be loaded.
            raise DriverError(" ".join(str(error).split())) from None
        raise


class FirebirdSession(Session):
    """One attachment. It can be no other user, and a lock that it waits for is a matter of its transaction."""

    def __init__(self, address: FirebirdAddress, connection: Any) -> None:
        self._address = address
        self._connection = connection
        self._is_broken = False
        self._records: Any = None

    @contextmanager
    def _noting(self) -> Iterator[None]:
        try:
            with _errors():
                yield
        except DriverError as error:
            self._is_broken |= error.is_broken
            raise

    def rows(self, sql: str) -> list[Row]:
        """Execute a query and return its rows, by the names of its columns in lower case."""
        with self._within(), self._noting(), closing(self._connection.cursor()) as cursor:
            cursor.execute(sql)
            names = [each[0].lower() for each in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def execute(self, sql: str) -> None:
        """Execute a statement."""
        with self._within(), self._noting():
            self._connection.execute_immediate(sql)

    @property
    def _is_active(self) -> bool:
        return bool(self._connection.main_transaction.is_active())

    @contextmanager
    def _begun(
        self, lock_timeout: float, *, commits: bool, is_snapshot: bool = False, is_read_only: bool = False
    ) -> Iterator[None]:
        library = _library()
        isolation = library.Isolation.SNAPSHOT if is_snapshot else library.Isolation.READ_COMMITTED_RECORD_VERSION
        with self._noting():
            access = library.TraAccessMode.READ if is_read_only else library.TraAccessMode.WRITE
            self._connection.begin(library.tpb(isolation, max(1, round(lock_timeout)), access))
        try:
            yield
            if commits:
                with self._noting():
                    self._connection.commit()
        finally:
            with suppress(DriverError), self._noting():
                if self._is_active:
                    self._connection.rollback()

    @contextmanager
    def _within(self) -> Iterator[None]:
        """Be in a transaction: the one that there is, or one of its own that is rolled back."""
        if self._is_active:
            yield
            return
        with self._begun(1, commits=False, is_snapshot=True):
            yield

    @contextmanager
    def transaction(self, lock_timeout: float) -> Iterator[None]:
        """Run a transaction and commit it."""
        with self._begun(lock_timeout, commits=True):
            yield

    @contextmanager
    def rolled_back(self, lock_timeout: float) -> Iterator[None]:
        """Run a transaction and roll it back."""
        with self._begun(lock_timeout, commits=False):
            yield

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Roll back what happens inside."""
        with self._within():
            with self._noting():
                self._connection.execute_immediate("SAVEPOINT xtrig")
            try:
                with nullcontext() if self._records is None else self.driver_errors():
                    yield
            finally:
                with suppress(DriverError), self._noting():
                    self._connection.execute_immediate("ROLLBACK TO SAVEPOINT xtrig")

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Read, all of it as of one moment: there are no schemas in which another user's names could come first."""
        with self._within():
            yield

    @contextmanager
    def borrowed(self, lock_timeout: float) -> Iterator[None]:
        """Work in the caller's transaction: the driver is given none, so this is never asked for."""
        yield

    @contextmanager
    def acting_as(self, role: str, seconds: float) -> Iterator[None]:
        """Work as the session's own role; what takes longer than ``seconds`` is cancelled."""
        with self.savepoint():
            timer = threading.Timer(seconds, self._cancel)
            timer.start()
            try:
                yield
            finally:
                timer.cancel()

    def _cancel(self) -> None:
        with suppress(Exception):
            self._connection._att.cancel_operation(_library().CancelType.RAISE)  # not wrapped

    @property
    def way_in(self) -> WayIn:
        """Host and file, as isql takes them."""
        return WayIn({"host": self._address.host, "database": self._address.file})

    @property
    def sqlalchemy(self) -> Any:
        """SQLAlchemy's connection on this one, of :meth:`snapshot`."""
        if self._records is None:
            raise UsageError("records are read in a snapshot of the driver's")
        return self._records

    @contextmanager
    def driver_errors(self) -> Iterator[None]:
        """Raise what SQLAlchemy says of the driver's errors as the driver's own."""
        from sqlalchemy.exc import DBAPIError  # noqa: PLC0415  # deploying does without

        try:
            yield
        except DBAPIError as error:
            with self._noting():
                raise (error.orig or error) from None

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Read records, all of them as of one moment; nothing can be written."""
        try:
            from xtrig_firebird.engine import connection_on  # noqa: PLC0415  # deploying does without
        except ImportError as error:
            raise UsageError(
                f"reading records from Firebird needs the extra xtrig[firebird]: {error}; "
                "install it: pip install 'xtrig[firebird]'"
            ) from None
        version = self._connection.info.version.split(".")
        self._records = connection_on(self._connection, tuple(map(int, version[:2])))
        try:
            with self._begun(1, commits=False, is_snapshot=True, is_read_only=True):
                yield
        finally:
            self._records = None

    def clock(self) -> str:
        """Return the server's time."""
        return str(self.row("SELECT cast(cast('now' AS TIMESTAMP) AS VARCHAR(30)) t FROM rdb$database")["t"])

    @property
    def address(self) -> FirebirdAddress:
        """The same database and user again."""
        return self._address

    @property
    def is_broken(self) -> bool:
        """Whether an error said that the connection is gone."""
        return self._is_broken or self._connection.is_closed()

    def close(self) -> None:
        """Log off; a connection that is gone is only given up."""
        with suppress(DriverError), _errors():
            self._connection.close()


@dataclass(frozen=True, slots=True)
class FirebirdAddress(Address):
    """A database, and who logs in."""

    host: str
    file: str
    user: str
    password: str | None = field(default=None, repr=False)
    role: str | None = None
    seconds: float = _LOGIN_SECONDS
    meets_triggers: bool = True
    way_past: ClassVar[str] = "no_db_triggers"  # type: ignore[misc]

    @property
    def server(self) -> str:
        """Host and port."""
        return self.host or "this machine"

    @property
    def database(self) -> str:
        """The path or the alias."""
        return self.file

    def open(self) -> FirebirdSession:
        """Log in; a login that takes longer than it may is ended."""
        library = _library()
        # The client library bounds the connection, and nothing bounds a trigger: so the login is waited for elsewhere.
        done: list[Any] = []
        start = time.monotonic()
        thread = threading.Thread(target=lambda: done.append(self._attach(library)), daemon=True)
        thread.start()
        thread.join(self.seconds)
        if not done:
            self._end_hanging(start)
            raise DriverError(f"the login did not end in {self.seconds:g} s")
        if isinstance(done[0], Exception):
            with _errors():
                raise done[0]
        return FirebirdSession(self, done[0])

    @property
    def dsn(self) -> str:
        """What the client library takes."""
        return f"{self.host.replace(':', '/')}:{self.file}" if self.host else self.file

    def _attach(self, library: Any) -> Any:
        """Return the connection, or the error."""
        try:
            return library.connect(
                self.dsn,
                user=self.user or None,
                password=self.password,
                role=self.role,
                charset="UTF8",
                no_db_triggers=not self.meets_triggers or None,
            )
        except Exception as error:
            return error

    def _end_hanging(self, start: float) -> None:
        """End the logins of this very process that began since ``start`` and are at work: one may hang in a trigger.

        The session that deploys may be as young. It waits for this login, so MON$STATE says that it is idle.
        """
        if not self.meets_triggers:
            return
        with suppress(DatabaseError), closing(replace(self, meets_triggers=False).open()) as session:
            milliseconds = round((time.monotonic() - start) * 1000) + 100  # and what the statement itself takes
            with session.transaction(1):
                # To the engine in this process there is no client, and the process is the server's.
                session.execute(
                    f"DELETE FROM mon$attachments WHERE (mon$remote_pid = {os.getpid()}"
                    f" OR mon$remote_protocol IS NULL AND mon$server_pid = {os.getpid()}) AND mon$state = 1"
                    " AND mon$attachment_id <> current_connection AND cast(mon$timestamp AS TIMESTAMP)"
                    f" >= dateadd(millisecond, -{milliseconds}, cast('now' AS TIMESTAMP))"
                )

    def create(self) -> None:
        """Make the database of this address, which is not there yet."""
        library = _library()
        with _errors():
            made = library.create_database(self.dsn, user=self.user, password=self.password, charset="UTF8")
            made.close()

    def drop(self) -> None:
        """End all sessions of the database, and remove it with its file."""
        others = "mon$attachments WHERE mon$attachment_id <> current_connection AND mon$system_flag = 0"
        deadline = time.monotonic() + _GONE_SECONDS
        with closing(self.without_triggers().open()) as session:
            while session.rows(f"SELECT 1 FROM {others}") and time.monotonic() < deadline:
                with session.transaction(1):
                    session.execute(f"DELETE FROM {others}")
                time.sleep(_POLL_SECONDS)
            with _errors():
                session._connection.drop_database()

    def bounded(self, seconds: float, *, unless_given: bool = False) -> FirebirdAddress:
        """Return the address at which a login may take ``seconds``."""
        return replace(self, seconds=seconds)

    def without_triggers(self) -> FirebirdAddress:
        """Return the way in that meets no trigger."""
        return replace(self, meets_triggers=False)


class FirebirdDriver(Driver):
    """Connects to ``firebird://user:password@host:port//path``; without a host to the engine embedded in the client."""

    def refusal(self, where: Where) -> str | None:
        """Return why that is no database of Firebird's."""
        if self.is_meant(where):
            return None
        return f"the database is none of Firebird; write {_FORM}"

    def is_meant(self, where: Where) -> bool:
        """Whether it begins with ``firebird``."""
        return isinstance(where, FirebirdAddress) or (isinstance(where, str) and where.startswith("firebird"))

    def address(self, where: Where) -> FirebirdAddress:
        """Return the address of a URL."""
        if isinstance(where, FirebirdAddress):
            return where
        try:
            url = urlsplit(where if isinstance(where, str) else "")
            port = url.port
        except ValueError:
            raise UsageError(f"a database of Firebird is {_FORM}; this URL cannot be read") from None
        options = parse_qs(url.query, keep_blank_values=True)
        file = unquote(url.path.removeprefix("/"))
        if not url.scheme.startswith("firebird") or not file:
            raise UsageError(f"a database of Firebird is {_FORM}")
        if unknown := sorted(options.keys() - _KEYS):
            raise UsageError(f"{unknown[0]!r} is no option of a URL of Firebird; they are {', '.join(sorted(_KEYS))}")
        host = (url.hostname or "") + (f":{port}" if port else "")
        return FirebirdAddress(
            host,
            file,
            unquote(url.username or os.environ.get("ISC_USER", "")),
            unquote(url.password) if url.password is not None else os.environ.get("ISC_PASSWORD"),
            options.get("role", [None])[0],
            meets_triggers=options.get("no_db_triggers", ["0"])[0].lower() in ("0", "false", "no"),
        )

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

    @contextmanager
    def snapshot(self, where: Where) -> Iterator[Session]:
        """Connect for reading records, in a read-only transaction."""
        with self.open(where) as place:
            session = cast(FirebirdSession, place.session)
            with session.snapshot():
                yield session

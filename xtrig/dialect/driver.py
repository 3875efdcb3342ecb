"""What a dialect gives so that xtrig can talk to its servers: how to connect, execute, log in and guard.

Methods that are not abstract are what not every vendor has; each says what xtrig does without. Every error of the
vendor's driver is raised as :class:`~xtrig.errors.DriverError`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from xtrig.errors import DatabaseError, DriverError, UsageError

if TYPE_CHECKING:
    from xtrig.findings import Path
    from xtrig.script import Statement

Row = Mapping[str, Any]
"""One row of a query: column to value."""

Where = Any
"""A URL, or an engine, a connection or an ORM session of SQLAlchemy, or an :class:`Address`; None stands for
XTRIG_DATABASE_URL, else for what the driver finds in its own environment."""


@dataclass(frozen=True, slots=True)
class CaughtError:
    """An error that a function has caught and only logged, as ``on_error: allow`` says."""

    function: str
    error: str
    """In one line, with the SQLSTATE."""
    path: Path = ()
    """The failing step, as a path in the definition; empty: not known."""
    is_locked: bool = False
    """Whether others were in the way, so that the same may work a moment later."""
    policy: str = "on_error: allow"
    """The policy by which the login or command goes on."""
    lacks_right: bool = False
    """Whether a function with the rights of its user lacked one, which others of its users may have."""


@dataclass(frozen=True, slots=True)
class WayIn:
    """How the server was reached. There is no password in it."""

    parameters: Mapping[str, str] = field(default_factory=dict)
    """Parameters of the connection without secrets, by the driver's names; empty if the driver has none."""
    backend_pid: int = 0
    """The server process id that the driver has; 0: it has none. A pooler gives one of its own."""


class Session(ABC):
    """One connection. Texts are executed as they are: ``%`` and ``:name`` in them mean nothing."""

    can_act_as_others: ClassVar[bool] = False
    """Whether :meth:`acting_as` takes other roles than the session's own; without, no other role is rehearsed."""

    @abstractmethod
    def rows(self, sql: str) -> list[Row]:
        """Execute a query and return its rows."""

    def row(self, sql: str) -> Row:
        """Execute a query with one row and return it."""
        return self.rows(sql)[0]

    @abstractmethod
    def execute(self, sql: str) -> None:
        """Execute a statement."""

    @abstractmethod
    def transaction(self, lock_timeout: float) -> AbstractContextManager[None]:
        """Run a transaction and commit it; a statement in it waits ``lock_timeout`` seconds at most for a lock."""

    @abstractmethod
    def rolled_back(self, lock_timeout: float) -> AbstractContextManager[None]:
        """Run a transaction and roll it back; see :meth:`transaction`."""

    @abstractmethod
    def savepoint(self) -> AbstractContextManager[None]:
        """Roll back what happens inside, settings too, and leave the transaction as it was."""

    def nested(self) -> AbstractContextManager[None]:
        """Keep what is done inside, or roll that back alone if it fails; without an override all fails with it."""
        return nullcontext()

    @abstractmethod
    def reading(self) -> AbstractContextManager[None]:
        """Read by names that no other user can have taken, and leave transaction and settings as they were."""

    @abstractmethod
    def borrowed(self, lock_timeout: float) -> AbstractContextManager[None]:
        """Work in the caller's transaction with the settings of :meth:`transaction`, and give it its own back."""

    @contextmanager
    def acting_as(self, role: str, seconds: float) -> Iterator[None]:
        """Be another role inside a transaction; see :meth:`become`. Everything inside is rolled back."""
        with self.savepoint():
            self.become(role, seconds)
            yield

    def become(self, role: str, seconds: float) -> None:  # noqa: B027  # optional
        """Be another role, or the own one again, until the savepoint ends; a statement may take ``seconds``.

        Without an override everything runs as the session's own role, and takes as long as it takes.
        """

    def ordinary_role(self) -> str | None:
        """Make a role without any right, as which :meth:`become` works until the transaction is rolled back.

        Returns its name; None, as without an override: this session cannot make one, or cannot act as it.
        """
        return None

    @contextmanager
    def caught_errors(self) -> Iterator[list[CaughtError]]:
        """Collect what functions of xtrig's tell of what they do not raise; without an override nothing is seen."""
        yield []

    def lock(self) -> None:  # noqa: B027  # optional
        """Take the lock of deployments until the transaction ends; without an override there is none.

        Then two deployments at the same time are told from one by the catalogs alone.
        """

    def sees_lock(self) -> bool:
        """Whether a guard's lock is held where this session is connected; False shows that it is another server.

        Without an override it is not checked.
        """
        return True

    def may_be_canary(self) -> bool:
        """Whether this role may log in with the settings of a canary; without an override there is no canary."""
        return False

    def pass_triggers(self) -> None:  # noqa: B027  # optional
        """Meet no trigger from here to the end of the transaction; without an override they are met."""

    @abstractmethod
    def clock(self) -> str:
        """Return the server's time, as :meth:`end_hanging` takes it; it also shows that the session still answers."""

    def end_hanging(self, since: str, seconds: float) -> Sequence[int]:
        """End the logins that began after ``since`` and have hung for ``seconds`` in their triggers.

        Returns the ids of their server processes; without an override none is looked for.
        """
        return ()

    def missing_to_see_hanging(self) -> str:
        """Return the right without which this role does not see the logins that :meth:`end_hanging` would end.

        "": it sees them; without an override that is taken so.
        """
        return ""

    def in_the_way(self) -> Sequence[str]:
        """Return who holds what a statement has just waited for in vain, for people, each with how to end it.

        Without an override none is named.
        """
        return ()

    def wait_for_standbys(self) -> bool:
        """Wait until the standbys have replayed what is committed; return whether they had in time.

        Without an override there are none.
        """
        return True

    @property
    @abstractmethod
    def address(self) -> Address:
        """The very server, database and user of the session: where more sessions come from."""

    @property
    def backend_pid(self) -> int | None:
        """The server process that the driver was told of; None: it is told of none.

        Where the server says another one, there is a pooler in between.
        """
        return None

    @property
    def way_in(self) -> WayIn:
        """How the server was reached, for ``xtrig doctor``; without an override it knows nothing of that."""
        return WayIn(backend_pid=self.backend_pid or 0)

    @property
    def sqlalchemy(self) -> Any:
        """The SQLAlchemy connection with which ``xtrig audit`` reads records.

        Raises :class:`~xtrig.errors.UsageError` for a driver without one, as here.
        """
        raise UsageError("xtrig audit reads records with SQLAlchemy, which this driver does without")

    def driver_errors(self) -> AbstractContextManager[None]:
        """Raise the errors of :attr:`sqlalchemy` as :class:`~xtrig.errors.DriverError`, too."""
        return nullcontext()

    @property
    @abstractmethod
    def is_broken(self) -> bool:
        """Whether the connection is known to be gone."""

    @abstractmethod
    def close(self) -> None:
        """End the session; one that is broken is only given up."""


class Guard:
    """Takes a deployment back when xtrig cannot: it was killed, its machine died, the network broke.

    This one is for a vendor whose server does it alone, as it rolls back the transaction of a client that is gone:
    it waits for nothing and takes nothing back. Stages of such a vendor are proved by
    :attr:`~xtrig.dialect.deployment.Proof.BEFORE_COMMIT`. Others override all four methods.
    """

    is_lost: bool = False
    """Whether it broke while armed: the server may take the deployment back, or may be unable to."""
    has_fired: bool = False
    """Whether the server has taken the deployment back, and has let the lock go: see :meth:`lock`."""
    deadline: float = float("inf")
    """When the server begins to take the deployment back, by :func:`time.monotonic`."""

    def lock(self, timeout: float) -> None:
        """Take the lock of deployments until :meth:`close`, in ``timeout`` seconds.

        Raises :class:`~xtrig.errors.DatabaseError` if another deployment holds it.
        """

    def arm(self, seconds: float, undo: Sequence[Sequence[Statement]], late: Sequence[Sequence[Statement]]) -> None:
        """Let the server run ``undo`` in ``seconds``, and then ``late``, unless :meth:`disarm` comes first.

        Each group is a transaction: what stands in the way of one keeps no other from being taken back.
        """

    def disarm(self) -> bool:
        """Stop what :meth:`arm` began; return whether it is certain that nothing is taken back."""
        return True

    def close(self) -> None:
        """Let the lock go; while the server waits to take the deployment back, it keeps the lock for that."""


class Address(ABC):
    """Where a database is and who logs in. Its texts hold no password."""

    way_past: str = ""
    """How :meth:`without_triggers` gets past them, for people; "": it does not."""

    @property
    @abstractmethod
    def server(self) -> str:
        """The server, for people, such as ``db.example.com:5432``."""

    @property
    @abstractmethod
    def database(self) -> str:
        """The database, for people."""

    @abstractmethod
    def open(self) -> Session:
        """Connect, at this very address. The session is the caller's to close."""

    @abstractmethod
    def bounded(self, seconds: float, *, unless_given: bool = False) -> Address:
        """Return the address at which a login may take ``seconds``, ``unless_given``: unless it has a bound."""

    def log_in(self, settings: Mapping[str, str]) -> str | None:
        """Log in and out again, with parameters of the server set from the first moment.

        Returns what the client was told if it was refused, in one line, and None if it came in. Here no parameters are
        set: only a canary has some.
        """
        try:
            self.open().close()
        except DriverError as error:
            return str(error)
        return None

    def in_database(self, name: str) -> Address:
        """Return the address of another database of the same server.

        Raises :class:`~xtrig.errors.UsageError` for a vendor whose servers have one each, as here.
        """
        raise UsageError("a server of this kind has one database; name each server by its URL")

    def without_triggers(self) -> Address | None:
        """Return the way in that meets no trigger; None: this vendor has none."""
        return None

    def guard(self) -> Guard:
        """Return a guard for one deployment, connected and not armed."""
        return Guard()


@dataclass(frozen=True, slots=True)
class Place:
    """An open session, and the address for more of them.

    ``address`` is None where the connection is the caller's: what happens in its transaction no other session sees.
    """

    session: Session
    address: Address | None


class Driver(ABC):
    """Makes connections to one kind of server."""

    @abstractmethod
    def refusal(self, where: Where) -> str | None:
        """Return why this driver connects to no such thing, and what to do; None: it connects.

        Nothing is connected for that. The text repeats no part of a URL in which a password may stand.
        """

    def is_meant(self, where: Where) -> bool:
        """Whether who writes this means such a server; if not, other drivers alone say what is wrong with it."""
        return True

    @abstractmethod
    def address(self, where: Where) -> Address:
        """Return the address of a URL, or with None that of the driver's own environment.

        Raises :class:`~xtrig.errors.UsageError` for a URL that cannot be read.
        """

    def service(self, name: str) -> Address:
        """Return the address that the driver's own configuration has under a name.

        Raises :class:`~xtrig.errors.UsageError` for a driver without such names, as here.
        """
        raise UsageError("this driver knows no names of services; write a URL")

    @abstractmethod
    def open(self, where: Where) -> AbstractContextManager[Place]:
        """Connect, and close again what was opened here; a connection of the caller's stays open.

        Raises :class:`~xtrig.errors.DatabaseError` if the database cannot be reached, and
        :class:`~xtrig.errors.UsageError` for an engine or a connection that cannot be used.
        """

    def adopt(self, place: Place) -> Place:
        """Return what another driver of the same kind opened, before the server's version was known, as this one's.

        Override it where what is done depends on the version; here it is the same.
        """
        return place

    def snapshot(self, where: Where) -> AbstractContextManager[Session]:
        """Connect for reading records: all of it as of one moment, nothing is written.

        Raises the errors of :meth:`open`. Without an override it is :meth:`open`.
        """
        return self._session(where)

    @contextmanager
    def _session(self, where: Where) -> Iterator[Session]:
        with self.open(where) as place:
            yield place.session


@contextmanager
def attempt(session: Session) -> Iterator[None]:
    """Ask what the server may refuse to answer, and leave the transaction as it was.

    Raises :class:`~xtrig.errors.DatabaseError` if the connection broke; a refusal stays a
    :class:`~xtrig.errors.DriverError`.
    """
    try:
        with session.savepoint():
            yield
    except DriverError as error:
        if session.is_broken:
            raise DatabaseError(f"the connection broke: {error}") from None
        raise

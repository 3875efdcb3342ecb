"""A session of the family: how its statements are executed, bounded and rolled back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import replace
from secrets import token_hex
from typing import TYPE_CHECKING, Any, ClassVar

import psycopg
from sqlalchemy import Connection, RootTransaction

from xtrig.dialect import driver as contract
from xtrig.dialect.driver import CaughtError, Row, WayIn, attempt
from xtrig.errors import DriverError, UsageError
from xtrig.plugin import literal
from xtrig_pgfamily.driver import lock
from xtrig_pgfamily.driver.errors import caught_error, driver_errors
from xtrig_pgfamily.driver.standbys import wait_for_standbys
from xtrig_pgfamily.driver.traits import ALL, READING, SETTINGS, Traits, pinned, settings
from xtrig_pgfamily.driver.warnings import warnings_raised

if TYPE_CHECKING:
    from xtrig_pgfamily.driver.address import Address

HANGING = """
SELECT pid FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
    AND state IS NULL AND query = '' AND backend_start >= {since}
    AND xact_start < clock_timestamp() - make_interval(secs => {seconds})
""".strip()
"""The logins that hang: begun since ``{since}``, and for more than ``{seconds}``."""
# A session inside its login trigger has begun a transaction, and neither a state nor a query yet (17.9, 18.4).
# Without its age a healthy login that is just passing would be ended too.

_MAKES_FUNCTION = re.compile(r"CREATE\b.*\bFUNCTION\b")
ORDINARY_ROLE = "xtrig_rehearsal_"
"""How the name of a role begins that is made in a transaction which is rolled back."""

_SHOWN = (
    "host",
    "hostaddr",
    "port",
    "user",
    "dbname",
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "channel_binding",
)
# Named one by one: among libpq's other parameters are passwords and keys, and new ones come with each version.


def _parameters(info: psycopg.ConnectionInfo) -> dict[str, str]:
    """Return libpq's parameters of a connection, without the password."""
    given = info.get_parameters() if hasattr(info, "get_parameters") else info.dsn_parameters  # type: ignore[attr-defined]  # psycopg2
    return {name: str(value) for name, value in given.items()}


class Session(contract.Session):
    """A connection of SQLAlchemy's; ``is_lent``: it is the caller's, or of the caller's engine."""

    can_act_as_others: ClassVar[bool] = True

    def __init__(self, connection: Connection, traits: Traits = ALL, *, is_lent: bool = False) -> None:
        self._connection = connection
        self.traits = traits
        self._is_lent = is_lent

    def adapted(self, traits: Traits) -> Session:
        """Return the same connection, as a server with these traits is to be used."""
        return Session(self._connection, traits, is_lent=self._is_lent)

    def driver_errors(self) -> AbstractContextManager[None]:
        """Raise the errors of driver and engine as :class:`~xtrig.errors.DriverError`."""
        return driver_errors(lambda: self.is_broken)

    def rows(self, sql: str) -> list[Row]:
        """Execute a query and return its rows."""
        with self.driver_errors():
            return [dict(row) for row in self._execute(sql).mappings()]

    def execute(self, sql: str) -> None:
        """Execute a statement; where the kind of server has warnings for errors, such a warning is one."""
        heeds = self.traits.heeds_warnings and _MAKES_FUNCTION.match(sql) is not None
        with self.driver_errors(), warnings_raised(self.driver) if heeds else nullcontext():
            # A grammar of PL/SQL may want the semicolon as part of the block, and PostgreSQL's takes it for the end.
            self._execute(f"{sql};" if heeds else sql)

    def _execute(self, sql: str) -> Any:
        # Every other way to execute a text takes % and :name in a function's body for placeholders.
        return self._connection.exec_driver_sql(sql, execution_options={"no_parameters": True})

    @contextmanager
    def transaction(self, lock_timeout: float) -> Iterator[None]:
        """Run a transaction; ``lock_timeout`` is in seconds."""
        with self.driver_errors(), self._begin():
            self._set(self.traits.opening(lock_timeout))
            yield

    @contextmanager
    def rolled_back(self, lock_timeout: float) -> Iterator[None]:
        """Run a transaction and roll it back."""
        with self.driver_errors(), self._begin() as transaction:
            try:
                self._set(self.traits.opening(lock_timeout))
                yield
            finally:
                transaction.rollback()

    def _begin(self) -> RootTransaction:
        """Begin as BEGIN READ WRITE: where sessions begin read-only, a SELECT that changed it would come too late."""
        return self._connection.execution_options(postgresql_readonly=False).begin()

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Roll back what happens inside, also settings."""
        with self.driver_errors(), self._connection.begin_nested() as nested:
            try:
                yield
            finally:
                if nested.is_active:
                    nested.rollback()

    @contextmanager
    def nested(self) -> Iterator[None]:
        """Keep what is done inside, or roll that back alone if it fails."""
        with self.driver_errors(), self._connection.begin_nested():
            yield

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Read by names that nobody can have taken, and leave transaction and settings as they were."""
        if self._connection.in_transaction():
            with self.savepoint():
                self.pin(READING)
                yield
            return
        try:
            self.pin(READING if self._is_lent else SETTINGS)
            yield
        finally:
            with self.driver_errors():
                self._connection.rollback()

    def pin(self, wanted: Mapping[str, tuple[int, str]]) -> None:
        """Begin what :meth:`reading` says, in the transaction; ``wanted`` are settings as those of ``traits``."""
        from xtrig_pgfamily.driver.address import OWN_ROLE  # noqa: PLC0415  # an address opens sessions

        pid = self.row(pinned(settings(self._version, wanted)))["pid"]
        if not self._is_lent and pid != self.backend_pid:
            self.execute(OWN_ROLE.format("true"))  # behind a pooler it could not be set for the session

    @property
    def _version(self) -> int:
        """The server's version as ``server_version_num`` has it, or a bit less."""
        major, minor, *_ = (*(self._connection.dialect.server_version_info or ()), 0, 0)
        return int(major) * 10000 + (int(minor) * 100 if int(major) < 10 else int(minor))

    @contextmanager
    def borrowed(self, lock_timeout: float) -> Iterator[None]:
        """Work in the caller's transaction with our settings, and give it back with the caller's."""
        settings = self.traits.opening(lock_timeout)
        before = {name: self._setting(name) for name in settings}
        self._set(settings)
        yield
        self._set(before)

    def become(self, role: str, seconds: float) -> None:
        """Be another role until the savepoint ends; needs a superuser for any but the own one."""
        self._set({"statement_timeout": str(round(seconds * 1000)), "session_authorization": role})
        # A right on a schema is asked for when a query is read; a plan of another role's is read no more (17.10, 18.4).
        self.execute("DISCARD PLANS")

    def ordinary_role(self) -> str | None:
        """Make a role that has only what everybody has; only a superuser can act as it."""
        row = self.row("SELECT current_setting('is_superuser')::boolean AS may, pg_backend_pid() AS pid")
        if not row["may"]:
            return None
        # Roles are the cluster's: one name for all would let deployments in other databases wait for each other.
        role = f"{ORDINARY_ROLE}{row['pid']}_{token_hex(4)}"
        self.execute(f"CREATE ROLE {role}")
        return role

    @contextmanager
    def caught_errors(self) -> Iterator[list[CaughtError]]:
        """Collect the lines for the server log, which a function sends here too if its settings let it."""
        caught: list[CaughtError] = []
        driver = self.driver
        if not isinstance(driver, psycopg.Connection):
            yield caught
            return

        def collect(notice: psycopg.errors.Diagnostic) -> None:
            if (error := caught_error(notice.message_primary or "")) is not None:
                caught.append(error)

        driver.add_notice_handler(collect)
        try:
            yield caught
        finally:
            driver.remove_notice_handler(collect)

    def lock(self) -> None:
        """Take the lock of deployments until the transaction ends."""
        lock.take_in_transaction(self)

    def sees_lock(self) -> bool:
        """Whether the lock cannot be had here: another session holds it."""
        try:
            with self.driver_errors(), self._connection.begin():
                self._set({"lock_timeout": "1"})
                self.execute(lock.ADVISORY)
        except DriverError as error:
            if not error.is_locked:
                raise
            return True
        return False

    def may_be_canary(self) -> bool:
        """Whether this role may choose by its settings which triggers it meets."""
        query = "SELECT has_parameter_privilege('session_replication_role', 'SET') AS may"
        if not self.traits.has_canary:
            return False
        with self.reading():
            return bool(self.row(query)["may"])

    def pass_triggers(self) -> None:
        """Meet no trigger from here to the end of the transaction, where the kind of server has a way."""
        self._set(self.traits.past_triggers)

    def clock(self) -> str:
        """Return the server's time."""
        return str(self.row("SELECT clock_timestamp()::text AS now")["now"])

    def end_hanging(self, since: str, seconds: float) -> Sequence[int]:
        """End the logins that hang in their triggers; return their process ids."""
        ended = []
        for row in self.rows(HANGING.format(since=literal(since), seconds=f"{seconds:.3f}")):
            # One by one: for the session of a superuser it is an error where the role is none.
            with suppress(DriverError), attempt(self):
                if self.row(f"SELECT pg_terminate_backend({row['pid']}) AS ended")["ended"]:
                    ended.append(int(row["pid"]))
        return ended

    def missing_to_see_hanging(self) -> str:
        """Return ``pg_read_all_stats`` if this role lacks it: then it sees nothing of the sessions of others."""
        query = "SELECT pg_has_role(session_user, 'pg_read_all_stats', 'USAGE') AS may"
        with self.reading():
            return "" if self.row(query)["may"] else "pg_read_all_stats"

    def in_the_way(self) -> Sequence[str]:
        """Return who holds what a deployment waits for."""
        with suppress(DriverError), self.reading():
            return [lock.described(row) for row in self.rows(lock.IN_THE_WAY)]
        return ()

    def wait_for_standbys(self) -> bool:
        """Wait until the standbys have replayed what is committed; half a minute at most."""
        return wait_for_standbys(self)

    def _set(self, settings: Mapping[str, str]) -> None:
        """Change settings until the transaction ends."""
        for name, value in settings.items():
            self.execute(f"SELECT pg_catalog.set_config({literal(name)}, {literal(value)}, true)")

    def _setting(self, name: str) -> str:
        return str(self.row(f"SELECT pg_catalog.current_setting({literal(name)}) AS value")["value"])

    @property
    def address(self) -> Address:
        """The address of the very server that answered: another one's triggers prove nothing."""
        from xtrig_pgfamily.driver.address import Address, address_for  # noqa: PLC0415  # an address opens sessions

        info = self._info
        if info is None:
            return replace(address_for(self._said_url()), traits=self.traits)
        return Address(_parameters(info), self.traits).at(info)

    def _said_url(self) -> str:
        """Return the URL of the caller's engine if it says where the connection leads, which a creator need not."""
        url = self._connection.engine.url
        with self.reading():
            here = self.row("SELECT current_database()::text AS database, session_user::text AS role")
        if not (url.host or url.query.get("host")) or {url.database, url.username} != {*here.values()}:
            raise UsageError("the engine's URL does not name host, user and database of its connections; give a URL")
        return url.render_as_string(hide_password=False)

    @property
    def backend_pid(self) -> int | None:
        """The server process that the driver was told of."""
        info, driver = self._info, self.driver
        if info is not None:
            return info.backend_pid
        return driver.get_server_pid() if hasattr(driver, "get_server_pid") else None  # asyncpg

    @property
    def way_in(self) -> WayIn:
        """How the server was reached; no parameter of it is a secret."""
        info = self._info
        if info is None:
            return WayIn(backend_pid=self.backend_pid or 0)
        given = _parameters(info)
        told = {
            **given,
            "host": info.host,
            "hostaddr": info.hostaddr if "hostaddr" in given else "",  # else the name says more
            "port": str(info.port),
            "user": info.user,
            "dbname": info.dbname,
        }
        return WayIn({key: told[key] for key in _SHOWN if told.get(key)}, info.backend_pid)

    @property
    def is_broken(self) -> bool:
        """Whether the connection is known to be gone."""
        if self._connection.closed or self._connection.invalidated:
            return True
        driver = self.driver
        return bool(driver.is_closed() if hasattr(driver, "is_closed") else getattr(driver, "closed", False))

    @property
    def _info(self) -> psycopg.ConnectionInfo | None:
        """What libpq says of the connection, by psycopg or psycopg2; None: the driver does without libpq."""
        return getattr(self.driver, "info", None)

    @property
    def sqlalchemy(self) -> Connection:
        """The connection itself."""
        return self._connection

    @property
    def driver(self) -> Any:
        """The driver's own connection."""
        return self._connection.connection.driver_connection

    def close(self) -> None:
        """End the session; one that is broken is only given up."""
        with self.driver_errors():
            if self.is_broken:
                self._connection.invalidate()
            self._connection.close()

"""From what a user says about a database to connections; passwords stay in here.

A URL is SQLAlchemy's (``postgresql://user@host/dbname``, with or without a driver such as ``+asyncpg``) or any
connection string of libpq (``host=... dbname=...``, ``service=...``). Whatever driver it names, psycopg connects. What
it leaves out comes from libpq's PG* variables.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy import Engine, create_engine, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import NullPool

from xtrig.dialect import driver as contract
from xtrig.errors import UsageError
from xtrig_pgfamily.driver.errors import driver_errors, refusal
from xtrig_pgfamily.driver.guard import Guard
from xtrig_pgfamily.driver.session import Session
from xtrig_pgfamily.driver.traits import ALL, Traits, pinned, settings
from xtrig_pgfamily.driver.warnings import warning_of_login

_DRIVER_NAMES = (
    "postgresql",
    "postgres",
    "postgresql+psycopg",
    "postgresql+psycopg_async",
    "postgresql+psycopg2",
    "postgresql+asyncpg",
)
_OF_ASYNCPG = {"ssl": "sslmode", "sslmode": "sslmode", "timeout": "connect_timeout", "host": "host", "port": "port"}
"""Parameters in the query of a URL for asyncpg that lead to a server, and libpq's names of them. The others are about
caches of statements and the like."""
_HOW = "write postgresql://user@host/dbname, or a connection string of libpq such as 'service=name'"
_LEAST_TIMEOUT = 2
"""libpq takes a connect_timeout of 1 s for one of 2 s."""
_HANGING = 15.0
"""Seconds after which a login hangs, perhaps in a trigger; for who says nothing of that himself."""
_DEFAULTS = {
    # Without them a network that is dead without a word is found out by the system: after two hours.
    "keepalives": "1",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
    "fallback_application_name": "xtrig",
}
OWN_ROLE = """
SELECT set_config('role', 'none', {})
WHERE EXISTS (SELECT FROM pg_db_role_setting AS s JOIN pg_database AS d ON d.oid = setdatabase
        CROSS JOIN unnest(setconfig) AS one
        WHERE datname = current_database() AND setrole = 0 AND one LIKE 'role=%')
    AND NOT EXISTS (SELECT FROM pg_db_role_setting AS s JOIN pg_roles AS r ON r.oid = setrole
        CROSS JOIN unnest(setconfig) AS one WHERE rolname = session_user AND one LIKE 'role=%')
"""
"""Is the role that has logged in, where ALTER DATABASE has set another; ``{}`` is whether only for the transaction."""
# That of an ALTER ROLE stays: people let a role that logs in act as the owner.
_NOT_A_TRIGGER = re.compile(
    "password|authentication|pg_hba|does not exist|refused|No such file|translate host|not permitted|starting up|"
    "shutting down|too many|remaining connection|unsupported|permission denied for database"
)
"""Answers to logins that no trigger gives; in other languages the only loss is a second attempt."""
_OPTIONS = ("PGOPTIONS", "PGSERVICE")
_NOT_PLAIN = str.maketrans({" ": "\\ ", "\\": "\\\\"})


@dataclass(frozen=True, slots=True)
class Address(contract.Address):
    """Where a database is and who asks, as parameters of libpq; what is missing libpq fills in."""

    parameters: Mapping[str, str] = field(default_factory=dict, repr=False)
    traits: Traits = field(default=ALL, repr=False)
    is_past: bool = False
    """Whether logins are meant to meet no trigger."""

    @property
    def server(self) -> str:
        """The host, or what stands for it, with its port."""
        given = self.parameters
        service = f"service {given['service']}" if "service" in given else ""
        host = given.get("host") or given.get("hostaddr") or service or os.environ.get("PGHOST") or "the default host"
        port = given.get("port") or os.environ.get("PGPORT")
        return f"{host}:{port}" if port else host

    @property
    def database(self) -> str:
        """The database, or that the server chooses it."""
        return self.parameters.get("dbname") or os.environ.get("PGDATABASE") or "by default"

    @property
    def way_past(self) -> str:  # type: ignore[override]  # it depends on the version
        """The parameters of :meth:`without_triggers`."""
        return ", ".join(f"{name}={value}" for name, value in self.traits.past_triggers.items())

    def changed(self, **parameters: str) -> Address:
        """Return the address with other parameters; an empty one is taken out."""
        merged = {**self.parameters, **parameters}
        return replace(self, parameters={key: value for key, value in merged.items() if value})

    def in_database(self, name: str) -> Address:
        """Return the address of another database of the same server."""
        return self.changed(dbname=name)

    def with_setting(self, name: str, value: str) -> Address:
        """Return the address with a parameter of the server set from the first moment of the session.

        The value is plain text: what ``options`` would cut at spaces is escaped here.
        """
        if name == "application_name":
            # libpq sends its own after the options: the last one counts.
            return self.changed(application_name=value)
        # An explicit value would replace PGOPTIONS, and the two sessions would differ in more than this.
        given = self.parameters.get("options") or os.environ.get("PGOPTIONS", "")
        return self.changed(options=f"{given} -c {name}={value.translate(_NOT_PLAIN)}".strip())

    def bounded(self, seconds: float, *, unless_given: bool = False) -> Address:
        """Return the address at which a login may take ``seconds``, in whole seconds and at least 2."""
        if unless_given and ("connect_timeout" in self.parameters or "PGCONNECT_TIMEOUT" in os.environ):
            return self
        return self.changed(connect_timeout=str(max(_LEAST_TIMEOUT, round(seconds))))

    def without_triggers(self) -> Address | None:
        """Return the way in that meets no trigger, where the kind of server has one."""
        address = self
        for name, value in self.traits.past_triggers.items():
            address = address.with_setting(name, value)
        return None if address is self else replace(address, is_past=True)

    def with_triggers(self) -> Address:
        """Return the address whose logins meet the triggers, also where options or a service file switch them off."""
        given = ("options", "service")
        if self.is_past or not (any(map(self.parameters.get, given)) or any(map(os.environ.get, _OPTIONS))):
            return self
        try:
            with closing(self.connect()) as connection:
                asked = connection.execute("SELECT current_setting('event_triggers', true) = 'off'").fetchone()
                # Written out, since options of an address go before those of a service.
                options = f"{connection.info.options} -c event_triggers=on"
        except psycopg.Error:
            return self  # the login itself says why
        return self.changed(options=options) if asked == (True,) else self

    def at(self, info: psycopg.ConnectionInfo) -> Address:
        """Return the address of the very server and database of a connection, and its user, with the rest as here.

        With several hosts, or a name with several addresses, a refused login would go on to the next one.
        """
        numeric = "" if info.host.startswith("/") else getattr(info, "hostaddr", "")  # psycopg2 has none
        here = self.changed(host=info.host, hostaddr=numeric, port=str(info.port), user=info.user, dbname=info.dbname)
        return here.changed(password=info.password)

    def connect(self, *, autocommit: bool = True, pinned: bool = False, helps: bool = False) -> psycopg.Connection[Any]:
        """Connect, with texts in UTF-8.

        ``pinned`` sees to it that no unqualified name finds what others have made, and that no setting of the
        database's or the role's owner changes what is sent or read. ``helps`` gets past a trigger that refuses the
        login, where the role may. Raises psycopg's own errors; see
        :func:`~xtrig_pgfamily.driver.errors.driver_errors`.
        """
        address, is_helped = self, False
        try:
            connection = address._connected()
        except psycopg.OperationalError as error:
            if not helps or _NOT_A_TRIGGER.search(str(error)):
                raise
            address = self.with_setting("event_triggers", "off")
            connection, is_helped = address._past_the_triggers(error), True
        if pinned:
            version = connection.info.server_version  # a closed connection does not tell
            try:
                _pin(connection)
            except psycopg.Error:
                # A time-out of the role's or the database's was faster: then all is set before the session begins.
                connection.close()
                for name, value in settings(version).items():
                    address = address.with_setting(name, value)
                connection = address._connected()
                _pin(connection)
        if is_helped:
            # Only the login is helped: what others have put on commands still meets ours.
            connection.execute("SET event_triggers = on")
        connection.autocommit = autocommit
        return connection

    def _connected(self) -> psycopg.Connection[Any]:
        # A prepared statement stays in the session, which behind a pooler is everybody's.
        return psycopg.connect(self.conninfo(), autocommit=True, prepare_threshold=None)

    def conninfo(self) -> str:
        """Return the connection string of libpq, with the password."""
        return make_conninfo("", **{**_DEFAULTS, **self.parameters, "client_encoding": "UTF8"})

    def _past_the_triggers(self, refused: psycopg.OperationalError) -> psycopg.Connection[Any]:
        """Connect past a trigger that refused it; else raise with what helps."""
        try:
            return self._connected()
        except psycopg.OperationalError as error:
            if '"event_triggers"' not in str(error) or "unrecognized" in str(error):
                raise refused from None
            said = refusal(refused)
            raise psycopg.OperationalError(
                f"{said}; if a login trigger refuses everybody, a superuser ends it: xtrig drop FILE --url URL, with "
                "the trigger's definition and a superuser's URL"
            ) from None

    def engine(self) -> Engine:
        """Return an engine whose every connection is a new session of the server, pinned."""
        return create_engine(
            "postgresql+psycopg://",
            creator=lambda: self.bounded(_HANGING, unless_given=True).connect(
                autocommit=False, pinned=True, helps=True
            ),
            poolclass=NullPool,
        )

    def open(self) -> Session:
        """Connect. The session is the caller's to close."""
        with driver_errors():
            return Session(self.engine().connect(), self.traits)

    def log_in(self, settings: Mapping[str, str]) -> str | None:
        """Log in and out again, with server parameters set from the first moment; return what refused it."""
        address = self.with_triggers()
        for name, value in settings.items():
            address = address.with_setting(name, value)
        try:
            if self.traits.heeds_warnings:
                seconds = float(self.parameters.get("connect_timeout") or _HANGING)
                warning = warning_of_login(address.conninfo(), seconds)
                return warning and f"it was let in with a warning: {warning}"
            address.connect().close()
        except psycopg.Error as error:
            return refusal(error)
        return None

    def guard(self) -> Guard:
        """Return a guard in a session of its own."""
        return Guard(self.open())


def _pin(connection: psycopg.Connection[Any]) -> None:
    """Set what every session of ours has, and be the role that has logged in; behind a pooler, change nothing."""
    info = connection.info
    set_ = pinned(settings(info.server_version), only_for=info.backend_pid)
    if connection.execute(set_.encode()).fetchone() is not None:
        connection.execute(OWN_ROLE.format("false").encode())


def address_for(url: str | None) -> Address:
    """Return the address that ``url``, else the PG* variables name.

    Raises :class:`~xtrig.errors.UsageError` for what is neither a URL nor a connection string.
    """
    return Address() if url is None else _checked(_parse(url.strip()))


def refused_scheme(url: str) -> str | None:
    """Return why a URL is not for this driver, and what to do; no message repeats what may hold a password."""
    text = url.strip()
    if not text:
        return f"the database URL is empty; {_HOW}"
    if any("\ud800" <= char <= "\udfff" for char in text):  # as Python reads bytes of the command line
        return f"the database URL has bytes that are not UTF-8; {_HOW}"
    scheme = _scheme(text)
    if scheme and scheme not in _DRIVER_NAMES:
        return f"the database URL begins with {scheme}://, but xtrig connects by psycopg; {_HOW}"
    return None


def _scheme(text: str) -> str:
    return text.partition("://")[0] if "://" in text.partition("=")[0] else ""


def _parse(text: str) -> dict[str, Any]:
    """Return the parameters; no message repeats the text, as its reading may have split a password."""
    if refused := refused_scheme(text):
        raise UsageError(refused)
    scheme = _scheme(text)
    bare = f"postgresql{text.removeprefix(scheme)}" if scheme else text
    if scheme.startswith("postgresql"):
        try:
            url = make_url(bare)
            if "%" not in (url.host or ""):  # libpq decodes the host, which may be a folder of sockets: %2Frun%2Fpg
                if scheme.endswith("+asyncpg"):
                    query = url.query.items()
                    url = url.set(query={_OF_ASYNCPG[name]: value for name, value in query if name in _OF_ASYNCPG})
                return dict(url.get_dialect()().create_connect_args(url)[1])
        except (ArgumentError, ValueError):
            pass  # libpq's own URLs may name several hosts with their ports
    try:
        return dict(conninfo_to_dict(bare))
    except psycopg.ProgrammingError:
        raise UsageError(f"the database URL cannot be read; {_HOW}") from None


def _checked(parameters: dict[str, Any]) -> Address:
    if "@" in str(parameters.get("host", "")):
        raise UsageError("the database URL has an @ too many; write one inside a password as %40")
    try:
        make_conninfo("", **parameters)
    except psycopg.ProgrammingError:
        known = {option.keyword.decode() for option in psycopg.pq.Conninfo.get_defaults()}
        strange = ", ".join(sorted(set(parameters) - known))
        raise UsageError(f"the database URL has a parameter that libpq does not know: {strange}") from None
    return Address({key: str(value) for key, value in parameters.items()})

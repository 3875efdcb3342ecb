"""From what a user says about a database to connections; passwords stay in here.

A database is named, in this order, by ``--url``, by the variable ``XTRIG_DATABASE_URL``, and by libpq's PG*
variables, which also fill in what the first two leave out. A URL is SQLAlchemy's
(``postgresql://user@host/dbname``, with or without ``+psycopg``) or any connection string of libpq
(``host=... dbname=...``, ``service=...``).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy import Engine, create_engine, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from xtrig.errors import DatabaseError, UsageError

VARIABLE = "XTRIG_DATABASE_URL"

PINNED = "SELECT pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', {})"
"""Keeps other people's functions and operators out: a database's owner may give its sessions a search_path, and what
a superuser then asks by unqualified names would run what lies there. ``{}`` is whether only for the transaction."""

READING = "cannot read the database"
"""What fails where a connection breaks, or cannot be used, before anything is changed."""

_DRIVER_NAMES = ("postgresql", "postgresql+psycopg", "postgres")
_HOW = "write postgresql://user@host/dbname, or a connection string of libpq such as 'service=name'"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a database is and who asks, as parameters of libpq; what is missing libpq fills in."""

    parameters: Mapping[str, str] = field(default_factory=dict, repr=False)

    def changed(self, **parameters: str) -> Address:
        """Return the address with other parameters; an empty one is taken out."""
        merged = {**self.parameters, **parameters}
        return Address({key: value for key, value in merged.items() if value})

    def with_setting(self, name: str, value: str) -> Address:
        """Return the address with a parameter of the server set from the first moment of the session."""
        # An explicit value would replace PGOPTIONS, and the two sessions would differ in more than this.
        given = self.parameters.get("options") or os.environ.get("PGOPTIONS", "")
        return self.changed(options=f"{given} -c {name}={value}".strip())

    def at(self, info: psycopg.ConnectionInfo) -> Address:
        """Return the address of the very server, user and database of a connection, with the rest as it is here.

        With several hosts, or a name with several addresses, a refused login would go on to the next one.
        """
        numeric = "" if info.host.startswith("/") else info.hostaddr
        return self.changed(host=info.host, hostaddr=numeric, port=str(info.port), user=info.user, dbname=info.dbname)

    def connect(self, *, autocommit: bool = True, pinned: bool = False) -> psycopg.Connection[Any]:
        """Connect; ``pinned`` sees to it that no unqualified name finds what others have made.

        Raises psycopg's own errors; see :func:`database_errors`.
        """
        connection = psycopg.connect(make_conninfo("", **self.parameters), autocommit=True)
        if pinned:
            connection.execute(PINNED.format("false").encode())
        connection.autocommit = autocommit
        return connection

    def engine(self) -> Engine:
        """Return an engine whose every connection is a new session of the server, pinned."""
        return create_engine(
            "postgresql+psycopg://", creator=lambda: self.connect(autocommit=False, pinned=True), poolclass=NullPool
        )


def address_for(url: str | None) -> Address:
    """Return the address that ``url``, else XTRIG_DATABASE_URL, else the PG* variables name.

    Raises :class:`~xtrig.errors.UsageError` for what is neither a URL nor a connection string.
    """
    given = os.environ.get(VARIABLE) if url is None else url
    return Address() if given is None else _checked(_parse(given.strip()))


def engine_for(url: str | None) -> Engine:
    """Return an engine for what :func:`address_for` finds."""
    return address_for(url).engine()


@contextmanager
def database_errors(doing: str) -> Iterator[None]:
    """Turn the errors of driver and engine into :class:`~xtrig.errors.DatabaseError`: ``doing: reason``."""
    try:
        yield
    except (psycopg.Error, SQLAlchemyError) as error:
        raise DatabaseError(f"{doing}: {reason(error)}") from None


def reason(error: Exception) -> str:
    """Return in one line what the server or the driver said, with its SQLSTATE where there is one."""
    cause = getattr(error, "orig", None) or error
    if not isinstance(cause, psycopg.Error) or cause.diag.message_primary is None:
        return " ".join(str(cause).split())
    said = [cause.diag.message_primary, cause.diag.message_detail, cause.diag.message_hint]
    return f"{'; '.join(' '.join(part.split()) for part in said if part)} (SQLSTATE {cause.sqlstate})"


def login_answer(error: psycopg.Error) -> str:
    """Return what the server said to a login, without the driver's words on where it had tried to connect."""
    text = str(error)
    return text[max(text.find("FATAL:"), 0) :]


def _parse(text: str) -> dict[str, Any]:
    """Return the parameters; no message repeats the text, as its reading may have split a password."""
    if not text:
        raise UsageError(f"the database URL is empty; {_HOW}")
    scheme = text.partition("://")[0] if "://" in text.partition("=")[0] else ""
    if scheme and scheme not in _DRIVER_NAMES:
        raise UsageError(f"the database URL begins with {scheme}://, but xtrig connects by psycopg; {_HOW}")
    if scheme.startswith("postgresql"):
        try:
            url = make_url(text)
            return dict(url.get_dialect()().create_connect_args(url)[1])
        except (ArgumentError, ValueError):
            pass  # libpq's own URLs may name several hosts with their ports
    try:
        return dict(conninfo_to_dict(text.replace("postgresql+psycopg://", "postgresql://", 1)))
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

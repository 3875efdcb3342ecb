"""Where a set is deployed, however the caller says it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from sqlalchemy import Connection, Engine

from xtrig.connect import Address, address_for, database_errors
from xtrig.deploy.session import Session
from xtrig.errors import UsageError

Where = Engine | Connection | str | None
"""An engine, a connection, a URL; None stands for XTRIG_DATABASE_URL and the PG* variables."""


@dataclass(frozen=True, slots=True)
class Place:
    """An open session, and the address for more of them.

    ``address`` is None where the connection is the caller's: what happens in its transaction no other session sees.
    """

    session: Session
    address: Address | None


@contextmanager
def open_place(where: Where) -> Iterator[Place]:
    """Connect, and close again what was opened here.

    Raises :class:`~xtrig.errors.DatabaseError` if the database cannot be reached, and
    :class:`~xtrig.errors.UsageError` for an engine of another driver than psycopg.
    """
    if isinstance(where, Connection):
        if _autocommits(where):
            raise UsageError("the connection is in AUTOCOMMIT; give one with transactions, or the engine")
        if where.dialect.name != "postgresql":
            raise UsageError(f"the connection is one to {where.dialect.name}, and xtrig deploys to PostgreSQL's family")
        with database_errors("cannot use the connection"):
            yield Place(Session(where), None)
        return
    engine = where if isinstance(where, Engine) else address_for(where).engine()
    with database_errors("cannot connect"):
        connection = engine.connect()
        if _autocommits(connection):
            # The pool puts it back.
            connection.execution_options(isolation_level="READ COMMITTED")
    session = Session(connection)
    try:
        yield Place(session, _address(session))
    finally:
        session.close()


def _autocommits(connection: Connection) -> bool:
    return getattr(connection.connection.driver_connection, "autocommit", False) is True


def _address(session: Session) -> Address:
    """Return the address of the very server that answered: another one's triggers prove nothing."""
    driver = session.driver
    if not isinstance(driver, psycopg.Connection):
        raise UsageError(
            f"the engine's driver is {type(driver).__module__.partition('.')[0]}, but new logins are made with "
            "psycopg; create it with postgresql+psycopg://"
        )
    info = driver.info
    address = Address({key: str(value) for key, value in info.get_parameters().items()})
    return address.at(info).changed(password=info.password)

"""The driver of the family: psycopg, with SQLAlchemy's engines and connections."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import psycopg
from sqlalchemy import Connection, Engine

from xtrig.dialect import driver as contract
from xtrig.dialect.driver import Place, Where
from xtrig.errors import UsageError
from xtrig_pgfamily.driver.address import Address, address_for, refused_scheme
from xtrig_pgfamily.driver.errors import database_errors
from xtrig_pgfamily.driver.session import Session
from xtrig_pgfamily.driver.traits import ALL, PINNED, Traits


@dataclass(frozen=True, slots=True)
class PsycopgDriver(contract.Driver):
    """Connects to servers with these traits."""

    traits: Traits = ALL

    def refusal(self, where: Where) -> str | None:
        """Return why this is no URL, engine or connection for psycopg; None: it is, or says nothing."""
        if where is None:
            return None
        if isinstance(where, str):
            return refused_scheme(where)
        if isinstance(where, Connection):
            if where.dialect.name == "postgresql":
                return None
            return f"the connection is one to {where.dialect.name}, and xtrig deploys to PostgreSQL's family"
        if isinstance(where, Engine):
            return None if where.dialect.name == "postgresql" else _other_driver(where)
        kind = type(where).__name__
        return f"a database is named by a URL, or an engine or a connection of SQLAlchemy; this is of type {kind}"

    def address(self, where: Where) -> Address:
        """Return the address of a URL; with None that of the PG* variables."""
        return replace(address_for(where), traits=self.traits)

    @contextmanager
    def open(self, where: Where) -> Iterator[Place]:
        """Connect, and close again what was opened here."""
        if isinstance(where, Connection):
            if _autocommits(where):
                raise UsageError("the connection is in AUTOCOMMIT; give one with transactions, or the engine")
            with database_errors("cannot use the connection"):
                session = Session(where, self.traits)
                _check_encoding(session)
                yield Place(session, None)
            return
        given = None if isinstance(where, Engine) else self.address(where)
        engine = given.engine() if given else where
        if refused := _other_driver(engine):
            raise UsageError(refused)
        with database_errors("cannot connect"):
            connection = engine.connect()
            # The pool puts it back.
            connection.execution_options(isolation_level="READ COMMITTED")
        session = Session(connection, self.traits)
        try:
            _check_encoding(session)
            yield Place(session, given.at(session.driver.info) if given else session.address)
        finally:
            session.close()

    def adopt(self, place: Place) -> Place:
        """Return a connection that was opened before the server was known, with this driver's traits."""
        session, address = place.session, place.address
        assert isinstance(session, Session)  # noqa: S101  # one driver serves the family
        traits = self.traits
        return Place(session.adapted(traits), replace(address, traits=traits) if isinstance(address, Address) else None)

    @contextmanager
    def snapshot(self, where: Where) -> Iterator[Session]:
        """Connect for reading records; a connection of the caller's is used in its own transaction."""
        if isinstance(where, Connection):
            session = Session(where, self.traits)
            with session.reading():
                _write_iso_dates(session)
                yield session
            return
        engine = where if isinstance(where, Engine) else self.address(where).engine()
        with database_errors("cannot connect"):
            connection = engine.connect().execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection:
            session = Session(connection, self.traits)
            with database_errors("cannot ask the server what it is"):
                session.execute(PINNED.format("true"))
                _write_iso_dates(session)
            yield session


def _other_driver(engine: Engine) -> str | None:
    """Return that an engine's driver is not psycopg, and what to do; records can be read with it all the same."""
    used = str(getattr(engine.dialect.dbapi, "__name__", engine.dialect.driver)).partition(".")[0]
    if used == "psycopg":
        return None
    return f"the engine's driver is {used}, but new logins are made with psycopg; create it with postgresql+psycopg://"


def _check_encoding(session: Session) -> None:
    """Refuse a connection of the caller's whose texts would arrive as bytes."""
    driver = session.driver
    if isinstance(driver, psycopg.Connection) and driver.info.parameter_status("client_encoding") == "SQL_ASCII":
        raise UsageError("client_encoding of the connection is SQL_ASCII; connect with client_encoding=UTF8")


def _autocommits(connection: Connection) -> bool:
    return getattr(connection.connection.driver_connection, "autocommit", False) is True


def _write_iso_dates(session: Session) -> None:
    """Have the server write times as psycopg reads them, until the transaction ends.

    It reads ISO dates alone and fails at any others, which a role or a database may be set to.
    """
    if not session.row("SHOW datestyle")["DateStyle"].startswith("ISO"):
        session.execute("SET LOCAL datestyle TO ISO")

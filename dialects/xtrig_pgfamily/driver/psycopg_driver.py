"""The driver of the family: psycopg, with SQLAlchemy's engines and connections."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from sqlalchemy import URL, Engine

from xtrig.dialect import driver as contract
from xtrig.dialect.driver import Place, Where
from xtrig_pgfamily.driver.address import Address, address_for, refused_scheme
from xtrig_pgfamily.driver.errors import database_errors
from xtrig_pgfamily.driver.guests import check_encoding, refusal, text_of, unprepared, visited
from xtrig_pgfamily.driver.session import Session
from xtrig_pgfamily.driver.traits import ALL, READING, SETTINGS, Traits


@dataclass(frozen=True, slots=True)
class PsycopgDriver(contract.Driver):
    """Connects to servers with these traits."""

    traits: Traits = ALL

    def refusal(self, where: Where) -> str | None:
        """Return why this names no database for psycopg; None: it does, or says nothing."""
        if where is None or isinstance(where, Address):
            return None
        if isinstance(where, (str, URL)):
            return refused_scheme(where if isinstance(where, str) else text_of(where))
        return refusal(where)

    def address(self, where: Where) -> Address:
        """Return the address of a URL; with None that of the PG* variables."""
        text = text_of(where) if isinstance(where, URL) else where
        return replace(text if isinstance(text, Address) else address_for(text), traits=self.traits)

    def service(self, name: str) -> Address:
        """Return the address of a service of pg_service.conf."""
        return Address({"service": name}, self.traits)

    @contextmanager
    def open(self, where: Where) -> Iterator[Place]:
        """Connect, and close again what was opened here."""
        given = self.address(where) if _says_where(where) else None
        if given is None and not isinstance(where, Engine):
            with database_errors("cannot use the connection"), visited(where) as connection:
                yield Place(Session(connection, self.traits, is_lent=True), None)
            return
        engine = given.engine() if given else where
        with database_errors("cannot connect"):
            connection = engine.connect()
            # The pool puts it back.
            connection.execution_options(isolation_level="READ COMMITTED")
        session = Session(connection, self.traits, is_lent=given is None)
        try:
            check_encoding(connection)
            with unprepared(connection):
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
        given = self.address(where) if _says_where(where) else None
        if given is None and not isinstance(where, Engine):
            with database_errors("cannot use the connection"), visited(where) as connection:
                session = Session(connection, self.traits, is_lent=True)
                with session.reading():
                    yield session
            return
        engine = given.engine() if given else where
        with database_errors("cannot connect"):
            connection = engine.connect().execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection, unprepared(connection):
            session = Session(connection, self.traits, is_lent=given is None)
            with database_errors("cannot ask the server what it is"):
                session.pin(READING if given is None else SETTINGS)
            yield session


def _says_where(where: Where) -> bool:
    """Whether it is an address and no connection or engine."""
    return where is None or isinstance(where, (str, URL, Address))

"""Executing on the connection that a deployment, a comparison or an import works with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import Connection, RootTransaction
from sqlalchemy.exc import SQLAlchemyError

from xtrig.connect import PINNED, reason
from xtrig.dialect.deployment import Row, Words
from xtrig.errors import DatabaseError
from xtrig.sqltext import literal


class Session:
    """A connection to the database that is deployed to.

    Every other way to execute a text takes % and :name in a function's body for placeholders. Errors are those
    of SQLAlchemy; see :func:`xtrig.connect.database_errors`.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection.execution_options(no_parameters=True)

    def rows(self, sql: str) -> list[Row]:
        """Execute a query and return its rows."""
        return [dict(row) for row in self._connection.exec_driver_sql(sql).mappings()]

    def row(self, sql: str) -> Row:
        """Execute a query with one row and return it."""
        return self.rows(sql)[0]

    def execute(self, sql: str) -> None:
        """Execute a statement."""
        self._connection.exec_driver_sql(sql)

    def execute_alone(self, statements: Iterable[str]) -> None:
        """Execute statements in a transaction of their own."""
        with self._connection.begin():
            for sql in statements:
                self.execute(sql)

    def set(self, words: Words, settings: Mapping[str, str]) -> None:
        """Change settings until the transaction ends."""
        for name, value in settings.items():
            self.execute(words.set.format(name=literal(name), value=literal(value)))

    @contextmanager
    def transaction(self, words: Words, lock_timeout: float) -> Iterator[None]:
        """Run a transaction; ``lock_timeout`` is in seconds."""
        with self._begin():
            self.set(words, {**words.opening, words.lock_timeout: str(round(lock_timeout * 1000))})
            yield

    @contextmanager
    def rolled_back(self, words: Words, lock_timeout: float) -> Iterator[None]:
        """Run a transaction and take it back."""
        with self._begin() as transaction:
            try:
                self.set(words, {**words.opening, words.lock_timeout: str(round(lock_timeout * 1000))})
                yield
            finally:
                transaction.rollback()

    def _begin(self) -> RootTransaction:
        """Begin as BEGIN READ WRITE: where sessions begin read-only, a SELECT that changed it would come too late."""
        return self._connection.execution_options(postgresql_readonly=False).begin()

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Take back what happens inside, also settings."""
        with self._connection.begin_nested() as nested:
            try:
                yield
            finally:
                if nested.is_active:
                    nested.rollback()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Read by names that nobody can have taken, and leave transaction and settings as they were."""
        if self._connection.in_transaction():
            with self.savepoint():
                self.execute(PINNED.format("true"))
                yield
            return
        try:
            self.execute(PINNED.format("true"))
            yield
        finally:
            self._connection.rollback()

    @property
    def is_broken(self) -> bool:
        """Whether the connection is known to be gone."""
        if self._connection.closed or self._connection.invalidated:
            return True
        driver = self.driver
        return isinstance(driver, psycopg.Connection) and driver.closed

    @property
    def driver(self) -> Any:
        """The driver's own connection."""
        return self._connection.connection.driver_connection

    def close(self) -> None:
        """End the session; one that is broken is only given up."""
        if self.is_broken:
            self._connection.invalidate()
        self._connection.close()


@contextmanager
def attempt(session: Session) -> Iterator[None]:
    """Ask what the server may refuse to answer, and leave the transaction as it was.

    Raises :class:`~xtrig.errors.DatabaseError` if the connection broke; a refusal stays SQLAlchemy's error.
    """
    try:
        with session.savepoint():
            yield
    except SQLAlchemyError as error:
        if session.is_broken:
            raise DatabaseError(f"the connection broke: {reason(error)}") from None
        raise

"""What a caller names a database by, besides a URL: engines, connections and sessions of SQLAlchemy.

xtrig is a guest in them, and leaves them as it found them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import psycopg
from sqlalchemy import URL, Connection, Engine
from sqlalchemy.engine.mock import MockConnection

from xtrig.errors import UsageError
from xtrig_pgfamily.driver.errors import driver_errors

_WRITTEN = "SELECT pg_catalog.txid_current_if_assigned() IS NOT NULL"
_AWAITED = "it is used with await: xtrig.aio has plan, apply, status and drop for it"
_OFFLINE = "it writes statements down and is connected to nothing, and xtrig reads the database; use: xtrig render"
_WANTED = "a URL, or an engine, a connection or an ORM session of SQLAlchemy"


def refusal(where: object) -> str | None:
    """Return why an object names no database of the family, and what to do; None: it does."""
    if isinstance(where, (Connection, Engine)):
        return _other_driver(where)
    kind = type(where).__name__
    if hasattr(where, "sync_engine") or hasattr(where, "sync_session"):
        return f"a database cannot be named by an object of type {kind} here: {_AWAITED}"
    if isinstance(where, MockConnection):
        return f"a database cannot be named by an object of type {kind}: {_OFFLINE}"
    if isinstance(where, psycopg.Connection):
        return f"the connection is psycopg's own; give {_WANTED}"
    return None if _is_orm_session(where) else f"a database is named by {_WANTED}; this is of type {kind}"


def _is_orm_session(where: object) -> bool:
    """Whether it is a Session or a scoped_session; to ask so, the ORM need not be imported."""
    return all(hasattr(where, name) for name in ("connection", "get_bind", "expunge"))


def _other_driver(where: Connection | Engine) -> str | None:
    if where.dialect.name != "postgresql":
        what = "connection" if isinstance(where, Connection) else "engine"
        return f"the {what} is one to {where.dialect.name}, and xtrig deploys to PostgreSQL's family"
    if isinstance(where, Connection) or where.dialect.driver in ("psycopg", "psycopg2"):
        return None
    return (
        f"the engine's driver is {where.dialect.driver}, but new logins are made with psycopg; create it with "
        "postgresql+psycopg://"
    )


def text_of(url: URL) -> str:
    """Return a URL as text, its password in it."""
    return url.render_as_string(hide_password=False)


@contextmanager
def visited(where: Any) -> Iterator[Connection]:
    """Give the connection of the caller's, or of the caller's ORM session, and leave it as it was found.

    What fails leaves nothing in the caller's transaction; and none is left open that has written nothing.
    Raises :class:`~xtrig.errors.UsageError` for one that cannot be used.
    """
    with driver_errors(), _orm_connection(where) if _is_orm_session(where) else nullcontext(where) as connection:
        _check(connection)
        begun = connection.in_transaction()
        with unprepared(connection), connection.begin_nested() if begun else nullcontext():
            is_done = False
            try:
                yield connection
                is_done = True
            finally:
                if not begun and connection.in_transaction() and not (is_done and _has_written(connection)):
                    connection.rollback()


@contextmanager
def unprepared(connection: Connection) -> Iterator[None]:
    """Have the driver prepare no statement for good: it would stay in the session when xtrig has left."""
    pooled: Any = connection.connection
    # That of psycopg is a number of executions; that of asyncpg is SQLAlchemy's own cache (2.0, 2.1).
    kept = [(pooled.driver_connection, "prepare_threshold"), (pooled.dbapi_connection, "_prepared_statement_cache")]
    before = [(each, name, getattr(each, name)) for each, name in kept if hasattr(each, name)]
    for each, name, _ in before:
        setattr(each, name, None)
    try:
        yield
    finally:
        for each, name, value in before:
            setattr(each, name, value)


@contextmanager
def _orm_connection(where: Any) -> Iterator[Connection]:
    """Give the connection of an ORM session; end the transaction that this begins if nothing was written in it."""
    session = where.registry() if hasattr(where, "registry") else where  # a scoped_session stands for one
    begun = session.in_transaction()
    connection = session.connection()
    try:
        yield connection
    finally:
        # Not by a rollback: it would expire what the session has loaded.
        if not begun and session.get_transaction() and not _has_written(connection):
            session.get_transaction().close()


def _has_written(connection: Connection) -> bool:
    return connection.in_transaction() and bool(connection.exec_driver_sql(_WRITTEN).scalar())


def _check(connection: Connection) -> None:
    """Raise :class:`~xtrig.errors.UsageError` for a connection that cannot be left as it was found."""
    pooled: Any = connection.connection
    driver, info = pooled.driver_connection, getattr(pooled.driver_connection, "info", None)
    if refused := _other_driver(connection):
        raise UsageError(refused)
    if getattr(pooled.dbapi_connection, "autocommit", False) is True:
        raise UsageError("the connection is in AUTOCOMMIT; give one with transactions, or the engine")
    # SQLAlchemy does not see what is done with the driver's connection, and would roll it back.
    is_begun = info.transaction_status != psycopg.pq.TransactionStatus.IDLE if info else driver.is_in_transaction()
    if is_begun and not connection.in_transaction():
        raise UsageError(
            "the connection is in a transaction that SQLAlchemy does not know of; begin it with connection.begin()"
        )
    check_encoding(connection)


def check_encoding(connection: Connection) -> None:
    """Refuse a connection of the caller's whose texts would arrive as bytes."""
    driver = connection.connection.driver_connection
    if isinstance(driver, psycopg.Connection) and driver.info.parameter_status("client_encoding") == "SQL_ASCII":
        raise UsageError("client_encoding of the connection is SQL_ASCII; connect with client_encoding=UTF8")

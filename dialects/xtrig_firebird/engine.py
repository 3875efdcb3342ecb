"""SQLAlchemy on a connection that is there already, for ``xtrig audit``; times are in UTC.

3.0 has times without a zone: those of the server's own. The difference to UTC is that of the moment of reading, so that
a time from before the clocks were last changed is an hour off.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy_firebird  # noqa: F401  # its absence is an ImportError here, and SQLAlchemy's own error later
from sqlalchemy import Connection, DateTime, Dialect, create_engine
from sqlalchemy.pool import StaticPool

from xtrig_firebird.column_types import ZONES

_QUARTER = timedelta(minutes=15)


def connection_on(made: Any, version: tuple[int, ...]) -> Connection:
    """Return SQLAlchemy's connection on one of firebird-driver's, in which no transaction is active yet."""
    # Its own transactions are those of the driver's connection, which somebody else begins and ends.
    engine = create_engine(
        "firebird+firebird://", creator=lambda: made, poolclass=StaticPool, pool_reset_on_return=None
    )
    connection = engine.connect()
    if version < ZONES:
        (here,) = connection.exec_driver_sql("SELECT cast('now' AS TIMESTAMP) FROM rdb$database").one()
        ahead = here - datetime.now(UTC).replace(tzinfo=None)
        zone = _QUARTER * round(ahead / _QUARTER)
        engine.dialect.colspecs = {**engine.dialect.colspecs, DateTime: _server_time(zone)}
    connection.rollback()
    return connection


def _server_time(ahead: timedelta) -> type[DateTime]:
    """Return the type of times without a zone, of a server that is ``ahead`` of UTC."""

    class ServerTime(DateTime):
        def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], datetime | None]:
            return lambda at: None if at is None else (at.astimezone(UTC) + ahead).replace(tzinfo=None)

        def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[datetime | None], datetime | None]:
            return lambda at: None if at is None else (at - ahead).replace(tzinfo=UTC)

    return ServerTime

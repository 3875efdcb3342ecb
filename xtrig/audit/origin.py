"""The source of records: vendor, server and database of a connection."""

from __future__ import annotations

import psycopg
from sqlalchemy import Connection

from xtrig.audit.records import Source
from xtrig.deploy.session import Session
from xtrig.deploy.target import recognised
from xtrig.dialect.deployment import Server
from xtrig.errors import UsageError
from xtrig.model import TriggerSet
from xtrig.resolve import resolve


def source_of(connection: Connection) -> Source:
    """Return the source of a connection, as the installed dialects recognise it.

    A server that no dialect recognises can be read, too: the views are the same on every vendor.
    """
    session = Session(connection)
    server = _server(session)
    host, port, database = _place(session.driver, connection)
    vendor = server.title if server else f"unknown vendor ({connection.dialect.name} protocol)"
    return Source(vendor, f"{host}:{port}" if port else host, server.database if server else database)


def read_times(connection: Connection) -> None:
    """Set DateStyle to ISO until the transaction ends, where it is not.

    psycopg reads ISO dates alone; a role or a database may have another DateStyle.
    """
    driver = Session(connection).driver
    if isinstance(driver, psycopg.Connection):
        style = driver.info.parameter_status("DateStyle") or "ISO"
        if not style.startswith("ISO"):
            connection.exec_driver_sql("SET LOCAL datestyle TO ISO")


def _server(session: Session) -> Server | None:
    try:
        with session.reading():
            dialect, version, row = recognised(session, None)
        deployment = dialect.deployment(resolve(TriggerSet()), dialect.parse_version(version))
    except UsageError:  # no dialect recognises the server, or its version
        return None
    return None if deployment is None else deployment.server(row)


def _place(driver: object, connection: Connection) -> tuple[str, int, str]:
    if isinstance(driver, psycopg.Connection):
        return driver.info.host, driver.info.port, driver.info.dbname
    url = connection.engine.url
    return url.host or "", url.port or 0, url.database or ""

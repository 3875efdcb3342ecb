"""Where a trial runs: a PostgreSQL of its own, or one that the user names."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

from xtrig.errors import DatabaseError, UsageError
from xtrig.progress import Progress
from xtrig_pgfamily.driver.address import Address, address_for
from xtrig_pgfamily.driver.errors import database_errors
from xtrig_pgfamily.trial.witness import LOG_SETTINGS, ServerLog

EMBEDDED_VERSION = 18
CONNECT_SECONDS = 15
"""Bounds a login, so that a trigger without a bound of its own cannot hold the trial up."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server. ``address`` is a superuser's; ``log`` is None where it cannot be read."""

    address: Address
    superuser: str
    title: str
    version: int
    log: ServerLog | None
    is_own: bool
    """Whether the server is removed afterwards, so that nothing in it has to be dropped."""

    def admin(self) -> psycopg.Connection[Any]:
        """Connect to the database of the address: its owner may have set a search_path that leads to what is theirs."""
        return self.address.connect(pinned=True)


@contextmanager
def embedded_server(listener: Progress) -> Iterator[Server]:
    """Start the embedded PostgreSQL, and stop and remove it afterwards.

    Raises :class:`~xtrig.errors.UsageError` where it is not installed, and
    :class:`~xtrig.errors.DatabaseError` if it does not start.
    """
    from xtrig_pgfamily.embedded.server import EmbeddedServer, ServerError  # noqa: PLC0415  # not needed with --url

    def progress(step: str) -> None:
        listener.step(step if "PostgreSQL" in step else f"PostgreSQL {EMBEDDED_VERSION}: {step}")

    try:
        server = EmbeddedServer(EMBEDDED_VERSION, settings=LOG_SETTINGS, progress=progress)
    except ServerError as error:
        raise UsageError(_with_way_out(str(error))) from None
    try:
        server.start()
    except ServerError as error:
        raise DatabaseError(str(error)) from None
    with server, _without_pg_variables():
        address = _bounded(server.conninfo(tcp=True))
        with database_errors("cannot connect to the embedded PostgreSQL"), address.connect() as connection:
            title = f"{_product(connection)}, started for this trial; roles log in by TCP with a password"
        yield Server(address, "postgres", title, EMBEDDED_VERSION, ServerLog(server.log_path), is_own=True)


@contextmanager
def given_server(url: str) -> Iterator[Server]:
    """Connect to the user's server and check that the trial can run there.

    Raises :class:`~xtrig.errors.DatabaseError` if it cannot be reached, is a standby, or the role is no superuser.
    """
    address = _bounded(url)
    with database_errors("cannot connect to the server of --url"), address.connect(pinned=True) as connection:
        _check(connection)
        title = f"{_product(connection)}, the server of --url"
        user, version = connection.info.user, connection.info.server_version // 10000
        here = address.at(connection.info)
    yield Server(here, user, title, version, log=None, is_own=False)


@contextmanager
def _without_pg_variables() -> Iterator[None]:
    """Keep libpq's variables out: they name the user's own servers, and only unsetting PGSERVICE disables it."""
    kept = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("PG")}
    try:
        yield
    finally:
        os.environ.update(kept)


def _check(connection: psycopg.Connection[Any]) -> None:
    if _setting(connection, "is_superuser") != "on":
        raise DatabaseError(
            f"the role {connection.info.user!r} is no superuser: only a superuser can create event triggers; "
            "name one in --url, or leave --url out to use a server made for the trial"
        )
    if connection.execute("SELECT pg_is_in_recovery()").fetchone() == (True,):
        raise DatabaseError("the server of --url is a standby, where nothing can be created; name its primary")


def _product(connection: psycopg.Connection[Any]) -> str:
    return f"PostgreSQL {_setting(connection, 'server_version')}"


def _setting(connection: psycopg.Connection[Any], name: str) -> str:
    row = connection.execute("SELECT current_setting(%s, true)", [name]).fetchone()
    return str(row[0]) if row else ""


def _bounded(url: str) -> Address:
    address = address_for(url)
    return address.changed(connect_timeout=address.parameters.get("connect_timeout", str(CONNECT_SECONDS)))


def _with_way_out(message: str) -> str:
    return message if "--url" in message else f"{message}, or name a server with --url"

"""Warnings that mean an error: a kind of server may make a function that it could not compile, and let in a login
whose trigger failed.
"""

from __future__ import annotations

import re
import select
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.pq import ConnStatus, DiagnosticField, PGconn, PollingStatus, abc

from xtrig.errors import DriverError

_HARMLESS = re.compile("collation version mismatch")
"""What a login may bring that is about no trigger (PostgreSQL 15 and newer)."""


@contextmanager
def warnings_raised(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """Raise the first warning that the server sends meanwhile as :class:`~xtrig.errors.DriverError`."""
    said: list[str] = []

    def heed(diagnostic: psycopg.errors.Diagnostic) -> None:
        if diagnostic.severity_nonlocalized == "WARNING":
            said.append(" ".join((diagnostic.message_primary or "").split()))

    connection.add_notice_handler(heed)
    try:
        yield
    finally:
        connection.remove_notice_handler(heed)
    if said:
        raise DriverError(f"the server warns: {said[0]}")


def warning_of_login(conninfo: str, seconds: float) -> str | None:
    """Log in and out again; return the first warning that came before the session could be used.

    psycopg itself reads notices only once it is connected. Raises :class:`psycopg.OperationalError` if the login is
    refused, and :class:`psycopg.errors.ConnectionTimeout` if it takes longer.
    """
    said: list[str] = []

    def heed(result: abc.PGresult) -> None:
        severity = result.error_field(DiagnosticField.SEVERITY_NONLOCALIZED)
        message = " ".join(
            (result.error_field(DiagnosticField.MESSAGE_PRIMARY) or b"").decode("utf-8", "replace").split()
        )
        if severity == b"WARNING" and not _HARMLESS.search(message):
            said.append(message)

    connection = PGconn.connect_start(conninfo.encode())
    try:
        connection.notice_handler = heed
        deadline = time.monotonic() + seconds
        while (state := connection.connect_poll()) != PollingStatus.OK:
            if state == PollingStatus.FAILED or connection.status == ConnStatus.BAD:
                raise psycopg.OperationalError(connection.error_message.decode("utf-8", "replace"))
            wire = [connection.socket]
            reading, writing = (wire, []) if state == PollingStatus.READING else ([], wire)
            if not any(select.select(reading, writing, [], max(deadline - time.monotonic(), 0))):
                raise psycopg.errors.ConnectionTimeout("no answer in time")
    finally:
        connection.finish()
    return said[0] if said else None

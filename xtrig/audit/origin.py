"""Where records come from: the vendor and the server behind a connection."""

from __future__ import annotations

from xtrig.audit.records import Source
from xtrig.deploy.target import recognised
from xtrig.dialect.driver import Session
from xtrig.errors import UsageError


def source_of(session: Session) -> Source:
    """Return the source behind a connection, which the dialects are asked about.

    The views are the same whatever the vendor, so a server that no dialect knows can be read all the same.
    """
    address = session.address
    try:
        with session.reading():
            server = recognised(session, None).server
    except UsageError:  # no dialect knows the server
        protocol = session.sqlalchemy.dialect.name
        return Source(f"unknown vendor ({protocol} protocol)", address.server, address.database)
    return Source(server.title, address.server, server.database)

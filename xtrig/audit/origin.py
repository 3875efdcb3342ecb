"""The source of records: vendor, server and database of a connection."""

from __future__ import annotations

from xtrig.audit.records import Source
from xtrig.deploy.target import recognised
from xtrig.dialect.driver import Session
from xtrig.errors import UsageError


def source_of(session: Session) -> Source:
    """Return the source of a connection, as the installed dialects recognise it.

    A server that no dialect recognises can be read, too: the views are the same on every vendor.
    """
    address = session.address
    try:
        with session.reading():
            server = recognised(session, None).server
    except UsageError:  # no dialect recognises the server
        protocol = session.sqlalchemy.dialect.name
        return Source(f"unknown vendor ({protocol} protocol)", address.server, address.database)
    return Source(server.title, address.server, server.database)

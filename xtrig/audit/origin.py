"""The source of records: vendor, server and database of a connection."""

from __future__ import annotations

from xtrig.audit.records import Source
from xtrig.deploy.target import Recognised, recognising
from xtrig.dialect.driver import Session


def origin_of(session: Session) -> tuple[Source, Recognised | None]:
    """Return the source of a connection, as the installed dialects recognise it, and one of these dialects.

    A server that no dialect recognises can be read, too: the views are the same on every vendor.
    """
    address = session.address
    with session.reading():
        found = recognising(session, None)
    if len(found) != 1:
        protocol = session.sqlalchemy.dialect.name
        unknown = Source(f"unknown vendor ({protocol} protocol)", address.server, address.database)
        return unknown, found[0] if found else None
    server = found[0].server
    return Source(server.title, address.server, server.database), found[0]

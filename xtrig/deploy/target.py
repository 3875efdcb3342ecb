"""Which dialect a server speaks, and the set as that dialect deploys it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from xtrig.checks import Examination
from xtrig.connect import READING, candidates, database_errors, only_rendered
from xtrig.dialect import Dialect, Version
from xtrig.dialect.deployment import Deployment, Inventory
from xtrig.dialect.driver import Place, Row, Session, attempt
from xtrig.dialect.platform import Platform, Server
from xtrig.errors import DriverError, UsageError
from xtrig.findings import Finding
from xtrig.registry import get_dialect
from xtrig.render import translate


@dataclass(frozen=True, slots=True)
class Recognised:
    """A dialect, and the server that speaks it. ``row`` is the answer to the platform's ``recognition``."""

    dialect: Dialect
    platform: Platform
    version: str
    row: Row

    @property
    def server(self) -> Server:
        """The server and the session, as the platform reads the row."""
        return self.platform.server(self.row)


@dataclass(frozen=True, slots=True)
class Target:
    """One set for one server."""

    dialect: Dialect
    version: Version
    deployment: Deployment
    server: Server
    findings: tuple[Finding, ...]

    @property
    def platform(self) -> Platform:
        """The kind of server that it is for."""
        platform = self.dialect.platform
        assert platform is not None  # noqa: S101  # for mypy: it recognised the server
        return platform

    def inventory(self, session: Session) -> Inventory:
        """Read what the server has, all of it as of one moment."""
        return read_inventory(self.deployment, session)


def read_inventory(deployment: Deployment, session: Session) -> Inventory:
    """Read what the server has of a set."""
    with database_errors("cannot read the catalogs"):
        results = [session.rows(query) for query in deployment.queries()]
        results += [session.rows(query) for query in deployment.further_queries(results)]
        return deployment.inventory(results)


def find_target(examination: Examination, session: Session, dialect: str | None) -> Target:
    """Ask the server what it is, and translate the set for it, unless that was done before.

    ``dialect`` None takes the one that knows the server. Raises :class:`~xtrig.errors.UsageError` if none does,
    or if the one that was named does not, and the errors of :func:`xtrig.render.render`.
    """
    with database_errors(READING), session.reading():
        found = recognised(session, dialect)
    version = found.dialect.parse_version(found.version)
    translation, findings = translate(examination, found.dialect, version)
    deployment = found.dialect.deployment(translation.triggers, version)
    if deployment is None:
        raise UsageError(only_rendered(found.dialect.name))
    server = found.server
    notes = (*server.notes, *deployment.notes(server))
    server = replace(server, system=_system(session, found.platform), notes=notes)
    return Target(found.dialect, version, deployment, server, findings)


def _system(session: Session, platform: Platform) -> str:
    try:
        with session.reading(), attempt(session):
            return str(session.row(platform.system)["system"]) if platform.system else ""
    except DriverError:
        return ""


def adapted(place: Place, dialect: str | None) -> tuple[Place, Server]:
    """Return an open connection as its kind of server is to be used to change something there, and that server.

    Raises the errors of :func:`recognised`, and :class:`~xtrig.errors.UsageError` behind a connection pooler: a lock
    that is taken there may stay with a connection that others go on with. In a transaction of the caller's it cannot.
    """
    with database_errors(READING), place.session.reading():
        found = recognised(place.session, dialect)
        server = found.server
    if place.address is not None and is_pooled(place.session, server):
        raise UsageError(
            "the database is reached through a connection pooler, where locks and settings may pass to other clients; "
            "connect to the server itself"
        )
    return found.platform.driver(found.dialect.parse_version(found.version)).adopt(place), server


def is_pooled(session: Session, server: Server) -> bool:
    """Whether a connection pooler is between: the server process is another one than the driver was told of."""
    return None not in (server.backend_pid, session.backend_pid) and server.backend_pid != session.backend_pid


def recognised(session: Session, dialect: str | None, *, option: str = "--dialect") -> Recognised:
    """Return the dialect that knows the server, and what the server says of itself.

    ``option`` is what names a dialect on the command line. Raises :class:`~xtrig.errors.UsageError` as
    :func:`find_target` does.
    """
    found = recognising(session, dialect)
    if len(found) > 1:
        # Two editions may say the same of themselves, and take different statements.
        possible = ", ".join(each.dialect.name for each in found)
        raise UsageError(f"this server may be one of several dialects ({possible}); name one with {option}")
    if found:
        return found[0]
    if dialect is None:
        raise UsageError(f"no installed dialect knows this server; name one with {option}, see: xtrig dialects")
    if get_dialect(dialect).platform is None:
        raise UsageError(only_rendered(dialect))
    raise UsageError(f"this server is not one of dialect {dialect!r}; leave {option} out, or name another server")


def recognising(session: Session, dialect: str | None) -> list[Recognised]:
    """Return every dialect that knows the server: two editions may say the same of themselves."""
    found = []
    for candidate in candidates(dialect):
        platform = candidate.platform
        row = _asked(session, platform) if platform is not None else {}
        version = platform.recognise(row) if platform is not None and row else None
        if platform is not None and version is not None:
            found.append(Recognised(candidate, platform, version, row))
    return found


def _asked(session: Session, platform: Platform) -> Row:
    """Return the answer, or nothing where the server does not understand the question."""
    try:
        with attempt(session):
            return session.row(platform.recognition)
    except DriverError:
        return {}

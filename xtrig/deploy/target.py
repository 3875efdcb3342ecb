"""Which dialect a server speaks, and the set as that dialect deploys it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from xtrig.checks import Examination
from xtrig.connect import READING, database_errors
from xtrig.deploy.session import Session, attempt
from xtrig.dialect import Dialect, Version
from xtrig.dialect.deployment import Deployment, Inventory, Server
from xtrig.errors import PluginError, UsageError
from xtrig.findings import Finding
from xtrig.registry import dialect_names, get_dialect
from xtrig.render import translate


@dataclass(frozen=True, slots=True)
class Target:
    """One set for one server."""

    dialect: Dialect
    version: Version
    deployment: Deployment
    server: Server
    findings: tuple[Finding, ...]

    def inventory(self, session: Session) -> Inventory:
        """Read what the server has, all of it as of one moment."""
        return read_inventory(self.deployment, session)


def read_inventory(deployment: Deployment, session: Session) -> Inventory:
    """Read what the server has of a set."""
    with database_errors("cannot read the catalogs"):
        return deployment.inventory([session.rows(query) for query in deployment.queries()])


def find_target(examination: Examination, session: Session, dialect: str | None) -> Target:
    """Ask the server what it is, and translate the set for it, unless that was done before.

    ``dialect`` None takes the one that knows the server. Raises :class:`~xtrig.errors.UsageError` if none does,
    or if the one that was named does not, and the errors of :func:`xtrig.render.render`.
    """
    with database_errors(READING), session.reading():
        found, version, row = recognised(session, dialect)
    wanted = found.parse_version(version)
    translation, findings = translate(examination, found, wanted)
    deployment = found.deployment(translation.triggers, wanted)
    if deployment is None:
        raise UsageError(
            f"dialect {found.name!r} cannot be deployed by xtrig; render the script: xtrig render -d {found.name}"
        )
    return Target(found, wanted, deployment, deployment.server(row), findings)


def recognised(
    session: Session, dialect: str | None, *, option: str = "--dialect"
) -> tuple[Dialect, str, dict[str, object]]:
    """Return the dialect that knows the server, the server's version, and what it says of itself.

    ``option`` is what names a dialect on the command line. Raises :class:`~xtrig.errors.UsageError` as
    :func:`find_target` does.
    """
    names = dialect_names() if dialect is None else (dialect,)
    found = []
    for candidate in _loadable(names, strict=dialect is not None):
        row = _asked(session, candidate.recognition)
        version = candidate.recognise(row) if row else None
        if version is not None:
            found.append((candidate, version, row))
    if len(found) > 1:
        # Two editions may say the same of themselves, and take different statements.
        possible = ", ".join(each.name for each, _, _ in found)
        raise UsageError(f"this server may be one of several dialects ({possible}); name one with {option}")
    if found:
        return found[0]
    if dialect is None:
        raise UsageError(f"no installed dialect knows this server; name one with {option}, see: xtrig dialects")
    if not get_dialect(dialect).recognition:
        raise UsageError(
            f"dialect {dialect!r} cannot be deployed by xtrig; render the script: xtrig render -d {dialect}"
        )
    raise UsageError(f"this server is not one of dialect {dialect!r}; leave {option} out, or name another server")


def _loadable(names: tuple[str, ...], *, strict: bool) -> Iterator[Dialect]:
    for name in names:
        try:
            yield get_dialect(name)
        except PluginError:
            if strict:
                raise


def _asked(session: Session, query: str) -> dict[str, object]:
    """Return the answer, or nothing where the server does not understand the question."""
    if not query:
        return {}
    try:
        with attempt(session):
            return dict(session.row(query))
    except SQLAlchemyError:
        return {}

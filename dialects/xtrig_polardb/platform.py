"""PolarDB servers: how one is recognised and reached, and what whoever deploys there should know."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ClassVar

from xtrig.dialect.driver import Row
from xtrig.dialect.platform import Server
from xtrig.plugin import Version
from xtrig_pgfamily.driver.traits import Traits
from xtrig_pgfamily.platform import FamilyPlatform, read_server
from xtrig_polardb.recognition import RECOGNITION, Edition, edition, is_polardb

UNVERIFIED = (
    "deploying was not verified on a PolarDB server by this project; so the first stage makes everything, and takes "
    "it back, in a transaction that is rolled back, and stops at what this server does not take"
)


class PolarDBPlatform(FamilyPlatform):
    """A server of one edition. ``version_of`` counts its version as the edition's dialect does."""

    recognition: ClassVar[str] = RECOGNITION

    def __init__(self, name: str, title: str, other: Edition, version_of: Callable[[Row], str]) -> None:
        self._name = name
        self._title = title
        self._other = other
        self._version_of = version_of

    def recognise(self, row: Row) -> str | None:
        """Return the version, unless the server is no PolarDB or says that it is of the other edition."""
        return self._version_of(row) if is_polardb(row) and edition(row) is not self._other else None

    def server(self, row: Row) -> Server:
        """Return what the server says of itself and of the session."""
        said = f" ({row['polardb_version']})" if row["polardb_version"] else ""
        title = f"{self._title} on PostgreSQL {row['server_version']}{said}"
        return read_server(row, title, self._version_of(row), _problems(row), self._notes(row))

    def traits(self, version: Version | None) -> Traits:
        """Return what is sure of every kernel.

        A type that a definition names, such as varchar2, may be in a schema of the vendor's; all else is qualified.
        Whether session_replication_role holds for triggers at logon is not documented, so there is no canary. The
        parameter event_triggers came with 17: an older kernel would refuse the login that names it; and a login
        needs no way past a trigger here, since PolarDB lets it in whatever the trigger does.
        """
        return Traits(pins_search_path=False)

    def _notes(self, row: Row) -> Iterator[str]:
        yield UNVERIFIED
        if edition(row) is None:
            yield (
                f"this server does not say which edition of PolarDB it is, and may be either; it is taken for "
                f"{self._name}: if it is the other, name that with --dialect (polardb, polardb-oracle)"
            )
        if not row["is_superuser"]:
            yield (
                f"the role {row['role']!r} is no superuser; on PolarDB a privileged account (polar_superuser) may "
                "create event triggers, and superusers of the vendor skip those that it owns: the first stage shows "
                "whether it may"
            )


def _problems(row: Row) -> Iterator[str]:
    if row["is_standby"]:
        yield "this node is read-only, so nothing can be created; name the primary endpoint of the cluster"
    if row["event_triggers"] == "off":
        yield "event_triggers is off here, so nothing would fire; set it to on, then deploy"

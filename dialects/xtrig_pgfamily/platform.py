"""What is the same of all servers of the family: how they are reached and read."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from xtrig.dialect.driver import Driver, Row
from xtrig.dialect.platform import Platform, Server
from xtrig_pgfamily.driver.traits import Traits

if TYPE_CHECKING:
    from xtrig.plugin import Version


class FamilyPlatform(Platform):
    """A kind of server that speaks PostgreSQL's protocol."""

    # Of a cluster since initdb, so also of its standbys and of what is restored from its base backups. Everybody may
    # ask it unless the right was revoked.
    system: ClassVar[str] = "SELECT system_identifier::text AS system FROM pg_control_system()"

    @abstractmethod
    def traits(self, version: Version | None) -> Traits:
        """Return what a server of ``version`` has; None: what all have."""

    def driver(self, version: Version | None = None) -> Driver:
        """Return psycopg, with the settings for this kind of server."""
        from xtrig_pgfamily.driver.psycopg_driver import PsycopgDriver  # noqa: PLC0415  # rendering does without

        return PsycopgDriver(self.traits(version))


def read_server(row: Row, title: str, version: str, problems: Iterator[str], notes: Iterator[str]) -> Server:
    """Return the server of a row of :data:`~xtrig_pgfamily.recognition.RECOGNITION`."""
    return Server(
        title,
        version,
        row["database"],
        f"{row['database']}/{row['database_oid']}",
        row["role"],
        tuple(problems),
        tuple(notes),
        row["backend_pid"],
    )

"""PostgreSQL servers: how one is recognised, reached, read and examined."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from xtrig.dialect.driver import Row
from xtrig.dialect.platform import Server
from xtrig.plugin import Version
from xtrig_pgfamily.driver.traits import ALL, Traits
from xtrig_pgfamily.platform import RECOGNITION, FamilyPlatform, read_server
from xtrig_pgfamily.reading import check_parser

if TYPE_CHECKING:
    from xtrig_pgfamily.reading.live_reader import PostgreSQLLiveReader
    from xtrig_postgresql.doctor import PostgreSQLDoctor

LOGIN_TRIGGERS = (17,)
"""The first version with login triggers, and with the setting event_triggers."""


class PostgreSQLPlatform(FamilyPlatform):
    """A community server, of any version."""

    recognition: ClassVar[str] = RECOGNITION

    def recognise(self, row: Row) -> str | None:
        """Return the major version of a community server; a fork says more of itself than that."""
        return None if row["polardb_version"] else str(row["number"] // 10000)

    def server(self, row: Row) -> Server:
        """Return what the server says of itself and of the session."""
        title = f"PostgreSQL {row['server_version']}"
        return read_server(row, title, str(row["number"] // 10000), _idle(row), _notes(row), _STANDBY)

    def traits(self, version: Version | None) -> Traits:
        """Before 17 no trigger is met at a login, so there is nothing to be past."""
        if version is None or version < LOGIN_TRIGGERS:
            return ALL
        return Traits(has_canary=True, past_triggers={"event_triggers": "off"})

    def kernel(self, version: Version) -> Version:
        """Return the version itself."""
        return version

    def live(self, version: Version) -> PostgreSQLLiveReader:
        """Return what reads the event triggers of a database."""
        check_parser()
        from xtrig_pgfamily.reading.live_reader import PostgreSQLLiveReader  # noqa: PLC0415  # deploying does without

        return PostgreSQLLiveReader()

    def doctor(self, version: Version) -> PostgreSQLDoctor:
        """Return what says what makes a server unsafe."""
        from xtrig_postgresql.doctor import PostgreSQLDoctor  # noqa: PLC0415  # deploying does without

        return PostgreSQLDoctor(version)


_STANDBY = "this server is a standby, where nothing can be changed; name its primary"


def _idle(row: Row) -> Iterator[str]:
    if row["event_triggers"] == "off":
        yield "event_triggers is off here, so nothing would fire; set it to on, then deploy"


def _notes(row: Row) -> Iterator[str]:
    if not row["is_superuser"]:
        yield (
            f"the role {row['role']!r} is no superuser; PostgreSQL lets only superusers create event triggers, "
            "some services let others: the rehearsal shows it"
        )

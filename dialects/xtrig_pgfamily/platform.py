"""What is the same of all servers of the family: how they are recognised, reached and read."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING

from xtrig.dialect.driver import Driver, Row
from xtrig.dialect.platform import Platform, Server
from xtrig_pgfamily.driver.traits import Traits

if TYPE_CHECKING:
    from xtrig.plugin import Version


RECOGNITION = """
SELECT current_setting('server_version') AS server_version,
    current_setting('server_version_num')::integer AS number,
    coalesce(current_setting('polardb_version', true), current_setting('polar_version', true)) AS polardb_version,
    version() AS build,
    current_database() AS database,
    (SELECT oid::text FROM pg_database WHERE datname = current_database()) AS database_oid,
    session_user::text AS role,
    (SELECT rolsuper FROM pg_roles WHERE rolname = session_user) AS is_superuser,
    pg_is_in_recovery() AS is_standby,
    CASE WHEN current_setting('event_triggers', true) = 'off'
        AND (SELECT source FROM pg_settings WHERE name = 'event_triggers') IN ('client', 'session')
        AND NOT EXISTS (SELECT FROM pg_db_role_setting WHERE setconfig @> ARRAY['event_triggers=off']
            AND setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
            AND setrole IN (0, (SELECT oid FROM pg_roles WHERE rolname = session_user)))
        THEN 'on' ELSE current_setting('event_triggers', true) END AS event_triggers,
    pg_backend_pid() AS backend_pid,
    pg_postmaster_start_time()::text AS started_at
""".strip()
"""One row about server and session; every role may ask, on every server of the family.

That this session has switched event_triggers off, as one does to get past a trigger, is not what the server does.
"""


class FamilyPlatform(Platform):
    """A kind of server that speaks PostgreSQL's protocol."""

    @abstractmethod
    def traits(self, version: Version | None) -> Traits:
        """Return what a server of ``version`` has; None: what all have."""

    def driver(self, version: Version | None = None) -> Driver:
        """Return psycopg, with the settings for this kind of server."""
        from xtrig_pgfamily.driver.psycopg_driver import PsycopgDriver  # noqa: PLC0415  # rendering does without

        return PsycopgDriver(self.traits(version))


def read_server(row: Row, title: str, version: str, problems: Iterator[str], notes: Iterator[str]) -> Server:
    """Return the server of a row of :data:`RECOGNITION`."""
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

"""What is the same of all servers of the family: how they are recognised, reached and read."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from xtrig.dialect.driver import Driver, Row
from xtrig.dialect.platform import Platform, Server
from xtrig.model import Sessions
from xtrig.plugin import Version, literal
from xtrig_pgfamily.catalog.trust import Trust
from xtrig_pgfamily.driver.traits import Traits
from xtrig_pgfamily.statements import OURS
from xtrig_pgfamily.words import qualified

if TYPE_CHECKING:
    from xtrig_pgfamily.deploy.history import History

_READER = str(Sessions.model_fields["reader"].default)
_READ_AS = """
SELECT set_config('role', rolname, true) FROM pg_roles AS r JOIN pg_namespace AS n ON nspname = {schema}
WHERE rolname = {reader} AND NOT rolsuper AND pg_has_role(r.oid, 'MEMBER')
    AND has_schema_privilege(r.oid, n.oid, 'USAGE') AND NOT EXISTS (
        SELECT FROM pg_class AS c
        WHERE relnamespace = n.oid AND relname IN ({views}) AND NOT has_table_privilege(r.oid, c.oid, 'SELECT')
    )
""".strip()


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

    # Of a cluster since initdb, so also of its standbys and of what is restored from its base backups. Everybody may
    # ask it unless the right was revoked.
    system: ClassVar[str] = "SELECT system_identifier::text AS system FROM pg_control_system()"

    databases: ClassVar[str] = """
SELECT datname AS name, has_database_privilege(oid, 'CONNECT') AS may_connect FROM pg_database
WHERE datallowconn AND NOT datistemplate ORDER BY datname
""".strip()

    parts: ClassVar[str] = f"""
SELECT nspname AS schema, relname AS name FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = relnamespace
WHERE relispartition AND obj_description(pg_partition_root(c.oid), 'pg_class') {OURS}
""".strip()

    @abstractmethod
    def traits(self, version: Version | None) -> Traits:
        """Return what a server of ``version`` has; None: what all have."""

    def driver(self, version: Version | None = None) -> Driver:
        """Return psycopg, with the settings for this kind of server."""
        from xtrig_pgfamily.driver.psycopg_driver import PsycopgDriver  # noqa: PLC0415  # rendering does without

        return PsycopgDriver(self.traits(version))

    def distrusted(self, schema: str, views: Sequence[str], version: Version) -> str:
        """Return the query for those who own what the views stand on and gain rights by that."""
        named = [(schema, view) for view in views]
        return Trust(named, schemas=(schema,), version=self.kernel(version), is_reading=True).query()

    def keep(self, schema: str, view: str) -> str:
        """Return LOCK, which runs nothing of the view."""
        return f"LOCK TABLE {qualified(schema, view)} IN ACCESS SHARE MODE"

    def least_privileged(self, schema: str, views: Sequence[str]) -> str:
        """Return SET LOCAL ROLE, for where the default reader may read all of these views that are there."""
        return _READ_AS.format(
            reader=literal(_READER), schema=literal(schema), views=", ".join(literal(view) for view in views)
        )

    def history(self, version: Version) -> History:
        """Return the table ``xtrig.deployments``."""
        from xtrig_pgfamily.deploy.history import History  # noqa: PLC0415  # rendering does without

        return History(self.kernel(version))

    def kernel(self, version: Version) -> Version:
        """Return the version of PostgreSQL that it is; (): not known."""
        return ()


def read_server(row: Row, title: str, version: str, idle: Iterator[str], notes: Iterator[str], standby: str) -> Server:
    """Return the server of a row of :data:`RECOGNITION`; ``standby`` is why one changes nothing, and what to do."""
    return Server(
        title,
        version,
        row["database"],
        f"{row['database']}/{row['database_oid']}",
        row["role"],
        notes=tuple(notes),
        backend_pid=row["backend_pid"],
        read_only=standby if row["is_standby"] else "",
        idle=tuple(idle),
    )

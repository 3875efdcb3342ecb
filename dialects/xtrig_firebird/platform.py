"""Firebird servers: how one is recognised and reached."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from xtrig.dialect.driver import Row
from xtrig.dialect.platform import Platform, Server
from xtrig.plugin import Version

if TYPE_CHECKING:
    from xtrig_firebird.driver import FirebirdDriver
    from xtrig_firebird.reading import FirebirdLiveReader


class FirebirdPlatform(Platform):
    """A database of Firebird. No other vendor has RDB$DATABASE."""

    recognition: ClassVar[str] = (
        "SELECT rdb$get_context('SYSTEM', 'ENGINE_VERSION') engine_version,"
        " rdb$get_context('SYSTEM', 'DB_NAME') db_name, trim(current_user) login_user, m.mon$creation_date made,"
        " m.mon$read_only is_read_only,"
        " (SELECT trim(r.rdb$owner_name) FROM rdb$relations r WHERE r.rdb$relation_name = 'RDB$DATABASE') db_owner"
        " FROM mon$database m"
    )

    def driver(self, version: Version | None = None) -> FirebirdDriver:
        """Return the driver, which is the same for every version."""
        from xtrig_firebird.driver import FirebirdDriver  # noqa: PLC0415  # rendering does without

        return FirebirdDriver()

    def live(self, version: Version) -> FirebirdLiveReader:
        """Return what reads the database and DDL triggers."""
        from xtrig_firebird.reading import FirebirdLiveReader  # noqa: PLC0415  # deploying does without

        return FirebirdLiveReader()

    def recognise(self, row: Row) -> str:
        """Return the version in its first two parts: 3.0 for 3.0.11."""
        return ".".join(str(row["engine_version"]).split(".")[:2])

    def server(self, row: Row) -> Server:
        """Return what is known. One process serves all sessions, so none tells them apart."""
        user, owner = str(row["login_user"]), str(row["db_owner"])
        notes = []
        if user not in ("SYSDBA", owner):
            notes.append(
                f"{user} is neither SYSDBA nor the owner ({owner}): without the system privilege IGNORE_DB_TRIGGERS it "
                "could not get past a trigger that refuses everybody"
            )
        read_only = "the database is read-only; make it writable: gfix -mode read_write" if row["is_read_only"] else ""
        return Server(
            title=f"Firebird {row['engine_version']}",
            version=self.recognise(row),
            database=str(row["db_name"]),
            identity=f"{row['db_name']} of {row['made']}",
            role=user,
            notes=tuple(notes),
            read_only=read_only,
        )

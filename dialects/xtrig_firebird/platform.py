"""Firebird servers: how one is recognised and reached."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from xtrig.dialect.driver import Row
from xtrig.dialect.platform import Platform, Server
from xtrig.plugin import Version
from xtrig_firebird.words import folded, text

if TYPE_CHECKING:
    from xtrig_firebird.doctor import FirebirdDoctor
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

    def distrusted(self, schema: str, views: Sequence[str], version: Version) -> str:
        """Return a query of the views that a stranger made: what one calls has the rights of who reads it."""
        names = ", ".join(text(folded(view)) for view in views)
        return (
            "SELECT 'view ' || trim(r.rdb$relation_name) || ' was made by ' || trim(r.rdb$owner_name)"
            " || ', who is neither SYSDBA nor the owner of the database' problem FROM rdb$relations r, rdb$relations d"
            f" WHERE d.rdb$relation_name = 'RDB$DATABASE' AND r.rdb$relation_name IN ({names})"
            " AND r.rdb$owner_name NOT IN ('SYSDBA', d.rdb$owner_name, current_user)"
        )

    def doctor(self, version: Version) -> FirebirdDoctor:
        """Return what examines the triggers at logon."""
        from xtrig_firebird.doctor import FirebirdDoctor  # noqa: PLC0415  # deploying does without

        return FirebirdDoctor()

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

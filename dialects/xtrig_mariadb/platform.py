"""MariaDB servers: how one is recognised and reached."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from xtrig.dialect.driver import Row
from xtrig.dialect.platform import Platform, Server
from xtrig.plugin import Version, parse_version
from xtrig_mariadb.evidence import administrators

if TYPE_CHECKING:
    from xtrig_mariadb.doctor import MariaDBDoctor
    from xtrig_mariadb.driver import MariaDBDriver
    from xtrig_mariadb.reading import MariaDBLiveReader


class MariaDBPlatform(Platform):
    """A server of MariaDB. MySQL understands the question, and its answer does not name MariaDB."""

    recognition: ClassVar[str] = (
        "SELECT VERSION() AS version, CURRENT_USER() AS account, DATABASE() AS chosen, @@GLOBAL.sql_mode AS mode,"
        " @@GLOBAL.read_only AS read_only, CONCAT_WS(' ', @@hostname, @@port, @@datadir, @@server_id) AS identity,"
        " (SELECT GROUP_CONCAT(p.PRIVILEGE_TYPE) FROM information_schema.USER_PRIVILEGES AS p WHERE p.PRIVILEGE_TYPE IN"
        " ('SUPER', 'CONNECTION ADMIN')) AS rights"
    )

    def driver(self, version: Version | None = None) -> MariaDBDriver:
        """Return the driver, which is the same for every version."""
        from xtrig_mariadb.driver import MariaDBDriver  # noqa: PLC0415  # rendering does without

        return MariaDBDriver()

    def doctor(self, version: Version) -> MariaDBDoctor:
        """Return what examines init_connect."""
        from xtrig_mariadb.doctor import MariaDBDoctor  # noqa: PLC0415  # rendering does without

        return MariaDBDoctor(version)

    def live(self, version: Version) -> MariaDBLiveReader:
        """Return what reads init_connect."""
        from xtrig_mariadb.reading import MariaDBLiveReader  # noqa: PLC0415  # deploying does without

        return MariaDBLiveReader()

    def recognise(self, row: Row) -> str | None:
        """Return the version in its first two parts: 10.11 for 10.11.19-MariaDB."""
        version = str(row["version"])
        return ".".join(version.split(".")[:2]) if "MariaDB" in version else None

    def server(self, row: Row) -> Server:
        """Return what is known. One process serves all sessions, so none tells them apart."""
        version = self.recognise(row) or ""
        needed = administrators(parse_version(version) or ())
        problems = []
        if not row["rights"]:
            right = needed.rpartition(" or ")[2]
            problems.append(f"{row['account']} may not set init_connect; GRANT {right} ON *.* to it")
        if "ORACLE" in str(row["mode"]).split(","):
            problems.append("sql_mode is ORACLE for the whole server, which understands no init_connect; change it")
        read_only = "the server is read-only; deploy to its primary, and then SET GLOBAL init_connect here"
        return Server(
            title=f"MariaDB {row['version']}",
            version=version,
            database=str(row["chosen"] or "(every database)"),
            identity=str(row["identity"]),
            role=str(row["account"]),
            problems=tuple(problems),
            read_only=read_only if row["read_only"] else "",
        )

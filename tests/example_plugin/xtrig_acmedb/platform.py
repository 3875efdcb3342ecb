"""What AcmeDB says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from xtrig.dialect.driver import Row
from xtrig.dialect.platform import Platform, Server
from xtrig.plugin import Version

if TYPE_CHECKING:
    from xtrig_acmedb.driver import AcmeDBDriver


class AcmeDBPlatform(Platform):
    """AcmeDB 4 and 5. No other vendor has a view ACME_SERVER, so another server does not understand the question."""

    recognition: ClassVar[str] = "SELECT ACME_VERSION, DATABASE_NAME, IDENTITY, LOGIN FROM ACME_SERVER"

    def driver(self, version: Version | None = None) -> AcmeDBDriver:
        """Return the driver, which is the same for every version."""
        from xtrig_acmedb.driver import AcmeDBDriver

        return AcmeDBDriver()

    def recognise(self, row: Row) -> str | None:
        """Return the major version."""
        return str(row["ACME_VERSION"]).partition(".")[0]

    def server(self, row: Row) -> Server:
        """Return what is known. There are no processes of which one could be the session's."""
        title = f"AcmeDB {row['ACME_VERSION']}"
        return Server(title, str(row["ACME_VERSION"]), row["DATABASE_NAME"], row["IDENTITY"], row["LOGIN"])

"""PolarDB servers: how one is recognised and reached, and what whoever deploys there should know.

No server was at hand: whatever is read here was read elsewhere. The vendor's page "Logon and logoff triggers" names
SHOW polardb_version, and SHOW polar_version for older clusters. That ``polar_compatibility_mode`` is ``pg`` or ``ora``
is not on a page of the vendor's help that we know: its installation guide says so, and the regression tests of the
open-source kernel ask for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from xtrig.dialect.driver import Row
from xtrig.dialect.platform import Server
from xtrig.plugin import Version
from xtrig_pgfamily.driver.traits import Traits
from xtrig_pgfamily.platform import RECOGNITION as FAMILY
from xtrig_pgfamily.platform import FamilyPlatform, read_server

if TYPE_CHECKING:
    from xtrig_polardb.doctor import PolarDBDoctor

RECOGNITION = f"""
SELECT known.*, current_setting('polar_compatibility_mode', true) AS compatibility_mode
FROM ({FAMILY}) AS known
""".strip()
"""One row about server and session; every role may ask, on every server of the family."""

_BUILD = re.compile(r"\(PolarDB\b", re.IGNORECASE)
"""``PostgreSQL 11.9 (POLARDB 11.9)``, ``PostgreSQL 17.10 (PolarDB 17.10.1.0 build accf02e2) on ...``."""

_NUMBERS = re.compile(r"\d+(?:\.\d+)+")
"""The number in ``PolarDB V2.0.14.15.30.0`` and in ``PolarDB V17.11.1.0 (open)``."""


class Edition(StrEnum):
    """The two editions, by what ``polar_compatibility_mode`` says."""

    POSTGRESQL = "pg"
    ORACLE = "ora"


def is_polardb(row: Row) -> bool:
    """Whether a row of :data:`RECOGNITION` is that of a PolarDB server, of any edition."""
    return bool(row["polardb_version"]) or bool(_BUILD.search(row["build"] or ""))


def edition(row: Row) -> Edition | None:
    """Return the edition; None where the server does not tell, and may be either."""
    mode = (row["compatibility_mode"] or "").lower()
    return Edition(mode) if mode in set(Edition) else None


def kernel(row: Row) -> str:
    """Return the major version of the PostgreSQL kernel, which is how the dialect ``polardb`` counts."""
    return str(row["number"] // 10000)


def oracle_version(row: Row) -> str:
    """Return the version as the dialect ``polardb-oracle`` counts: 1.0, 2.0, or a whole revision of 2.0.

    A number that is not a revision (newer builds tell that of their kernel) stands for 2.0, of which the oldest
    revisions are taken: what a later one added is not used then.
    """
    if row["number"] < 140000:
        return "1.0"
    number = _NUMBERS.search(row["polardb_version"] or "")
    return number[0] if number is not None and number[0].startswith("2.0.14.") else "2.0"


UNVERIFIED = (
    "deploying was not verified on a PolarDB server by this project; so the first stage makes everything, and takes "
    "it back, in a transaction that is rolled back, and stops at what this server does not take"
)


class PolarDBPlatform(FamilyPlatform):
    """A server of one edition."""

    recognition: ClassVar[str] = RECOGNITION

    def __init__(self, name: str, title: str, *, is_oracle: bool) -> None:
        self._name = name
        self._title = title
        self._other = Edition.POSTGRESQL if is_oracle else Edition.ORACLE
        self._version_of = oracle_version if is_oracle else kernel

    def recognise(self, row: Row) -> str | None:
        """Return the version, unless the server is no PolarDB or says that it is of the other edition."""
        return self._version_of(row) if is_polardb(row) and edition(row) is not self._other else None

    def server(self, row: Row) -> Server:
        """Return what the server says of itself and of the session."""
        said = f" ({row['polardb_version']})" if row["polardb_version"] else ""
        title = f"{self._title} on PostgreSQL {row['server_version']}{said}"
        return read_server(row, title, self._version_of(row), _idle(row), self._notes(row), _STANDBY)

    def doctor(self, version: Version) -> PolarDBDoctor:
        """Return what asks the server what no page of the vendor's says."""
        from xtrig_polardb.doctor import PolarDBDoctor  # noqa: PLC0415  # deploying does without

        return PolarDBDoctor(self._name)

    def traits(self, version: Version | None) -> Traits:
        """Return what is sure of every kernel.

        A type that a definition names, such as varchar2, may be in a schema of the vendor's; all else is qualified.
        Whether session_replication_role holds for triggers at logon is not documented, so there is no canary. The
        parameter event_triggers came with 17: an older kernel would refuse the login that names it; and a login
        needs no way past a trigger here, since PolarDB lets it in whatever the trigger does: it warns, and it warns
        where a function cannot be compiled.
        """
        return Traits(pins_search_path=False, heeds_warnings=True)

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


_STANDBY = "this node is read-only, so nothing can be changed; name the primary endpoint of the cluster"


def _idle(row: Row) -> Iterator[str]:
    if row["event_triggers"] == "off":
        yield "event_triggers is off here, so nothing would fire; set it to on, then deploy"

"""What a PolarDB server says of itself. No server was at hand: whatever is read here was read elsewhere.

The vendor's page "Logon and logoff triggers" names SHOW polardb_version, and SHOW polar_version for older
clusters. That ``polar_compatibility_mode`` is ``pg`` or ``ora`` is not on a page of the vendor's help that we know:
its installation guide says so, and the regression tests of the open-source kernel ask for it.
"""

from __future__ import annotations

import re
from enum import StrEnum

from xtrig.dialect.driver import Row
from xtrig.plugin import Verified
from xtrig_pgfamily.recognition import RECOGNITION as POSTGRESQL

VERIFIED = Verified.UNVERIFIED
"""How it is known that servers are recognised by this."""

RECOGNITION = f"""
SELECT known.*, current_setting('polar_compatibility_mode', true) AS compatibility_mode
FROM ({POSTGRESQL}) AS known
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
    told = (row["compatibility_mode"] or "").lower()
    return Edition(told) if told in set(Edition) else None


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

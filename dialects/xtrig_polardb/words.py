"""Names as PolarDB reads them: PostgreSQL's reserved words and those of PL/SQL, in which functions are written."""

from __future__ import annotations

from functools import lru_cache

from xtrig.plugin import identifier
from xtrig_pgfamily.words import RESERVED

# Oracle Database PL/SQL Language Reference, appendix D, the reserved words; DATE, LEVEL, NUMBER and REM from
# the SQL Language Reference, since a strict parser takes them for something else too. PUBLIC is left out:
# the vendor's own sample writes public.sample_event_trigger.
_PLSQL = frozenset(
    """
    all alter and any as asc at begin between by case check cluster clusters colauth columns compress connect
    crash create cursor date declare default desc distinct drop else end exception exclusive fetch for from
    function goto grant group having identified if in index indexes insert intersect into is level like lock
    minus mode nocompress not nowait null number of on option or order overlaps procedure rem resource
    revoke select share size sql start subtype tabauth table then to type union unique update values view
    views when where with
    """.split()
)
_RESERVED = RESERVED | _PLSQL


@lru_cache(maxsize=4096)
def name(word: str) -> str:
    """Return an identifier as SQL; PL/SQL does not take one that begins with an underscore unquoted."""
    quoted = identifier(word, _RESERVED)
    return f'"{word}"' if quoted.startswith("_") else quoted


def qualified(schema: str, word: str) -> str:
    """Return a schema-qualified identifier as SQL."""
    return f"{name(schema)}.{name(word)}"

"""Names and texts as Firebird reads them."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from pathlib import Path

from xtrig.plugin import literal, quoted

_PLAIN = re.compile(r"[a-z_][a-z0-9_$]*\Z")


@cache
def _reserved() -> frozenset[str]:
    """Return the words that 3.0.11 or 5.0.4 refuse as a name.

    Source: RDB$KEYWORDS of 5.0.4, each made a column and a table on both servers; quotes do no harm on the other.
    """
    # Not by importlib.resources, which takes as long to import as the rest of the dialect.
    return frozenset(Path(__file__).with_name("reserved_words.txt").read_text("utf-8").splitlines())


def folded(word: str) -> str:
    """Return a name as the catalogs have it: one that needs no quotes anywhere is stored in capitals.

    A definition's ``users_log`` is the table that ``SELECT * FROM users_log`` finds; in other words a name is quoted
    only if it could not be written without. ``"Users Log"`` stays as it is.
    """
    return word.upper() if _PLAIN.match(word) else word


def unfolded(stored: str) -> str:
    """Return a name of the catalogs as a definition would write it; :func:`folded` gives it back."""
    plain = stored.lower()
    return plain if folded(plain) == stored else stored


@lru_cache(maxsize=4096)
def name(word: str) -> str:
    """Return an identifier as SQL."""
    if _PLAIN.match(word) and word not in _reserved() and not word.startswith("_"):
        return word
    return quoted(folded(word))


def text(value: str) -> str:
    """Return a string literal; a backslash means itself."""
    return literal(value, backslash_escapes=False)


VALUES = frozenset(
    "current_connection current_date current_role current_time current_timestamp current_transaction current_user "
    "localtime localtimestamp user".split()
)
"""Names that are values without parentheses."""

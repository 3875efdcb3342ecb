"""Names and texts as AcmeDB reads them."""

from __future__ import annotations

from xtrig.plugin import literal, quoted


def name(word: str) -> str:
    """Return an identifier in backticks; one in it is doubled."""
    return quoted(word, "`")


def text(value: str) -> str:
    """Return a string literal; a backslash means itself."""
    return literal(value, backslash_escapes=False)


def folded(word: str) -> str:
    """Return the form in which AcmeDB compares names: the case of A to Z does not count."""
    return "".join(char.upper() if char.isascii() else char for char in word)

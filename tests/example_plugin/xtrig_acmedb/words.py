"""Names and texts as AcmeDB reads them."""

from __future__ import annotations

from xtrig.plugin import literal


def name(word: str) -> str:
    """Return an identifier in brackets; a closing one in it is doubled."""
    return f"[{word.replace(']', ']]')}]"


def qualified(schema: str, word: str) -> str:
    """Return a schema-qualified identifier."""
    return f"{name(schema)}.{name(word)}"


def text(value: str) -> str:
    """Return a string literal; a backslash means itself."""
    return literal(value, backslash_escapes=False)

"""Words of a POSIX shell, and connection strings of libpq."""

from __future__ import annotations

import re
from collections.abc import Mapping

_PLAIN = re.compile(r"[\w./,:@%+-]+", re.ASCII)
_READABLE_IN_DOUBLE_QUOTES = frozenset('"$`\\!')


def quoted(word: str) -> str:
    r"""Return a word as every shell reads it back, without quotes where it needs none.

    A word with control characters becomes ``$'..'``, which bash, zsh and POSIX.1-2024 know: a terminal would
    obey them.
    """
    if _PLAIN.fullmatch(word):
        return word
    if not word.isprintable():
        return "$'" + "".join(map(_escaped, word)) + "'"
    if "'" not in word:
        return f"'{word}'"
    if not _READABLE_IN_DOUBLE_QUOTES & set(word):
        return f'"{word}"'
    return "'" + word.replace("'", "'\\''") + "'"


def connection_string(parameters: Mapping[str, str]) -> str:
    """Return parameters of libpq as ``key=value key='a value'`` (manual of 18, 32.1.1.1)."""
    return " ".join(f"{key}={_value(value)}" for key, value in parameters.items() if value)


def _value(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'" if any(char.isspace() for char in value) else escaped


def _escaped(char: str) -> str:
    if char in "'\\":
        return f"\\{char}"
    return char if char.isprintable() else "".join(f"\\{byte:03o}" for byte in char.encode())

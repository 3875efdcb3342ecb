"""The one module that quotes: identifiers, literals and dollar-quoted bodies become safe SQL text here."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*\Z")


def identifier(name: str, reserved: AbstractSet[str]) -> str:
    """Return ``name`` as an identifier, in double quotes only where the server would otherwise misread it.

    ``reserved`` holds the dialect's reserved words in lower case.
    Raises ValueError for an empty name and for a NUL character, which no server stores.
    """
    if _PLAIN.match(name) and name not in reserved:
        return name
    return quoted(name)


def quoted(name: str, opening: str = '"', closing: str = "") -> str:
    """Return ``name`` as an identifier in quotes, whether it needs them or not; a closing one in it is doubled.

    ``closing`` "": the same as ``opening``. Raises ValueError for a name with a NUL character, or an empty one.
    """
    if not name or "\0" in name:
        raise ValueError(f"{name!r} cannot be a name in SQL")
    closing = closing or opening
    return opening + name.replace(closing, closing * 2) + closing


def literal(text: str, *, backslash_escapes: bool = True) -> str:
    r"""Return ``text`` as a string literal.

    With ``backslash_escapes`` a text that holds a backslash becomes ``E'..\\..'``, which means the same
    under both settings of PostgreSQL's standard_conforming_strings. PL/SQL knows no E'' and no escapes.
    """
    if "\0" in text:
        raise ValueError("a text with a NUL character cannot be stored in SQL")
    doubled = text.replace("'", "''")
    if backslash_escapes and "\\" in doubled:
        return "E'" + doubled.replace("\\", "\\\\") + "'"
    return f"'{doubled}'"


def dollar_quoted(body: str, tag: str = "xtrig") -> str:
    """Return ``body`` in dollar quotes whose tag occurs nowhere in it, byte for byte as it is."""
    number = 0
    while True:
        quote = f"${tag}{number or ''}$"
        # A body that ends in a part of the quote would close it early, so look in both together.
        if (body + quote).index(quote) == len(body):
            return f"{quote}{body}{quote}"
        number += 1


def one_line(text: str) -> str:
    """Return ``text`` fit for an SQL comment: one line, no control characters."""
    return "".join(char if char.isprintable() else " " for char in text)


def shows_as_it_is(text: str) -> bool:
    """Whether no character turns text round, hides or moves the cursor: a reader then sees what it says."""
    return all(char.isprintable() or char in "\n\t" for char in text)


_UNSEEN = frozenset("\u115f\u1160\u3164\uffa0")
"""Letters that are blank: the fillers of Hangul."""


def hidden(text: str) -> str:
    """Return the characters of ``text`` that turn text round, hide or move the cursor; spaces of any width are seen."""
    if text.isascii() and text.isprintable():
        return ""
    from unicodedata import category  # noqa: PLC0415  # most texts do without

    kept = text.replace("\r\n", "\n")
    return "".join(
        char
        for char in dict.fromkeys(kept)
        if char in _UNSEEN or not (char.isprintable() or char in "\n\t" or category(char) == "Zs")
    )


def as_json(data: object, indent: int | None = 2) -> str:
    """Return data as JSON that shows as it is: where a name hides or turns something, all beyond ASCII is escaped."""
    import json  # noqa: PLC0415  # rendering does without

    text = json.dumps(data, indent=indent, ensure_ascii=False)
    return text if shows_as_it_is(text) else json.dumps(data, indent=indent)


Lines = list["str | Lines"]
"""Generated text: a string is a line, a nested list the same one level deeper."""


def layout(lines: Lines, level: int = 0) -> str:
    """Return ``lines`` as text, four spaces a level.

    Only the first line of a string is indented: a user's literal may hold newlines, which are data.
    """
    prefix = "    " * level
    return "\n".join(
        layout(line, level + 1) if isinstance(line, list) else prefix + line if line else "" for line in lines
    )

"""Reading SQL of any vendor as far as quotes go: which texts stand in it, whatever marks them.

A quoted text ends at its closing mark, unless that is written twice or after a backslash. That holds for
identifiers in double quotes, brackets or backticks and for string literals of every vendor known to us.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_CLOSERS = {"'": "'", '"': '"', "`": "`", "[": "]"}
_RUNS = re.compile(r"(['\"`\]\\%])\1+")
_PLAIN = re.compile(r"[a-z_][a-z0-9_]*\Z")
_NEVER_PLAIN = frozenset({"select", "table", "from"})


def names(text: str, sql: str) -> bool:
    """Whether ``sql`` holds the name ``text``: in quotes, or bare if every vendor reads it so."""
    if _PLAIN.match(text) and text not in _NEVER_PLAIN and re.search(rf"\b{text}\b", sql):
        return True
    return quotes(text, sql)


def quotes(text: str, sql: str) -> bool:
    """Whether some quoted text of ``sql`` reads as exactly ``text``, between quotes of other quotes too."""
    wanted = _squeezed(text)
    return any(wanted == _squeezed(found) for found in _quoted(sql))


def holds(text: str, sql: str) -> bool:
    """Whether ``text`` stands in ``sql``, as it is or with its quotes, backslashes and percents doubled."""
    return _squeezed(text) in _squeezed(sql)


def _squeezed(text: str) -> str:
    """Return the text with every run of a mark shortened to one, so that each level of quoting looks alike."""
    return _RUNS.sub(r"\1", text)


def _quoted(sql: str) -> Iterator[str]:
    for start, char in enumerate(sql):
        if char in _CLOSERS:
            yield _read(sql, start + 1, _CLOSERS[char], escape="")
            yield _read(sql, start + 1, _CLOSERS[char], escape="\\")


def _read(sql: str, position: int, closer: str, escape: str) -> str:
    """Return what stands between ``position`` and the closing mark, or the rest if there is none."""
    found = []
    while position < len(sql):
        char, following = sql[position], sql[position + 1 : position + 2]
        if char == escape and following:
            found.append(following)
            position += 2
        elif char == closer and following == closer:
            found.append(closer)
            position += 2
        elif char == closer:
            break
        else:
            found.append(char)
            position += 1
    return "".join(found)

r"""What in a script is for psql and no SQL: lines such as ``\connect``, and the rows after ``COPY ... FROM stdin``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_PIECE = re.compile(
    r"""
    (?P<line> ^[ \t]* \\ [a-zA-Z!?;] [^\n]* )
    | (?P<copy> ^[ \t]* COPY \s [^;'"$]* \s FROM \s+ STDIN \b [^;]* ; )
    | -- [^\n]*
    | (?P<comment> /\* )
    | \b [eE] ' (?: [^'\\] | \\. | '' )* '
    | ' (?: [^'] | '' )* '
    | " [^"]* "
    | (?<! [\w$] ) (?P<dollar> \$ (?: [^\W\d] \w* )? \$ )
    """,
    re.IGNORECASE | re.MULTILINE | re.DOTALL | re.VERBOSE,
)
_COMMENT = re.compile(r"/\*|\*/")
_END_OF_ROWS = re.compile(r"^\\\.[ \t]*\r?$", re.MULTILINE)


class PsqlLine(NamedTuple):
    """A line for psql, or a COPY with its rows: its text, and its line."""

    text: str
    line: int


def without_psql_lines(text: str) -> tuple[str, list[PsqlLine]]:
    """Return a script with blanks in the place of what is for psql alone, and what that was; lines stay."""
    pieces: list[str] = []
    found: list[PsqlLine] = []
    end = 0
    for start, stop in _places(text):
        line = text.count("\n", 0, start) + 1
        found.append(PsqlLine(text[start:stop].strip().partition("\n")[0], line))
        pieces += [text[end:start], "\n" * text.count("\n", start, stop)]
        end = stop
    return "".join([*pieces, text[end:]]), found


def _places(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each; a backslash in a literal, a body or a comment begins none."""
    position = 0
    while (match := _PIECE.search(text, position)) is not None:
        position = match.end()
        if match["line"] is not None:
            yield match.start(), position
        elif match["copy"] is not None:
            rows = _END_OF_ROWS.search(text, position)
            position = rows.end() if rows else len(text)
            yield match.start(), position
        elif match["comment"] is not None:
            position = _after_comment(text, position)
        elif match["dollar"] is not None:
            closing = text.find(match["dollar"], position)
            position = closing + len(match["dollar"]) if closing >= 0 else len(text)


def _after_comment(text: str, position: int) -> int:
    depth = 1
    while depth and (match := _COMMENT.search(text, position)) is not None:
        depth += 1 if match[0] == "/*" else -1
        position = match.end()
    return position if depth == 0 else len(text)

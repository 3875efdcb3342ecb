"""A script for SQL*Plus cut into its statements; what SQL*Plus itself would run is set aside.

A PL/SQL unit ends where its outermost block does, or at a line that is ``/`` alone. A unit that is not closed ends
before the next CREATE all the same, so that no mistake in one hides the triggers after it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from xtrig.plugin import Kind, Token, tokens

_COMMAND = re.compile(
    r"[ \t]*(?:@|!|(?:acc(?:ept)?|alter\s+session\s+set\s+container|btitle|clear|col(?:umn)?|conn(?:ect)?|def(?:ine)?|"
    r"disc(?:onnect)?|exec(?:ute)?|exit|ho(?:st)?|pau(?:se)?|print|pro(?:mpt)?|quit|rem(?:ark)?|"
    r"set\s+(?!role|constraint|transaction)\w+|sho(?:w)?|spo(?:ol)?|start|ti(?:ming|tle)|undef(?:ine)?|var(?:iable)?|"
    r"whenever)\b)[^\n]*",
    re.IGNORECASE,
)
"""A line for SQL*Plus alone: SQL*Plus User's Guide and Reference 19c, SQL*Plus Command Summary."""
_UNITS = frozenset("function package procedure trigger type".split())
_OPENING = frozenset(("begin", "case", "if", "loop"))


@dataclass(frozen=True)
class Source:
    """A script, and which line a place of it is on."""

    text: str
    _ends: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._ends.extend(match.start() for match in re.finditer("\n", self.text))

    def line(self, at: int) -> int:
        """Return the line of a character, from 1."""
        return bisect_right(self._ends, at - 1) + 1

    def between(self, words: Sequence[Token]) -> str:
        """Return the text from the first of some tokens to the last."""
        return self.text[words[0].start : words[-1].start + len(words[-1].text)] if words else ""


@dataclass(frozen=True, slots=True)
class Statement:
    """The tokens of one statement, without comments and its terminator."""

    words: tuple[Token, ...]
    is_unit: bool
    is_closed: bool
    """Whether it ends where its block does, or at a terminator: not at the end of the file, or before another one."""

    @property
    def head(self) -> tuple[str, ...]:
        """Its first words, without OR REPLACE and what else does not say what it makes."""
        left_out = ("or", "replace", "editionable", "noneditionable", "if", "not", "exists", "force")
        found = [token.word for token in self.words[:10]]
        return tuple(found[:1] + [word for word in found[1:] if word not in left_out])


def statements(source: Source) -> Iterator[Statement]:
    """Yield the statements of a script, in order."""
    at = 0
    text = source.text
    while at < len(text):
        at = _after_blanks(text, at)
        command = _COMMAND.match(text, at)
        if command is not None:
            at = command.end() + 1
            continue
        found, at = _statement(text, at)
        if found is not None:
            yield found


def _after_blanks(text: str, at: int) -> int:
    for token in tokens(text, plsql=True, start=at):
        is_blank = token.kind in (Kind.SPACE, Kind.COMMENT, Kind.END) or _is_slash(text, token)
        if not is_blank or not token.closed:
            return token.start
    return len(text)


def _statement(text: str, at: int) -> tuple[Statement | None, int]:
    reader = _Reader(text)
    for token in tokens(text, plsql=True, start=at):
        if token.kind in (Kind.SPACE, Kind.COMMENT) and token.closed:
            continue
        end = reader.take(token)
        if end is not None:
            return reader.result(is_closed=end >= 0), end if end >= 0 else token.start
    return reader.result(is_closed=False), len(text)


class _Reader:
    """Takes tokens until a statement ends."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.words: list[Token] = []
        self.before = ""
        self.depth = 0
        self.inner = 0
        """Subprograms in its declarations whose block has not ended."""
        self.is_named = False
        """Whether a PROCEDURE or FUNCTION in its declarations has its name, and perhaps no block."""
        self.is_over = False
        """Whether its outermost block has ended."""

    @property
    def is_unit(self) -> bool:
        first = self.words[0].word if self.words else ""
        return first in ("declare", "begin") or (first == "create" and self._makes(_UNITS))

    def _makes(self, kinds: Collection[str]) -> bool:
        return any(token.word in kinds for token in self.words[1:6])

    def take(self, token: Token) -> int | None:
        """Take a token; return where the next statement begins if this one is over, -1 for at the token."""
        if _is_slash(self.text, token):
            return token.start + 1
        if token.word == "create" and self.before == ";":
            return -1
        if token.kind is Kind.END and (self.is_over or not self.is_unit or self._is_call):
            return token.start + 1
        self.words.append(token)
        if self.is_unit:
            self._count(token.word)
        self.before = token.word or token.text
        return None

    @property
    def _is_call(self) -> bool:
        """Whether it is a trigger that calls a procedure, and has no block."""
        return not self.depth and self._makes(("trigger",)) and any(token.word == "call" for token in self.words[6:60])

    def _count(self, word: str) -> None:
        if word == "end" and self.depth:
            self.depth -= 1
            if not self.depth:
                self.is_over = not self.inner and self._has_one_block
                self.inner -= self.inner > 0
        elif word in _OPENING and self.before != "end":
            self.depth += bool(self.depth) or word == "begin"
        elif not self.depth:
            if self.is_named and word in ("is", "as"):
                self.inner += 1
            if word in ("procedure", "function"):
                self.is_named = True
            elif word in ("is", "as") or self.before == ";":
                self.is_named = False

    @property
    def _has_one_block(self) -> bool:
        """Whether it ends with its outermost block: others, such as packages, end at a slash."""
        is_compound = any(token.word == "compound" for token in self.words)
        return self.words[0].word in ("declare", "begin") or (self._makes(("trigger",)) and not is_compound)

    def result(self, *, is_closed: bool) -> Statement | None:
        return Statement(tuple(self.words), self.is_unit, is_closed) if self.words else None


def _is_slash(text: str, token: Token) -> bool:
    """Whether a token is the only one of its line, and runs what stands before it."""
    if token.text != "/":
        return False
    start, end = token.start - 1, token.start + 1
    while start >= 0 and text[start] in " \t\r":
        start -= 1
    while end < len(text) and text[end] in " \t\r":
        end += 1
    return (start < 0 or text[start] == "\n") and (end == len(text) or text[end] == "\n")

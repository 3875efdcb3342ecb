"""SQL text cut into tokens, as PostgreSQL's scanner cuts it; put together they are the text again.

Any text can be cut: what is not closed is one token to the end that says so. With ``plsql`` the rules of
Oracle's PL/SQL count where they differ: q'[...]' literals, comments that don't nest.
Source: src/backend/parser/scan.l of PostgreSQL 18; Oracle PL/SQL Language Reference, Lexical Units.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from functools import cache
from typing import NamedTuple

# What PostgreSQL's scanner takes for a letter: every byte from 0x80 on, so every character beyond ASCII.
# Letters of names, digits as well, and ``$`` too: by what they are not, since ``re`` takes 4 ms to compile a set with
# the range from U+0080 to U+10FFFF in it.
LETTER = r"[^\x00-@\[-^`{-\x7f]"
LETTER_OR_DIGIT = r"[^\x00-/:-@\[-^`{-\x7f]"
NAME_REST = r"[^\x00-#%-/:-@\[-^`{-\x7f]"
PLACEHOLDER = re.compile(r"\$\$\{|\$\{([^{}]*)\}")
"""``${fact}``, or ``$${`` for a literal ``${``."""


class Kind(Enum):
    """What a token is."""

    SPACE = "space"
    COMMENT = "comment"
    LITERAL = "literal"
    ESCAPE = "escape"
    """A literal in which the backslash escapes: E''."""
    BITS = "bits"
    """A bit string, B'' or X''; a doubled quote ends it."""
    DOLLAR = "dollar"
    """A dollar-quoted string, whole."""
    IDENTIFIER = "identifier"
    """A name in double quotes."""
    WORD = "word"
    NUMBER = "number"
    PARAMETER = "parameter"
    PLACEHOLDER = "placeholder"
    OPEN = "open"
    CLOSE = "close"
    COMMA = "comma"
    END = "end"
    """A semicolon."""
    OPERATOR = "operator"
    OTHER = "other"


QUOTED = (Kind.LITERAL, Kind.ESCAPE, Kind.BITS)
"""Literals in single quotes."""


class Token(NamedTuple):
    """A piece of the text, where it begins, and whether what it opens is closed."""

    kind: Kind
    text: str
    start: int
    closed: bool = True
    word: str = ""
    """The word in lower case; empty for everything else, so that no quoted name is taken for a keyword."""
    name: str = ""
    """The name it stands for, folded as PostgreSQL does; empty if it is none."""

    @property
    def content(self) -> str:
        """The text inside a literal or dollar quotes; empty for everything else."""
        if self.kind is Kind.DOLLAR:
            size = self.text.index("$", 1) + 1
            return self.text[size:-size] if self.closed else self.text[size:]
        if self.kind not in QUOTED:
            return ""
        inner = self.text[self.text.index("'") + 1 : -1 if self.closed else None].replace("''", "'")
        return inner.replace("\\'", "'") if self.kind is Kind.ESCAPE else inner


Tokens = tuple[Token, ...]
"""Tokens without spaces and comments."""

_DIGITS = "[0-9](?:_?[0-9])*"


@cache  # compiling takes longer than importing this module, and most commands need one of the two
def _pattern(placeholder: str, dollar: str) -> re.Pattern[str]:
    return re.compile(
        rf"""
          (?P<SPACE>[ \t\n\r\f\v]+)
        | (?P<COMMENT>--[^\n\r]*|/\*)
        | (?P<ESCAPE>[eE]')
        | (?P<BITS>[bBxX]')
        | (?P<LITERAL>(?:[uU]&)?')
        | (?P<IDENTIFIER>(?:[uU]&)?")
        | (?P<PLACEHOLDER>{placeholder})
        | (?P<DOLLAR>\$(?:{LETTER}{LETTER_OR_DIGIT}*)?\${dollar})
        | (?P<WORD>{LETTER}{NAME_REST}*)
        | (?P<NUMBER>0[xX](?:_?[0-9A-Fa-f])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+
            |(?:{_DIGITS}(?:\.(?!\.)(?:{_DIGITS})?)?|\.{_DIGITS})(?:[eE][+-]?{_DIGITS})?)
        | (?P<PARAMETER>\$[0-9]+)
        | (?P<OPEN>[(\[])
        | (?P<CLOSE>[)\]])
        | (?P<COMMA>,)
        | (?P<END>;)
        | (?P<OPERATOR>::|:=|\.\.|(?:(?!--|/\*)[-+*/<>=~!@#%^&|`?])+|[.:])
        | (?P<OTHER>.)
        """,
        re.VERBOSE | re.DOTALL,
    )


_NEVER = "(?!)"
_TEMPLATE = (r"\$\$\{|\$\{[^{}]*\}", r"(?!\{)")
_SQL = (_NEVER, "")
# What follows the opening quote, up to and with the closing one; atomic, so that a doubled quote is never halved.
_CLOSING = {
    Kind.LITERAL: re.compile(r"(?:[^']|'')*+'"),
    Kind.ESCAPE: re.compile(r"(?:[^'\\]|''|\\.)*+'", re.DOTALL),
    Kind.BITS: re.compile(r"[^']*'"),
    Kind.IDENTIFIER: re.compile(r'(?:[^"]|"")*+"'),
}
_COMMENT_MARK = re.compile(r"/\*|\*/")
_Q_QUOTE = re.compile(r"[nN]?[qQ]'([^ \t\r\n'])")
_Q_CLOSER = {"[": "]", "{": "}", "<": ">", "(": ")"}
_CODE = re.compile(r"\\(?:([0-9A-Fa-f]{4})|\+([0-9A-Fa-f]{6})|\\)")
# An operator may end in + or - only if it holds one of these; else they are signs of what follows.
_SIGNED = re.compile(r"[~!@#%^&|`?]")


def tokens(text: str, *, placeholders: bool = False, plsql: bool = False, start: int = 0) -> Iterator[Token]:
    """Yield the tokens of ``text`` from ``start`` on, spaces and comments too.

    ``placeholders`` are tokens only where asked for.
    """
    return _Scanner(text, placeholders, plsql).tokens(start)


def significant(tokens: Iterable[Token], offset: int = 0) -> Tokens:
    """Return the tokens that are neither space nor comment, moved by ``offset``; a UESCAPE is part of its name."""
    found = [token for token in tokens if token.kind not in (Kind.SPACE, Kind.COMMENT)]
    for place in [place for place, token in enumerate(found) if token.word == "uescape"][::-1]:
        name, *escape = found[max(place - 1, 0) : place + 2]
        if name.kind is Kind.IDENTIFIER and len(escape) > 1 and escape[1].content:
            found[place - 1 : place + 2] = [with_escape(name, escape[1].content)]
    return tuple(token._replace(start=token.start + offset) if offset else token for token in found)


def text_at(tokens: Sequence[Token], place: int) -> str:
    """Return the text of a token in lower case; empty where there is none."""
    return tokens[place].text.lower() if 0 <= place < len(tokens) else ""


def group(tokens: Sequence[Token], opening: int) -> Tokens:
    """Return what stands in the parentheses that open there; to the end, where they are not closed."""
    depth = 0
    for place in range(opening, len(tokens)):
        depth += (tokens[place].kind is Kind.OPEN) - (tokens[place].kind is Kind.CLOSE)
        if depth == 0:
            return tuple(tokens[opening + 1 : place])
    return tuple(tokens[opening + 1 :])


def split(tokens: Iterable[Token], separator: str = ",") -> list[Tokens]:
    """Return the tokens cut at a separator that stands in no parentheses."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += (token.kind is Kind.OPEN) - (token.kind is Kind.CLOSE)
        if token.text == separator and depth == 0:
            parts.append([])
        else:
            parts[-1].append(token)
    return [tuple(part) for part in parts]


class _Scanner:
    def __init__(self, text: str, placeholders: bool, plsql: bool) -> None:
        self.text = text
        self.pattern = _pattern(*(_TEMPLATE if placeholders else _SQL))
        self.plsql = plsql
        self.continued: Kind | None = None
        """The literal just read, as long as one on a later line would continue it."""
        self.on_later_line = False

    def tokens(self, start: int) -> Iterator[Token]:
        while start < len(self.text):
            token = self._next(start)
            self._note(token)
            yield token
            start += len(token.text)

    def _note(self, token: Token) -> None:
        if token.kind is Kind.SPACE:
            self.on_later_line |= "\n" in token.text or "\r" in token.text
        elif not (token.kind is Kind.COMMENT and token.text.startswith("--")):
            self.continued = token.kind if token.kind in QUOTED else None
            self.on_later_line = False

    def _next(self, start: int) -> Token:
        if self.plsql and (quote := _Q_QUOTE.match(self.text, start)):
            return self._q_quoted(quote, start)
        match = self._match(start)
        kind = Kind[str(match.lastgroup)]
        if kind is Kind.LITERAL and match[0] == "'" and self.continued and self.on_later_line and not self.plsql:
            kind = self.continued
        if kind in _CLOSING:
            return self._quoted(kind, start, match.end())
        if kind is Kind.DOLLAR:
            return self._until(kind, start, self.text.find(match[0], match.end()), len(match[0]))
        if match[0] == "/*":
            return self._comment(start)
        if kind is Kind.WORD:
            word = match[0].lower()
            return Token(kind, match[0], start, True, word, word)
        return Token(kind, _operator(match[0]) if kind is Kind.OPERATOR else match[0], start)

    def _match(self, start: int) -> re.Match[str]:
        match = self.pattern.match(self.text, start)
        assert match is not None, "the last rule takes any character"  # noqa: S101
        return match

    def _quoted(self, kind: Kind, start: int, inside: int) -> Token:
        end = _CLOSING[kind].match(self.text, inside)
        token = self._until(kind, start, -1 if end is None else end.end(), 0)
        if kind is Kind.IDENTIFIER:
            name = self.text[inside : start + len(token.text) - token.closed].replace('""', '"')
            return token._replace(name=_unescaped(name) if self.text[start] in "uU" else name)
        return token

    def _q_quoted(self, quote: re.Match[str], start: int) -> Token:
        closer = _Q_CLOSER.get(quote[1], quote[1]) + "'"
        return self._until(Kind.LITERAL, start, self.text.find(closer, quote.end()), len(closer))

    def _comment(self, start: int) -> Token:
        depth = 0
        for mark in _COMMENT_MARK.finditer(self.text, start):
            depth = depth + 1 if mark[0] == "/*" and not (self.plsql and depth) else depth - (mark[0] == "*/")
            if depth == 0:
                return self._until(Kind.COMMENT, start, mark.end(), 0)
        return self._until(Kind.COMMENT, start, -1, 0)

    def _until(self, kind: Kind, start: int, found: int, size: int) -> Token:
        if found < 0:
            return Token(kind, self.text[start:], start, closed=False)
        return Token(kind, self.text[start : found + size], start)


def with_escape(token: Token, escape: str) -> Token:
    """Return an identifier in U&"" that UESCAPE gives an escape character of its own."""
    name = token.text[3:-1].replace('""', '"').replace("\\", "\\\\").replace(escape, "\\")
    return token._replace(name=_unescaped(name))


def _unescaped(name: str) -> str:
    """Return the name in U&""."""
    return _CODE.sub(lambda code: chr(min(int(code[1] or code[2] or "5c", 16), sys.maxunicode)), name)


def _operator(text: str) -> str:
    while len(text) > 1 and text[-1] in "+-" and not _SIGNED.search(text, 0, len(text) - 1):
        text = text[:-1]
    return text

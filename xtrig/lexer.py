"""The words of an SQL expression, as far as it takes to know that the expression ends where it seems to."""

from __future__ import annotations

import re
from collections.abc import Iterator

PLACEHOLDER = re.compile(r"\$\$\{|\$\{([^{}]*)\}")
"""``${fact}``, or ``$${`` for a literal ``${``."""

# What PostgreSQL's scanner takes for a letter: every byte from 0x80 on, so every character beyond ASCII.
_LETTER = r"A-Za-z_\x80-\U0010ffff"
_TOKEN = re.compile(
    rf"""
      (?P<escape>[eE]'(?:[^'\\]|''|\\.)*')     # E'' literal: the backslash escapes
    | (?P<open_escape>[eE]')
    | (?P<literal>'(?:[^']|'')*')
    | (?P<identifier>"(?:[^"]|"")*")
    | (?P<quote>['"])                          # a quote that the rules above could not close
    | (?P<comment>--|/\*)
    | (?P<open>[(\[])
    | (?P<close>[)\]])
    | (?P<end>;)
    | (?P<comma>,)
    | (?P<word>[{_LETTER}][{_LETTER}0-9$]*)
    | (?P<dollar>\$(?:[{_LETTER}][{_LETTER}0-9]*)?\$(?!\{{))
    """,
    re.VERBOSE | re.DOTALL,
)
_GLUE = re.compile(rf"[{_LETTER}0-9$'\"]")
_SPACE = " \t\n\r\f\v"
_CLOSER = {"(": ")", "[": "]"}
_REFUSED = {
    "comment": "an expression may not hold an SQL comment; use a YAML comment",
    "end": "an expression may not hold a semicolon; several statements need an sql step",
    "dollar": "an expression may not hold a dollar-quoted string; use single quotes",
}


def check_tokens(text: str) -> None:
    """Raise ValueError unless ``text`` is one operand: everything it opens it closes, and nothing ends it early."""
    if "\0" in text:
        raise ValueError("an expression may not hold a NUL character")
    closers: list[str] = []
    cases = 0
    for kind, token in _tokens(text):
        _check_token(kind, token, closers)
        cases = _check_word(token.lower(), cases) if kind == "word" else cases
    if closers:
        raise ValueError(f"a parenthesis is not closed in the expression {text!r}")
    _check_placeholders(text)


def has_vendor_literal(text: str) -> bool:
    """Whether ``text`` holds a literal that vendors read differently: PostgreSQL's E'' or Oracle's q''."""
    before = ""
    for kind, token in _tokens(text):
        if kind == "escape" or (kind == "literal" and before.lower() in ("q", "nq")):
            return True
        before = token
    return False


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    end = None
    for match in _TOKEN.finditer(text):
        kind = str(match.lastgroup)
        is_literal = kind in ("literal", "escape")
        if is_literal and end is not None and not text[end : match.start()].strip(_SPACE):
            # SQL joins literals across a line break, and the second is then read as the first was.
            raise ValueError("two literals side by side become one; join them with ||")
        end = match.end() if is_literal else None
        yield kind, match[0]


def _check_token(kind: str, token: str, closers: list[str]) -> None:
    if kind in _REFUSED:
        raise ValueError(_REFUSED[kind])
    if kind in ("quote", "open_escape"):
        raise ValueError(f"a quote {token} is not closed")
    if kind == "comma" and not closers:
        raise ValueError("an expression may not hold a comma outside parentheses")
    if kind == "open":
        closers.append(_CLOSER[token])
    elif kind == "close" and (not closers or closers.pop() != token):
        raise ValueError(f"an expression closes a {token!r} that it did not open")
    elif kind in ("literal", "escape", "identifier") and any(
        match[1] is not None for match in PLACEHOLDER.finditer(token)
    ):
        raise ValueError(
            f"a placeholder inside quotes is text, not a value, in {token}; join them instead: 'text ' || ${{fact}}"
        )


def _check_word(word: str, cases: int) -> int:
    """Return how many CASE are open; THEN outside of one would end the condition of an IF."""
    if word in ("then", "elsif", "loop") and cases == 0:
        raise ValueError(f"an expression may not hold {word.upper()} outside CASE")
    return cases + (word == "case") - (word == "end" and cases > 0)


def _check_placeholders(text: str) -> None:
    for match in PLACEHOLDER.finditer(text):
        beside = (text[max(match.start() - 1, 0) : match.start()], text[match.end() : match.end() + 1])
        if match[1] is not None and any(_GLUE.match(character) for character in beside):
            raise ValueError(f"{match[0]} touches a word or a quote; put an operator or a space between")

"""Templates: SQL expressions and messages with ``${fact}`` placeholders.

An expression is code by design, but it may not reach beyond its own place: quotes and parentheses close, and there is
no semicolon, comment or placeholder inside a literal. A dialect can then put it into a statement as one operand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from xtrig.facts import Fact, FactCall, read_fact
from xtrig.sqltext import literal
from xtrig.sqltokens import NAME_REST, PLACEHOLDER, QUOTED, Kind, Token, tokens

Placeholder = Fact | FactCall


class Template(NamedTuple):
    """A text cut at its placeholders: plain pieces and facts in turn."""

    parts: tuple[str | Placeholder, ...]

    @property
    def placeholders(self) -> tuple[Placeholder, ...]:
        """The facts used, with their arguments, in order of appearance."""
        return tuple(part for part in self.parts if isinstance(part, Placeholder))

    @property
    def facts(self) -> tuple[Fact, ...]:
        """The facts used, in order of appearance."""
        return tuple(part.fact if isinstance(part, FactCall) else part for part in self.placeholders)

    def fill(self, expression_of: Callable[[Fact], str]) -> str:
        """Return the text with each fact replaced by what ``expression_of`` says, its argument put in."""
        return "".join(spelled(part, expression_of) if isinstance(part, Placeholder) else part for part in self.parts)


def spelled(part: Placeholder, expression_of: Callable[[Fact], str]) -> str:
    """Return the SQL operand of a fact; ``{}`` in the spelling of one with an argument is where its literal goes."""
    if isinstance(part, FactCall):
        return expression_of(part.fact).replace("{}", literal(part.argument, backslash_escapes=False))
    return expression_of(part)


def parse_template(text: str) -> Template:
    """Cut ``text`` at its placeholders; ``$${`` stands for a literal ``${``.

    Raises ValueError for an unknown fact, naming the nearest, or for a placeholder that does not close.
    """
    return Template(tuple(_merge(_cut(text))))


def check_expression(text: str) -> str:
    """Return ``text`` if it is one self-contained SQL expression, else raise ValueError saying what is not."""
    if not text.strip():
        raise ValueError("an expression may not be empty; write null for NULL")
    parse_template(text)
    check_tokens(text)
    return text


def check_message(text: str) -> str:
    """Return ``text`` if its placeholders are facts, else raise ValueError."""
    if "\0" in text:
        raise ValueError("a message may not hold a NUL character")
    parse_template(text)
    return text


def check_statement(text: str) -> str:
    """Return ``text`` if its placeholders are facts and it is not empty, else raise ValueError."""
    if not text.strip():
        raise ValueError("an SQL step may not be empty")
    return check_message(text)


def _cut(text: str) -> Iterator[str | Placeholder]:
    start = 0
    for match in PLACEHOLDER.finditer(text):
        yield _plain(text[start : match.start()])
        yield "${" if match[1] is None else read_fact(match[1].strip())
        start = match.end()
    yield _plain(text[start:])


def _plain(piece: str) -> str:
    if "${" in piece:
        raise ValueError("a placeholder is not closed: write ${fact}, or $${ for a literal ${")
    return piece


def _merge(parts: Iterator[str | Placeholder]) -> Iterator[str | Placeholder]:
    plain = ""
    for part in parts:
        if isinstance(part, Placeholder):
            if plain:
                yield plain
            yield part
            plain = ""
        else:
            plain += part
    if plain:
        yield plain


_GLUE = re.compile(rf"{NAME_REST}|['\"]")
_CLOSER = {"(": ")", "[": "]"}
_REFUSED = {
    Kind.COMMENT: "an expression may not hold an SQL comment; use a YAML comment",
    Kind.END: "an expression may not hold a semicolon; several statements need an sql step",
    Kind.DOLLAR: "an expression may not hold a dollar-quoted string; use single quotes",
}


def check_tokens(text: str) -> None:
    """Raise ValueError unless ``text`` is one operand: everything it opens it closes, and nothing ends it early."""
    if "\0" in text:
        raise ValueError("an expression may not hold a NUL character")
    closers: list[str] = []
    cases = 0
    for token in _tokens(text):
        _check_token(token, closers)
        cases = _check_word(token.word, cases)
    if closers:
        raise ValueError(f"a parenthesis is not closed in the expression {text!r}")
    _check_placeholders(text)


def has_vendor_literal(text: str) -> bool:
    """Whether ``text`` holds a literal that vendors read differently: PostgreSQL's E'' or Oracle's q''."""
    before = ""
    for token in tokens(text, placeholders=True):
        if token.kind is Kind.ESCAPE or (token.kind is Kind.LITERAL and before in ("q", "nq")):
            return True
        before = token.word
    return False


def _tokens(text: str) -> Iterator[Token]:
    """Yield the tokens that are not space."""
    before = Kind.OTHER
    for token in tokens(text, placeholders=True):
        if token.kind is Kind.SPACE:
            continue
        if token.kind in QUOTED and before in QUOTED:
            # SQL joins literals across a line break, and the second is then read as the first was.
            raise ValueError("two literals side by side become one; join them with ||")
        before = token.kind
        yield token


def _check_token(token: Token, closers: list[str]) -> None:
    kind, text = token.kind, token.text
    if kind in _REFUSED:
        raise ValueError(_REFUSED[kind])
    if not token.closed:
        mark = '"' if kind is Kind.IDENTIFIER else "'"
        raise ValueError(f"a quote {text.partition(mark)[0]}{mark} is not closed")
    if kind is Kind.COMMA and not closers:
        raise ValueError("an expression may not hold a comma outside parentheses")
    if kind is Kind.OPEN:
        closers.append(_CLOSER[text])
    elif kind is Kind.CLOSE and (not closers or closers.pop() != text):
        raise ValueError(f"an expression closes a {text!r} that it did not open")
    elif kind in (*QUOTED, Kind.IDENTIFIER) and any(match[1] is not None for match in PLACEHOLDER.finditer(text)):
        raise ValueError(
            f"a placeholder inside quotes is text, not a value, in {text}; join them instead: 'text ' || ${{fact}}"
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

"""Templates: SQL expressions and messages with ``${fact}`` placeholders.

An expression is code by design, but it may not reach beyond its own place: quotes and parentheses
close, and there is no semicolon, comment or placeholder inside a literal. A dialect can then put it
into a statement as one operand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from xtrig.errors import suggest
from xtrig.facts import Fact
from xtrig.lexer import check_tokens
from xtrig.sqltokens import PLACEHOLDER


@dataclass(frozen=True, slots=True)
class Template:
    """A text cut at its placeholders: plain pieces and facts in turn."""

    parts: tuple[str | Fact, ...]

    @property
    def facts(self) -> tuple[Fact, ...]:
        """The facts used, in order of appearance."""
        return tuple(part for part in self.parts if isinstance(part, Fact))

    def fill(self, expression_of: Callable[[Fact], str]) -> str:
        """Return the text with each fact replaced by what ``expression_of`` says."""
        return "".join(expression_of(part) if isinstance(part, Fact) else part for part in self.parts)


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


def _cut(text: str) -> Iterator[str | Fact]:
    start = 0
    for match in PLACEHOLDER.finditer(text):
        yield _plain(text[start : match.start()])
        yield "${" if match[1] is None else _fact(match[1].strip())
        start = match.end()
    yield _plain(text[start:])


def _plain(piece: str) -> str:
    if "${" in piece:
        raise ValueError("a placeholder is not closed: write ${fact}, or $${ for a literal ${")
    return piece


def _fact(name: str) -> Fact:
    try:
        return Fact(name)
    except ValueError:
        raise ValueError(f"unknown fact {name!r}; {suggest(name, Fact, 'the facts are')}") from None


def _merge(parts: Iterator[str | Fact]) -> Iterator[str | Fact]:
    plain = ""
    for part in parts:
        if isinstance(part, Fact):
            if plain:
                yield plain
            yield part
            plain = ""
        else:
            plain += part
    if plain:
        yield plain

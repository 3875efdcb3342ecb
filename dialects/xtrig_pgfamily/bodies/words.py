"""Looking for words in tokens: calls of built-in functions, parameters that are set."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from xtrig.sqltokens import QUOTED, Kind, Token
from xtrig_pgfamily.bodies.blocks import Tokens

BUILT_IN_SCHEMA = "pg_catalog"


class Setting(NamedTuple):
    """A parameter that a passage sets, and to what; ``value`` has no separators."""

    token: Token
    parameter: str
    value: tuple[str, ...]
    is_local: bool
    """Whether it ends with the transaction."""


def text_at(tokens: Tokens, place: int) -> str:
    """Return the text of a token in lower case; empty where there is none."""
    return tokens[place].text.lower() if 0 <= place < len(tokens) else ""


def calls(tokens: Tokens, names: Iterable[str]) -> Iterator[int]:
    """Yield where a built-in function of that name is called: bare, or with the schema of built-ins."""
    wanted = frozenset(names)
    for place, token in enumerate(tokens):
        is_bare = text_at(tokens, place - 1) != "." or text_at(tokens, place - 2) == BUILT_IN_SCHEMA
        if is_bare and token.name in wanted and text_at(tokens, place + 1) == "(":
            yield place


def group(tokens: Tokens, opening: int) -> Tokens:
    """Return what stands in the parentheses that open there."""
    depth = 0
    for place in range(opening, len(tokens)):
        depth += (tokens[place].kind is Kind.OPEN) - (tokens[place].kind is Kind.CLOSE)
        if depth == 0:
            return tokens[opening + 1 : place]
    return tokens[opening + 1 :]


def split(tokens: Tokens, separator: str) -> list[Tokens]:
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


def settings(tokens: Tokens) -> Iterator[Setting]:
    """Yield what SET and RESET change if the tokens are one of them, and what set_config() does in them."""
    first = text_at(tokens, 0)
    if first in ("set", "reset"):
        place = 2 if text_at(tokens, 1) in ("local", "session") and len(tokens) > 2 else 1
        value = tuple(_value(token) for token in tokens[place + 2 :] if token.kind is not Kind.COMMA)
        yield Setting(tokens[0], text_at(tokens, place), value, text_at(tokens, 1) == "local")
    for place in calls(tokens, ("set_config",)):
        arguments = split(group(tokens, place + 1), ",")
        if len(arguments) == 3 and len(arguments[0]) == 1 and arguments[0][0].kind in QUOTED:
            value = tuple(part.strip() for token in arguments[1] for part in _value(token).split(","))
            yield Setting(
                tokens[place], arguments[0][0].content.lower(), value, text_at(arguments[2], 0) in ("true", "'t'")
            )


def _value(token: Token) -> str:
    return token.content if token.kind in QUOTED else token.name or token.text

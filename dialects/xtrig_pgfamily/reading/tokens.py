"""Expressions as tokens; replacing variables, recognising facts by their spelling."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from xtrig.plugin import FACTS, Fact, FactCall, literal, read_fact
from xtrig_pgfamily.reading.parser import COMMENTS, Unparsed, postgast

ARGUMENT = "'{}'"
_FACT = "${"
_WORD = re.compile(r"[^\W\d][\w$]*\Z")
# After any other word, a parenthesis opens a call or a list.
_BEFORE_OPERANDS = frozenset("and or not if elsif when then else case select where is like between".split())
_PLAIN_STRING = re.compile(r"'(?:[^']|'')*'\Z", re.DOTALL)
_DOLLAR_STRING = re.compile(r"\$([^$]*)\$(.*)\$\1\$\Z", re.DOTALL)
_NUMBER = re.compile(r"\d+(\.\d+)?\Z")


@dataclass(frozen=True, slots=True)
class Token:
    """A token: ``word`` is for comparing, ``gap`` is whether white space is before it."""

    word: str
    text: str
    gap: bool = True

    @property
    def fact(self) -> Fact | None:
        """The fact that it stands for, if any."""
        return Fact(self.word[2:-1].partition("(")[0]) if self.word.startswith(_FACT) else None


Tokens = tuple[Token, ...]


class Placed(NamedTuple):
    """A token and its place in bytes."""

    token: Token
    start: int
    end: int


def placed_tokens(text: str) -> tuple[Placed, ...]:
    """Return the tokens of ``text`` without comments, each as it stands; raises :class:`Unparsed`."""
    encoded = text.encode()
    try:
        scanned = postgast.scan(text).tokens
    except postgast.PgQueryError as error:
        raise Unparsed(error.message) from None
    found: list[Placed] = []
    end = 0
    for each in scanned:
        if each.token not in COMMENTS:
            piece = _plainly_quoted(encoded[each.start : each.end].decode())
            found.append(Placed(Token(_word(piece), piece, bool(found) and each.start > end), each.start, each.end))
        end = each.end
    return tuple(found)


def tokens(text: str) -> Tokens:
    """Return the tokens of ``text`` without comments; raises :class:`Unparsed`."""
    return uniform(each.token for each in placed_tokens(text))


def fact_token(fact: Fact | FactCall) -> Token:
    """Return the token that stands for ``fact``."""
    return Token(f"${{{fact}}}", f"${{{fact}}}")


def template(found: Iterable[Token]) -> str:
    """Return tokens as an expression of a definition, with facts as ``${fact}``."""
    text = ""
    for token in found:
        plain = token.text if token.fact else token.text.replace("${", "$${")
        text += f" {plain}" if token.gap and text else plain
    return text


def words(found: Iterable[Token]) -> str:
    """Return the words of tokens, joined by spaces."""
    return " ".join(token.word for token in found)


def string(found: Sequence[Token]) -> str | None:
    """Return the value of a single string literal, or None for anything else."""
    if len(found) != 1:
        return None
    text = found[0].text
    if _PLAIN_STRING.match(text):
        return text[1:-1].replace("''", "'")
    if re.match(r"[eE]'(?:[^'\\]|''|\\[\\'])*'\Z", text, re.DOTALL):
        return re.sub(r"\\(.)|''", lambda match: match[1] or "'", text[2:-1], flags=re.DOTALL)
    return None


def value(found: Sequence[Token]) -> str | bool | int | float | None:
    """Return a column's or argument's value as a definition says it."""
    negative = len(found) == 2 and found[0].word == "-"
    if len(found) == 1 or negative:
        word = found[-1].word
        if _NUMBER.match(word):
            number = float(word) if "." in word else int(word)
            return -number if negative else number
        if word in ("true", "false", "null") and not negative:
            return {"true": True, "false": False}.get(word)
    return template(found)


def split(found: Sequence[Token], separator: str = ",") -> list[Tokens]:
    """Cut tokens at the separators that stand outside all parentheses."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in found:
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(token.word, 0)
        if token.word == separator and depth == 0:
            parts.append([])
        else:
            parts[-1].append(token)
    return [tuple(part) for part in parts] if found else []


def call(found: Sequence[Token], name: str) -> list[Tokens] | None:
    """Return the arguments if the tokens are one call of ``name`` and nothing else."""
    head = tuple(name.split())
    if tuple(token.word for token in found[: len(head) + 1]) != (*head, "("):
        return None
    return split(found[len(head) + 1 : -1]) if closes(found, len(head)) == len(found) - 1 else None


def closes(found: Sequence[Token], opening: int) -> int:
    """Return the position of the parenthesis that closes the one at ``opening``, or -1."""
    depth = 0
    for position in range(opening, len(found)):
        depth += {"(": 1, ")": -1}.get(found[position].word, 0)
        if depth == 0:
            return position
    return -1


def unwrapped(found: Tokens) -> Tokens:
    """Return tokens without parentheses around the whole."""
    while len(found) > 2 and found[0].word == "(" and closes(found, 0) == len(found) - 1:
        found = (replace(found[1], gap=False), *found[2:-1])
    return found


def reduce(found: Sequence[Token], pattern: Sequence[str], made: Token) -> Tokens:
    """Replace each sequence of words equal to ``pattern`` that is an operand by itself.

    :data:`ARGUMENT` in the pattern is any text in quotes that can be the argument of the fact.
    """
    size = len(pattern)
    if size > len(found):
        return tuple(found)
    result: list[Token] = []
    position = 0
    while position < len(found):
        window = found[position : position + size]
        meant = _meant(window, pattern, made)
        if meant is not None and _stands_alone(found, position, size):
            result.append(replace(meant, gap=found[position].gap))
            position += size
        else:
            result.append(found[position])
            position += 1
    return tuple(result)


def _meant(window: Sequence[Token], pattern: Sequence[str], made: Token) -> Token | None:
    """Return what the words stand for; None: they are not those of the pattern."""
    if len(window) != len(pattern):
        return None
    argument: str | None = None
    for token, word in zip(window, pattern, strict=True):
        if word == ARGUMENT:
            argument = string([token])
            if argument is None:
                return None
        elif token.word != word:
            return None
    if argument is None or made.fact is None:
        return made
    try:
        return fact_token(read_fact(str(FactCall(made.fact, argument))))
    except ValueError:
        return None


def without_text_casts(found: Tokens) -> Tokens:
    """Return tokens without casts to text of facts of type text."""
    for fact in {token.fact for token in found if token.fact and FACTS[token.fact].type == "text"}:
        if fact is not None:
            made = fact_token(fact)
            for cast in ((made.word, "::", "text"), ("cast", "(", made.word, "as", "text", ")")):
                found = reduce(found, cast, made)
    return found


def _next(found: Sequence[Token], position: int) -> str:
    return found[position + 1].word if position + 1 < len(found) else ""


def _stands_alone(found: Sequence[Token], position: int, size: int) -> bool:
    before = found[position - 1].word if position else ""
    if before == "." or (found[position].word == "(" and _WORD.match(before) and before not in _BEFORE_OPERANDS):
        return False
    last = found[position + size - 1].word
    return not (_WORD.match(last) and last != "end" and _next(found, position + size - 1) in (".", "("))


def _plainly_quoted(piece: str) -> str:
    """Return a dollar-quoted string in single quotes, which every dialect reads, and any other token as it is."""
    dollar = _DOLLAR_STRING.match(piece)
    return literal(dollar[2]) if dollar else piece


def _word(piece: str) -> str:
    if piece[:1] in "'\"" or (piece[:2].lower() in ("e'", "u&") and len(piece) > 2):
        return piece
    return piece.lower()


def uniform(tokens_: Iterable[Token]) -> Tokens:
    """Return tokens with one word for several spellings: see :func:`_uniform`."""
    return tuple(_uniform(list(tokens_)))


def _uniform(found: list[Token]) -> Iterator[Token]:
    """Yield tokens with one word for several spellings: ``pg_catalog.x`` and ``x``, units and zones in any case."""
    position = 0
    while position < len(found):
        token = found[position]
        before = found[position - 1].word if position else ""
        if token.word == "pg_catalog" and _next(found, position) == "." and position + 2 < len(found):
            named = found[position + 2]
            yield Token(named.word, f"{token.text}.{named.text}", token.gap)
            position += 3
            continue
        if before == "(" and position > 1 and found[position - 2].word == "extract" and token.text[:1] == "'":
            token = replace(token, word=token.word.strip("'").lower())
        elif before == "zone" and token.text[:1] == "'":
            token = replace(token, word=token.word.lower())
        yield token
        position += 1

"""Expressions of a definition in Firebird's words: read as what they say, and written again at the places that differ.

What is not of the portable language, or has no counterpart, raises :class:`Untranslated`; nothing is passed through
that was not understood.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from xtrig.expressions.parser import Unread, read
from xtrig.expressions.tree import Call, Cast, Column, FactNode, Literal, Node, Operation, Query, Table
from xtrig.facts import FACTS, Argument
from xtrig.plugin import Fact, FactCall, Kind, Placeholder, Token, Version, tokens
from xtrig_firebird.column_types import COLUMN_TYPES, ZONES, cast_to, on
from xtrig_firebird.words import expression_words, folded, name, text


class Untranslated(Exception):
    """A part of an expression that Firebird does not have: what it is, and what to write."""

    def __init__(self, what: str, instead: str) -> None:
        self.what, self.instead = what, instead
        super().__init__(f"{what}; {instead}")


Spelt = Callable[[Fact], str]
TypeOf = Callable[[str], str | None]
"""Returns Firebird's type for a column type of a definition, on any version."""

_OPERATORS = frozenset(
    "and:or:not:=:<>:!=:<:>:<=:>=:||:+:-:*:/:unary -:unary +:exists:any:escape:between:in:like:similar:is null:is true:"
    "is false:is unknown:is distinct from".split(":")
)
_INSTEAD_OF = {
    "%": "write mod(a, b)",
    "ilike": "write lower(a) LIKE lower(b)",
    "~": "write SIMILAR TO",
    "~*": "write lower(a) SIMILAR TO",
    "^": "write power(a, b)",
    "<<=": "ask for ${client_ip}",
    "[]": "it has no arrays",
    "array": "write IN (...)",
    "row": "compare one column after the other",
}
_OF_OTHERS = {
    "limit": "write max() or min(), or ask with EXISTS",
    "offset": "ask with EXISTS",
    "collate": "leave it out",
    "isnull": "write IS NULL",
    "notnull": "write IS NOT NULL",
    "symmetric": "give the lower bound first",
    "lateral": "join on a condition",
    "only": "leave it out",
}
"""Reserved words of others that the tree does not keep."""
_RENAMED = {"length": "char_length", "btrim": "trim", "substr": "substring"}
_FIELDS = frozenset("year month day hour minute second week weekday yearday millisecond".split())
_TYPED = frozenset(("date", "time", "timestamp"))
"""Types whose literals are written with the type before them."""
_TYPE = re.compile(
    r"\s*([a-z_]\w*(?:\s+(?:precision|varying)\b)?(?:\s*\([\d,\s]+\))?(?:\s+with(?:out)?\s+time\s+zone)?(?:\[\])?)",
    re.IGNORECASE,
)
_NO_SCHEMAS = "leave the schema out: Firebird has none"


def translated(text_: str, spelt: Spelt, types: TypeOf, version: Version) -> str:
    """Return an expression as Firebird reads it. Raises :class:`Untranslated`."""
    try:
        node = read(text_)
    except Unread as error:
        raise Untranslated(f"it is not read {error}", "write it in the portable language") from None
    return _Writer(text_, node, spelt, types, version).written()


def fact_operand(part: Placeholder, spelt: Spelt) -> str:
    """Return a fact as an operand; the name of a role is folded as all names are."""
    if isinstance(part, Fact):
        return spelt(part)
    argument = folded(part.argument) if FACTS[part.fact].argument is Argument.ROLE else part.argument
    return spelt(part.fact).replace("{}", text(argument))


@dataclass
class _Writer:
    text: str
    node: Node
    spelt: Spelt
    types: TypeOf
    version: Version

    def written(self) -> str:
        edits: dict[tuple[int, int], str] = {}
        for token in self.tokens:
            edits.update(self._token(token))
        for node in self.node.walk():
            edits.update(self._node(node))
        pieces, start = [], 0
        for (begin, end), instead in sorted(edits.items()):
            pieces += [self.text[start:begin], instead]
            start = end
        return "".join([*pieces, self.text[start:]]).strip()

    @cached_property
    def tokens(self) -> list[Token]:
        return [token for token in tokens(self.text, placeholders=True) if token.kind is not Kind.SPACE]

    def _token(self, token: Token) -> Iterator[tuple[tuple[int, int], str]]:
        if token.kind in (Kind.ESCAPE, Kind.BITS, Kind.DOLLAR) or token.text[:2].lower() == "u&":
            raise Untranslated(f"{token.text[:2]}..: Firebird has no such literal", "write it in single quotes")
        if token.word in _OF_OTHERS:
            raise Untranslated(f"{token.word.upper()}", _OF_OTHERS[token.word])
        if token.kind is Kind.IDENTIFIER:
            yield _at(token), name(token.name)
        if token.kind is Kind.PLACEHOLDER and token.text == "$${":
            yield _at(token), "${"

    def _node(self, node: Node) -> Iterator[tuple[tuple[int, int], str]]:
        match node:
            case FactNode():
                yield _at(self._starting(node.at)), fact_operand(node.fact, self.spelt)
            case Table():
                yield from self._table(node)
            case Column():
                yield from self._column(node)
            case Call():
                yield from self._call(node)
            case Cast():
                yield from self._cast(node)
            case Operation():
                self._check_operation(node)
            case Query():
                self._check_query(node)
            case _:
                pass

    def _place(self, at: int) -> int:
        return next(place for place, token in enumerate(self.tokens) if token.start >= at)

    def _starting(self, at: int) -> Token:
        return self.tokens[self._place(at)]

    def _table(self, node: Table) -> Iterator[tuple[tuple[int, int], str]]:
        if len(node.name) > 1:
            raise Untranslated(f"table {'.'.join(node.name)}", _NO_SCHEMAS)
        yield _at(self._starting(node.at)), name(node.name[0])

    def _column(self, node: Column) -> Iterator[tuple[tuple[int, int], str]]:
        if len(node.name) == 1 and node.name[0] in expression_words().values:
            return
        if len(node.name) > 2:
            raise Untranslated(f"column {'.'.join(node.name)}", _NO_SCHEMAS)
        place = self._place(node.at)
        for number, part in enumerate(node.name):
            token = self.tokens[place + 2 * number]
            if part != "*":
                yield _at(token), name(part)

    def _call(self, node: Call) -> Iterator[tuple[tuple[int, int], str]]:
        place = self._place(node.at)
        function = node.name[-1]
        if len(node.name) == 1 and function in _RENAMED:
            yield _at(self.tokens[place]), _RENAMED[function]
        first = node.arguments[0] if node.arguments else None
        if function == "extract" and isinstance(first, Literal) and first.text not in _FIELDS:
            raise Untranslated(f"extract({first.text} ...)", f"its parts are {', '.join(sorted(_FIELDS))}")
        if function in ("substring", "substr") and not node.is_form:
            words = iter((" FROM", " FOR"))
            for comma in self._commas(place + 2 * len(node.name) - 1):
                yield _at(comma), next(words)

    def _commas(self, opening: int) -> Iterator[Token]:
        """Yield the commas between the arguments that begin after the parenthesis at ``opening``."""
        depth = 0
        for token in self.tokens[opening:]:
            depth += (token.kind is Kind.OPEN) - (token.kind is Kind.CLOSE)
            if depth == 0:
                return
            if token.kind is Kind.COMMA and depth == 1:
                yield token

    def _cast(self, node: Cast) -> Iterator[tuple[tuple[int, int], str]]:
        token = self._starting(node.at)
        if token.text == "::":
            written = _TYPE.match(self.text, token.start + 2)
            start = self._operand_before(self._place(node.at))
            yield (start, start), "CAST("
            yield (token.start, written.end() if written else token.start + 2), f" AS {self._type(node, written)})"
        elif token.word == "cast":
            yield self._after_as(self._place(node.at), node)
        elif node.type not in _TYPED:
            raise Untranslated(f"{node.type} '...'", f"write CAST('...' AS {node.type})")

    def _after_as(self, place: int, node: Cast) -> tuple[tuple[int, int], str]:
        depth = 0
        for number, token in enumerate(self.tokens[place:], place):
            depth += (token.kind is Kind.OPEN) - (token.kind is Kind.CLOSE)
            if token.word == "as" and depth == 1:
                start = self.tokens[number + 1].start
                written = _TYPE.match(self.text, start)
                if written is not None:
                    return (start, written.end()), self._type(node, written)
        raise Untranslated("CAST", "write CAST(value AS type)")

    def _operand_before(self, place: int) -> int:
        """Return where the operand begins that ends before a token."""
        here = place - 1
        if self.tokens[here].kind is Kind.CLOSE:
            depth = 0
            while True:
                depth += (self.tokens[here].kind is Kind.CLOSE) - (self.tokens[here].kind is Kind.OPEN)
                if depth == 0:
                    break
                here -= 1
            if (
                here
                and self.tokens[here - 1].name
                and self.tokens[here - 1].start + len(self.tokens[here - 1].text) == self.tokens[here].start
            ):
                here -= 1
        while here > 1 and self.tokens[here - 1].text == "." and self.tokens[here - 2].name:
            here -= 2
        return self.tokens[here].start

    def _type(self, node: Cast, written: re.Match[str] | None) -> str:
        wanted = " ".join((written[1] if written else node.type).split())
        found = cast_to(wanted, self.types(wanted))
        if found is None:
            known = ", ".join(each.replace("()", "(n)") for each in COLUMN_TYPES)
            raise Untranslated(f"CAST(... AS {wanted})", f"its types are {known}")
        return on(self.version, found)

    def _check_operation(self, node: Operation) -> None:
        plain = node.operator.removeprefix("not ").replace("is not ", "is ")
        if plain == "at time zone" and self.version >= ZONES:
            return
        if plain not in _OPERATORS:
            instead = _INSTEAD_OF.get(plain, "write it in another way")
            raise Untranslated(f"the operator {node.operator}", f"{instead}: Firebird has none of that name")
        if plain == "like" and isinstance(node.operands[1], Literal) and "\\" in node.operands[1].text:
            raise Untranslated(r"LIKE '...\...'", r"write ESCAPE '\': without, a backslash is itself to Firebird")

    def _check_query(self, node: Query) -> None:
        if node.is_whole and not node.tables:
            raise Untranslated("a sub-select without FROM", "leave SELECT out, or write FROM rdb$database")


def _at(token: Token) -> tuple[int, int]:
    return token.start, token.start + len(token.text)


def message(parts: tuple[str | Placeholder, ...], spelt: Spelt) -> str:
    """Return a message as one text; a fact that is NULL leaves a gap, not a NULL message."""
    written = []
    for part in parts:
        if not isinstance(part, Placeholder):
            written.append(text(part))
            continue
        fact = part.fact if isinstance(part, FactCall) else part
        operand = fact_operand(part, spelt)
        is_text = FACTS[fact].type == "text"
        written.append(f"coalesce({operand if is_text else f'cast({operand} as varchar(64))'}, '')")
    return " || ".join(written)

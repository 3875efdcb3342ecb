"""What both directions of an expression have in common: the operators that Oracle and the portable language share.

An expression is written from its tree, in parentheses where its place asks for them. What is not written here is
:class:`Untranslated`.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence

from xtrig.expressions.tree import Call, Case, Cast, Column, FactNode, Literal, Node, Operation, Query
from xtrig.plugin import Kind, Token

PORTABLE = "write it in the portable language"
CONDITION, OPERAND, ATOM = 4, 5, 9
"""How tight a comparison binds, an operand of one, and what needs no parentheses."""
COMPARISONS = frozenset(("=", "<>", "!=", "<", ">", "<=", ">="))
_STRENGTH = {"or": 1, "and": 2, "not": 3, "||": 5, "+": 5, "-": 5, "*": 6}
_LOST = frozenset(
    "all any array at collate except fetch filter full group having inner intersect join lateral left limit natural "
    "offset only operator order outer right row similar some symmetric union using with".split()
)
"""Words of others, and those that the tree does not keep."""
_LITERALS = {Kind.ESCAPE: "E'...'", Kind.BITS: "a string of bits", Kind.DOLLAR: "$$...$$"}
_PATTERN = re.compile(r"[A-Za-z0-9_%\\$#]+")


class Untranslated(Exception):
    """A part of an expression without a counterpart: what it is, what to write, and where it is in the text."""

    def __init__(self, what: str, instead: str, at: int = 0) -> None:
        self.what, self.instead, self.at = what, instead, at
        super().__init__(f"{what}; {instead}")


def check_words(found: Sequence[Token]) -> None:
    """Raise :class:`Untranslated` for a word or a literal that the tree of an expression does not keep."""
    before = ""
    for token in found:
        if token.kind in _LITERALS or token.text[:2].lower() == "u&":
            what = _LITERALS.get(token.kind, "U&'...'")
            raise Untranslated(f"{what} is no literal of both", "write it in single quotes", token.start)
        if token.word in _LOST or (token.word == "distinct" and before not in ("is", "not")):
            raise Untranslated(f"{token.word.upper()} is not translated", PORTABLE, token.start)
        before = token.word


def is_pattern_of_names(word: str) -> bool:
    """Whether a text is made of what names without quotes and patterns for them are made of."""
    return _PATTERN.fullmatch(word) is not None


class Printer(ABC):
    """Writes one expression."""

    depth = 0
    """How many sub-selects are around what is written."""

    def write(self, node: Node, strength: int) -> str:
        """Return a part, in parentheses where it stands beside something that binds tighter."""
        own, written = self.written(node)
        return f"({written})" if own < strength else written

    def written(self, node: Node) -> tuple[int, str]:
        """Return how tight a part binds, and the part."""
        match node:
            case Literal():
                return ATOM, self.literal(node)
            case FactNode():
                return ATOM, self.fact(node)
            case Column():
                return self.column(node)
            case Call():
                return self.call(node)
            case Case():
                return ATOM, self.case(node)
            case Cast():
                return ATOM, self.cast(node)
            case Query():
                return ATOM, f"({self.query(node)})"
            case Operation():
                return self.operation(node)
            case _:
                raise Untranslated(f"{type(node).__name__} is not translated", PORTABLE, node.at)

    @abstractmethod
    def literal(self, node: Literal) -> str:
        """Return a constant."""

    @abstractmethod
    def fact(self, node: FactNode) -> str:
        """Return a session fact."""

    @abstractmethod
    def column(self, node: Column) -> tuple[int, str]:
        """Return a column or a plain word, and how tight it binds."""

    @abstractmethod
    def call(self, node: Call) -> tuple[int, str]:
        """Return a call, and how tight it binds."""

    @abstractmethod
    def cast(self, node: Cast) -> str:
        """Return a cast."""

    @abstractmethod
    def source(self, node: Query) -> str:
        """Return what stands after FROM, or "" for nothing."""

    @abstractmethod
    def compared(self, operands: Sequence[Node]) -> list[str]:
        """Return the operands of a comparison."""

    @abstractmethod
    def escape(self, pattern: Node) -> str:
        """Return the ESCAPE of a LIKE that is written without one, or ""."""

    @abstractmethod
    def joined(self, node: Operation) -> tuple[int, str]:
        """Return a ``||``, and how tight it binds."""

    @abstractmethod
    def distinct(self, node: Operation) -> str:
        """Return an IS [NOT] DISTINCT FROM."""

    @abstractmethod
    def truth(self, node: Operation) -> str:
        """Return an IS [NOT] TRUE or IS [NOT] FALSE."""

    def case(self, node: Case) -> str:
        """Return a CASE."""
        pieces = []
        for when, then in zip(node.conditions, node.results, strict=False):
            asked = self.compared((node.compared, when))[1] if node.compared else self.write(when, 0)
            pieces.append(f"WHEN {asked} THEN {self.write(then, 0)}")
        if len(node.results) > len(node.conditions):
            pieces.append(f"ELSE {self.write(node.results[-1], 0)}")
        compared = f" {self.compared((node.compared, *node.conditions))[0]}" if node.compared else ""
        return f"CASE{compared} {' '.join(pieces)} END"

    def query(self, node: Query) -> str:
        """Return a sub-select of one column, tables and a condition."""
        if not node.is_whole or len(node.others) > 1 or len(node.columns) != 1:
            raise Untranslated("a sub-select of more than SELECT x FROM table WHERE ...", PORTABLE, node.at)
        self.depth += 1
        column = node.columns[0]
        selected = "1" if isinstance(column, Column) and column.name == ("*",) else self.write(column, 0)
        source = self.source(node)
        where = "".join(f" WHERE {self.write(each, 0)}" for each in node.others)
        self.depth -= 1
        return f"SELECT {selected}{f' FROM {source}' if source else ''}{where}"

    def operation(self, node: Operation) -> tuple[int, str]:
        """Return an operation, and how tight it binds."""
        operator = node.operator
        negated = "NOT " if operator.startswith("not ") else ""
        plain = operator.removeprefix("not ")
        match plain:
            case "and" | "or":
                own = _STRENGTH[plain]
                return own, f" {plain.upper()} ".join(self.write(each, own + 1) for each in node.operands)
            case "not":
                return _STRENGTH["not"], f"NOT {self.write(node.operands[0], CONDITION)}"
            case "is null" | "is not null":
                return CONDITION, f"{self.write(node.operands[0], OPERAND)} {plain.upper()}"
            case "is distinct from" | "is not distinct from":
                return CONDITION, self.distinct(node)
            case "is true" | "is not true" | "is false" | "is not false":
                return CONDITION, self.truth(node)
            case "between" | "in" | "like":
                return CONDITION, self._membership(node, plain, negated)
            case "exists" if isinstance(node.operands[0], Query):
                return CONDITION, f"EXISTS ({self.query(node.operands[0])})"
            case "||":
                return self.joined(node)
            case "+" | "-" | "*":
                return self.counted(node, plain)
            case "unary -":
                return _STRENGTH["*"] + 1, f"-{self.write(node.operands[0], ATOM)}"
            case _ if plain in COMPARISONS:
                one, other = self.compared(node.operands)
                return CONDITION, f"{one} {'<>' if plain == '!=' else plain} {other}"
            case _:
                raise Untranslated(f"the operator {operator.upper()}", PORTABLE, node.at)

    def counted(self, node: Operation, plain: str) -> tuple[int, str]:
        """Return a sum, a difference or a product, and how tight it binds."""
        own = _STRENGTH[plain]
        left, right = node.operands
        return own, f"{self.write(left, own)} {plain} {self.write(right, own + 1)}"

    def _membership(self, node: Operation, plain: str, negated: str) -> str:
        if plain == "like":
            return self._like(node, negated)
        if plain == "in" and isinstance(node.operands[1], Query):
            return self.among(node.operands[0], node.operands[1], negated)
        first, *others = self.compared(node.operands)
        if plain == "in":
            return f"{first} {negated}IN ({', '.join(others)})"
        return f"{first} {negated}BETWEEN {others[0]} AND {others[1]}"

    def _like(self, node: Operation, negated: str) -> str:
        left, pattern = node.operands
        if isinstance(pattern, Operation) and pattern.operator == "escape":
            pattern, marked = pattern.operands
            escape = f" ESCAPE {self.write(marked, OPERAND)}"
        else:
            escape = self.escape(pattern)
        one, other = self.compared((left, pattern))
        return f"{one} {negated}LIKE {other}{escape}"

    def among(self, left: Node, query: Query, negated: str) -> str:
        """Return an IN with a sub-select."""
        return f"{self.write(left, OPERAND)} {negated}IN ({self.query(query)})"


def flat(node: Node) -> list[Node]:
    """Return the parts of a ``||``."""
    if isinstance(node, Operation) and node.operator == "||":
        return [part for each in node.operands for part in flat(each)]
    return [node]

"""What an expression says: literals, facts, columns, operations, and the tables of its sub-selects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from xtrig.expressions.templates import Placeholder

Name = tuple[str, ...]
"""The parts of a name, as the vendor folds them: ``("sec", "allowed")``."""


@dataclass(frozen=True, slots=True)
class Node:
    """A part of an expression; ``at`` is the position in its text."""

    at: int

    @property
    def parts(self) -> tuple[Node, ...]:
        """What it is made of."""
        return ()

    def walk(self) -> Iterator[Node]:
        """Yield it and everything inside it, in order."""
        yield self
        for part in self.parts:
            yield from part.walk()


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A constant; ``type`` is empty for a text in quotes and for NULL, which take the type that is wanted."""

    text: str
    type: str = ""
    is_quoted: bool = False
    """Whether it stands in quotes: ``'null'`` is a text, NULL is none."""


@dataclass(frozen=True, slots=True)
class FactNode(Node):
    """A session fact."""

    fact: Placeholder


@dataclass(frozen=True, slots=True)
class Column(Node):
    """A column, or whatever else a bare name means to the vendor."""

    name: Name


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A function with its arguments; ``is_form`` for forms of SQL such as ``extract(hour FROM ...)``."""

    name: Name
    arguments: tuple[Node, ...]
    is_form: bool = False
    condition: Node | None = None
    """That of FILTER, which is the last argument, too."""

    @property
    def parts(self) -> tuple[Node, ...]:
        """The arguments."""
        return self.arguments


@dataclass(frozen=True, slots=True)
class Operation(Node):
    """An operator with its operands; ``operator`` is in lower case: ``and``, ``not in``, ``is null``, ``||``."""

    operator: str
    operands: tuple[Node, ...]

    @property
    def parts(self) -> tuple[Node, ...]:
        """The operands."""
        return self.operands


@dataclass(frozen=True, slots=True)
class Cast(Node):
    """A value made another type: ``CAST(x AS t)``, ``x::t``, ``t 'literal'``."""

    operand: Node
    type: str

    @property
    def parts(self) -> tuple[Node, ...]:
        """What is made another type."""
        return (self.operand,)


@dataclass(frozen=True, slots=True)
class Case(Node):
    """CASE; ``compared`` is what stands before the first WHEN, if anything does."""

    compared: Node | None
    conditions: tuple[Node, ...]
    results: tuple[Node, ...]

    @property
    def parts(self) -> tuple[Node, ...]:
        """Everything in it."""
        return (*([self.compared] if self.compared else []), *self.conditions, *self.results)


@dataclass(frozen=True, slots=True)
class Table(Node):
    """A table of a sub-select, by its name and the name that columns may have before them."""

    name: Name
    alias: str


@dataclass(frozen=True, slots=True)
class Query(Node):
    """A sub-select. ``is_whole`` is whether each of its sources is a table."""

    columns: tuple[Node, ...]
    tables: tuple[Table, ...]
    others: tuple[Node, ...]
    """Conditions, groups, orders, and sub-selects in FROM."""
    is_whole: bool = True
    conditions: tuple[Node, ...] = ()
    """Those of ``others`` that WHERE, ON and HAVING have."""

    @property
    def parts(self) -> tuple[Node, ...]:
        """Everything in it."""
        return (*self.columns, *self.tables, *self.others)

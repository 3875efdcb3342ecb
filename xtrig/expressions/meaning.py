"""The names and types of an expression, looked up in the tables of its definition and in the vendor's words."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from xtrig.expressions.kinds import (
    ADDRESS,
    BOOLEAN,
    CLOCK,
    DATE,
    MOMENT,
    NUMBER,
    TEXT,
    TIMES,
    UNZONED,
    as_address,
    comparable,
    kind_of,
    reads_as,
)
from xtrig.expressions.parser import Unread, read
from xtrig.expressions.tree import Call, Case, Cast, Column, FactNode, Literal, Node, Operation, Query, Table
from xtrig.facts import FACTS, Fact, FactCall

Columns = Mapping[str, str]
"""Types by the names of columns; empty where they are not known."""


class Words(NamedTuple):
    """What plain names mean to a vendor, where no search path and no schema leads elsewhere."""

    functions: Collection[str]
    values: Collection[str] = ()
    """Names that are values without parentheses: ``current_user``, variables of a trigger's function."""
    prefix: str = ""
    """What the names of the vendor's own functions and tables begin with; empty: nothing in common."""
    schemas: Collection[str] = ()
    """Schemas whose functions are those."""
    arities: Mapping[str, Collection[int]] = {}
    """How many arguments some functions take, for those that take another number elsewhere."""
    types: Mapping[str, str] = {}
    """The types of some functions and values."""
    instead: Mapping[str, str] = {}
    """What to write instead of words of other vendors."""
    makers: Mapping[str, str] = {}
    """What makes a value one of a kind that a cast makes of few."""
    numbers_are_days: bool = True
    """Whether a number can be added to a moment."""

    def has_function(self, name: str) -> bool:
        """Whether there is a function of that name."""
        return name in self.functions or self.has_prefix(name)

    def has_prefix(self, name: str) -> bool:
        """Whether the name looks like one of the vendor's own."""
        return bool(self.prefix) and name.startswith(self.prefix)


NO_WORDS = Words(())


class Clash(NamedTuple):
    """Values that do not go together: where, what was asked, and what to write."""

    at: int
    message: str
    remedy: str


_SPAN = re.compile(r"\s*\d+\s*[A-Za-z]")
_RESULTS = {
    TEXT: "lower upper trim btrim ltrim rtrim substring substr replace concat concat_ws left right format initcap "
    "lpad rpad repeat reverse translate overlay to_char string_agg "
    "split_part",
    NUMBER: "length char_length character_length octet_length position strpos abs round floor ceil ceiling mod extract "
    "date_part count sum avg sign sqrt power",
}
_RESULT_OF = {name: kind for kind, names in _RESULTS.items() for name in names.split()}
_LIKE_ARGUMENTS = frozenset(("coalesce", "nullif", "greatest", "least", "min", "max"))
_ARGUMENT_OF = dict.fromkeys(("lower", "upper", "trim", "length", "char_length", "substring"), TEXT)
_ARGUMENT_OF |= dict.fromkeys(("abs", "round", "floor", "ceil", "ceiling"), NUMBER)
_COMPARISONS = frozenset(("=", "<>", "!=", "<", ">", "<=", ">=", "between", "in", "is distinct from"))
_LIKES = frozenset(("like", "ilike", "similar"))
_LOGIC = frozenset(("and", "or", "not"))
_TRUTHS = frozenset(
    ("is null", "is not null", "is true", "is not true", "is false", "is not false", "exists", "any", "overlaps")
)
_NETWORKS = frozenset(("<<", "<<=", ">>", ">>=", "&&"))
_ARITHMETIC = frozenset(("+", "-", "*", "/", "%"))


@dataclass(frozen=True)
class Meaning:
    """What an expression means. ``tables`` are those of the definition, ``schemas`` where each is."""

    node: Node
    tables: Mapping[str, Columns]
    schemas: Mapping[str, str]
    words: Words = NO_WORDS
    _scopes: dict[int, tuple[Query, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._place(self.node, ())

    def _place(self, node: Node, scopes: tuple[Query, ...]) -> None:
        """Note the sub-selects around each column and fact, the innermost first."""
        if isinstance(node, (Column, FactNode)):
            self._scopes[id(node)] = scopes
        inner = (node, *scopes) if isinstance(node, Query) else scopes
        for part in node.parts:
            self._place(part, inner)

    def is_inside(self, column: Column) -> bool:
        """Whether a column stands in a sub-select."""
        return bool(self._scopes[id(column)])

    def declared_in(self, column: Column) -> str | None:
        """Return the table of the definition that says what a column is; None where none does."""
        for query in self._scopes[id(column)]:
            for table in query.tables:
                if column.name[:-1] in ((), (table.alias,)) and column.name[-1] in self._columns(table):
                    return table.name[-1]
        return None

    def columns_at(self, node: Column | FactNode) -> frozenset[str]:
        """Return the columns of the definition's tables that a plain name there could be."""
        tables = (table for query in self._scopes[id(node)] for table in query.tables)
        return frozenset(name for table in tables for name in self._columns(table))

    @property
    def calls(self) -> Iterator[Call]:
        """Every call of a function."""
        return (node for node in self.node.walk() if isinstance(node, Call))

    @property
    def foreign_tables(self) -> Iterator[Table]:
        """The tables without a schema that are neither of the definition nor the vendor's own."""
        for node in self.node.walk():
            if isinstance(node, Table) and len(node.name) == 1 and not self._is_known(node.name[0]):
                yield node

    def _is_known(self, table: str) -> bool:
        return table in self.tables or self.words.has_prefix(table)

    @property
    def times_without_zone(self) -> Iterator[Operation]:
        """The comparisons of a moment with a date or time that has no zone: one is moved to the session's."""
        for node in self.node.walk():
            if isinstance(node, Operation) and node.operator.removeprefix("not ") in (*_COMPARISONS, "overlaps"):
                operands = (
                    node.parts if node.operator != "overlaps" else [each for row in node.parts for each in row.parts]
                )
                kinds = {self.kind(each) for each in operands}
                if MOMENT in kinds and kinds & {DATE, UNZONED}:
                    yield node

    @property
    def strange_names(self) -> Iterator[Column]:
        """The plain names outside of sub-selects that are none of the vendor's values."""
        for node in self.node.walk():
            is_plain = isinstance(node, Column) and len(node.name) == 1 and not self._scopes[id(node)]
            if isinstance(node, Column) and is_plain and node.name[0] not in self.words.values:
                yield node

    @property
    def strange_columns(self) -> Iterator[tuple[Column, Collection[str]]]:
        """The columns of sub-selects that no table there has, with those there are."""
        for node in self.node.walk():
            scopes = self._scopes.get(id(node), ()) if isinstance(node, Column) else ()
            if scopes and isinstance(node, Column) and node.name[-1] != "*" and len(node.name) < 3:
                yield from self._strange(node, scopes)

    def _strange(self, node: Column, scopes: tuple[Query, ...]) -> Iterator[tuple[Column, Collection[str]]]:
        found: list[Columns] = []
        for query in scopes:
            for table in query.tables:
                columns = self._columns(table)
                if len(node.name) == 2 and node.name[0] == table.alias:
                    if columns and node.name[1] not in columns and node.name[1] not in self.words.values:
                        yield node, columns
                    return
                found.append(columns)
                if node.name == (table.alias,):
                    return  # the whole row
        known = all(found) and all(query.is_whole for query in scopes)
        names = [name for columns in found for name in columns]
        if len(node.name) == 1 and known and node.name[0] not in (*names, *self.words.values):
            yield node, names

    def _columns(self, table: Table) -> Columns:
        """Return the columns of a table of the definition; empty where they are not known."""
        name = table.name[-1]
        is_own = len(table.name) == 1 or table.name == (self.schemas.get(name), name)
        return self.tables.get(name, {}) if is_own else {}

    def kind(self, node: Node) -> str | None:  # one case for each class of node
        """Return the kind of a value: see :mod:`xtrig.expressions.kinds`."""
        match node:
            case Literal():
                return kind_of(node.type) if node.type else ""
            case FactNode():
                fact = node.fact.fact if isinstance(node.fact, FactCall) else node.fact
                return kind_of(FACTS[fact].type)
            case Cast():
                return kind_of(node.type)
            case Column():
                return self._kind_of_column(node)
            case Call():
                return self._kind_of_call(node)
            case Case():
                return self._common(node.results)
            case Query():
                return self.kind(node.columns[0]) if len(node.columns) == 1 else None
            case Operation():
                return self._kind_of_operation(node)
            case _:
                return None

    def _kind_of_column(self, node: Column) -> str | None:
        for query in self._scopes[id(node)]:
            for table in query.tables:
                kind = self._columns(table).get(node.name[-1])
                if kind is not None and (len(node.name) == 1 or node.name[-2] == table.alias):
                    return kind_of(kind)
            if query.tables and not query.is_whole:
                return None
        return kind_of(self.words.types.get(node.name[0], "")) if len(node.name) == 1 else None

    def _kind_of_call(self, node: Call) -> str | None:
        name = node.name[-1]
        if len(node.name) > 1 and node.name[0] not in self.words.schemas:
            return None
        if name in _LIKE_ARGUMENTS:
            return self._common(node.arguments)
        return _RESULT_OF.get(name) or kind_of(self.words.types.get(name, ""))

    def _kind_of_operation(self, node: Operation) -> str | None:
        plain = node.operator.replace("is not distinct", "is distinct").removeprefix("not ")
        if plain in _COMPARISONS | _LIKES | _LOGIC | _TRUTHS | _NETWORKS and plain not in ("<<", ">>", "any"):
            return BOOLEAN
        kinds = [self.kind(operand) for operand in node.operands]
        if plain == "||":
            return TEXT if TEXT in kinds else None
        is_sum = plain in _ARITHMETIC or plain.startswith("unary ")
        return NUMBER if is_sum and all(kind == NUMBER for kind in kinds) else None

    def _common(self, nodes: Sequence[Node]) -> str | None:
        kinds = [self.kind(node) for node in nodes]
        if None in kinds:
            return None
        return next(filter(None, kinds), "")

    def clashes(self) -> Iterator[Clash]:
        """Yield where operands, arguments or branches do not go together."""
        for node in self.node.walk():
            match node:
                case Operation():
                    yield from self._in_operation(node)
                case Case():
                    if node.compared is None:
                        yield from self._not_boolean(node.conditions, "WHEN")
                    else:
                        yield from self._unlike(node.at, "CASE", (node.compared, *node.conditions))
                        yield from _of_addresses(node.at, "=", (node.compared, *node.conditions))
                    yield from self._unlike(node.at, "CASE", node.results)
                case Call():
                    if node.condition is not None:
                        yield from self._not_boolean([node.condition], "FILTER")
                    if len(node.name) == 1:
                        yield from self._in_call(node)
                case Query():
                    yield from self._not_boolean(node.conditions, "WHERE")
                case _:
                    pass

    def _in_operation(self, node: Operation) -> Iterator[Clash]:
        plain = node.operator.replace("is not distinct", "is distinct").removeprefix("not ")
        if plain in _COMPARISONS | _LIKES:
            yield from self._with_null(node, plain)
        if plain in _COMPARISONS:
            # The array of ANY (...) is no value of its elements' type; the rows of a sub-select are.
            operands = [_compared(each) for each in node.operands]
            yield from self._unlike(node.at, node.operator.upper(), [each for each in operands if each is not None])
            yield from _of_addresses(node.at, plain, node.operands)
        elif plain == "overlaps":
            yield from self._in_overlaps(node)
        elif plain in _LOGIC:
            yield from self._not_boolean(node.operands, plain.upper())
        elif plain in _LIKES:
            yield from self._other_than(node.operands[:2], TEXT, plain.upper())
        elif plain in _TRUTHS and plain.endswith((" true", " false")):
            yield from self._not_boolean(node.operands, plain.upper())
        elif plain in _NETWORKS and TEXT in (kinds := [self.kind(operand) for operand in node.operands]):
            is_network = plain not in ("<<", ">>") or ADDRESS in kinds
            message = f"{node.operator}: a text is no network address" if is_network else f"{node.operator}: of a text"
            yield Clash(node.at, message, "write ${client_in('10.0.0.0/8')}, or make it one: CAST(... AS inet)")
        elif plain == "||" and {self.kind(each) for each in node.operands} <= {NUMBER, BOOLEAN}:
            yield Clash(node.at, "||: neither side is a text", "make one a text: CAST(... AS text)")
        elif plain in _ARITHMETIC:
            yield from self._not_counted(node)

    def _in_overlaps(self, node: Operation) -> Iterator[Clash]:
        """Look at ``(start, end) OVERLAPS (start, duration)``."""
        starts = [self.kind(row.parts[0]) for row in node.operands if row.parts]
        kinds = [self.kind(each) for row in node.operands for each in row.parts]
        for kind in filter(None, kinds):
            if kind not in (*TIMES, CLOCK, "interval") or "interval" in starts:
                yield Clash(node.at, f"OVERLAPS: {_said(kind)} is no time", "cast it: CAST(... AS timestamptz)")
                return
        if CLOCK in kinds and TIMES & {*kinds}:
            yield Clash(node.at, "OVERLAPS: times of day and moments do not go together", "make them one type")

    def _with_null(self, node: Operation, plain: str) -> Iterator[Clash]:
        """Yield where a comparison with NULL is never true, whatever it is compared with."""
        nulls = [
            isinstance(each, Literal) and not each.is_quoted and each.text.lower() == "null" for each in node.operands
        ]
        is_never = any(nulls[1:]) if node.operator == "not in" else all(nulls[1:]) if plain == "in" else any(nulls)
        if plain != "is distinct from" and is_never:
            remedy = "leave NULL out, and write IS NOT NULL" if plain == "in" else "write IS NULL or IS NOT NULL"
            yield Clash(node.at, f"{node.operator.upper()}: a comparison with NULL is never true", remedy)

    def _not_counted(self, node: Operation) -> Iterator[Clash]:
        for operand in node.operands:
            kind = self.kind(operand)
            if kind in (TEXT, BOOLEAN):
                yield Clash(node.at, f"{node.operator}: {_said(kind)} is no number", "compare or join it, or cast it")
                return
        if not self.words.numbers_are_days and node.operator in ("+", "-") and len(node.operands) == 2:
            kinds = [self.kind(each) for each in node.operands]
            last = node.operands[1]
            is_span = isinstance(last, Literal) and last.is_quoted and _SPAN.match(last.text) is not None
            if {MOMENT, UNZONED} & set(kinds) and (NUMBER in kinds or (is_span and node.operator == "-")):
                message = f"{node.operator}: a number or a text is no interval"
                yield Clash(node.at, message, "write INTERVAL '1 day'")

    def _in_call(self, node: Call) -> Iterator[Clash]:
        name = node.name[0]
        if name in _LIKE_ARGUMENTS:
            yield from self._unlike(node.at, name.upper(), node.arguments)
        elif name in _ARGUMENT_OF and node.arguments and not node.is_form:
            yield from self._other_than(node.arguments[:1], _ARGUMENT_OF[name], f"{name}()")

    def _unlike(self, at: int, what: str, nodes: Sequence[Node]) -> Iterator[Clash]:
        kinds = [self.kind(node) for node in nodes]
        known = list(dict.fromkeys(filter(None, kinds)))
        for kind in known[1:]:
            if not comparable(known[0], kind):
                message = f"{what}: {_said(known[0])} and {_said(kind)} do not go together"
                yield Clash(at, message, "make them one type: CAST(... AS ...)")
                return
        for node in nodes:
            if known and not reads_as(node, known[0]):
                assert isinstance(node, Literal)  # noqa: S101  # nothing else is read
                yield Clash(at, f"{what}: {node.text!r} is no {known[0]}", "correct it")
                return

    def _other_than(self, nodes: Sequence[Node], wanted: str, what: str) -> Iterator[Clash]:
        for node in nodes:
            kind = self.kind(node)
            if kind and kind != wanted:
                yield Clash(node.at, f"{what}: {_said(kind)} is no {wanted}", f"cast it: CAST(... AS {_TYPES[wanted]})")

    def _not_boolean(self, nodes: Sequence[Node], what: str) -> Iterator[Clash]:
        for node in nodes:
            yield from self.not_a_condition(node, what)

    def not_a_condition(self, node: Node, what: str) -> Iterator[Clash]:
        """Yield where a value that has to be true or false is something else."""
        kind = self.kind(node)
        if kind and kind != BOOLEAN:
            yield Clash(node.at, f"{what}: {_said(kind)} is neither true nor false", "compare it with something")
        elif not reads_as(node, BOOLEAN):
            yield Clash(node.at, f"{what}: a text is neither true nor false", "compare it with something")


_TYPES = {TEXT: "text", NUMBER: "numeric"}


def _compared(node: Node) -> Node | None:
    if not isinstance(node, Operation) or node.operator != "any":
        return node
    return node.operands[0] if isinstance(node.operands[0], Query) else None


def _said(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


def _of_addresses(at: int, operator: str, nodes: Sequence[Node]) -> Iterator[Clash]:
    """Yield where the client's address is compared with a text that it never is."""
    instead = [also for node in nodes if (also := _instead_of_address(node)) is not None]
    texts = [node.text for node in nodes if isinstance(node, Literal) and node.is_quoted]
    network = "write ${client_in('10.0.0.0/8')}"
    if not instead or not texts:
        return
    if operator in ("<", ">", "<=", ">=", "between"):
        yield Clash(
            at, f"{operator.upper()}: addresses are compared as texts: '10.0.0.10' is less than '10.0.0.9'", network
        )
        return
    for text in texts:
        address = as_address(text)
        if (not address or address != text) and text not in instead[0]:
            if address:
                yield Clash(at, f"{text!r} is never ${{client_ip}}, which is written otherwise", f"write {address!r}")
            else:
                remedy = f"{network} for a network; ${{client_ip}} IS NULL where there is no address"
                yield Clash(at, f"{text!r} is never ${{client_ip}}: it is no address", remedy)
            return


def _instead_of_address(node: Node) -> list[str] | None:
    """Return the texts that a client's address may be instead, as in COALESCE; None for what is no such address."""
    if isinstance(node, FactNode):
        return [] if node.fact is Fact.CLIENT_IP else None
    if isinstance(node, Call) and node.name[-1] == "coalesce" and node.arguments:
        first, *others = node.arguments
        is_known = _instead_of_address(first) is not None and all(isinstance(each, Literal) for each in others)
        return [each.text for each in others if isinstance(each, Literal)] if is_known else None
    return None


def tables_at(text: str, tables: Collection[str]) -> list[tuple[int, str]]:
    """Return where tables of the definition stand in an expression without their schema; none if it cannot be read."""
    if not tables or "select" not in text.lower():
        return []
    try:
        found = read(text).walk()
    except Unread:
        return []
    own = (each for each in found if isinstance(each, Table) and len(each.name) == 1 and each.name[0] in tables)
    return sorted((table.at, table.name[0]) for table in own)

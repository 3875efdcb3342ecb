"""Expressions and messages of a definition in Firebird's words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import ClassVar

from xtrig.expressions.kinds import BOOLEAN, DATE, MOMENT, UNZONED, kind_of
from xtrig.expressions.meaning import Meaning
from xtrig.expressions.parser import Unread, read
from xtrig.expressions.tree import Call, Cast, Column, Literal, Node, Operation, Query, Table
from xtrig.facts import FACTS, Argument
from xtrig.plugin import ExpressionWriter, Fact, FactCall, Placeholder, ResolvedSet, Untranslatable, Version, Words
from xtrig_firebird.column_types import cast_to, column_type, known_types, on
from xtrig_firebird.words import VALUES, folded, name, text

Spelt = Callable[[Fact], str]
"""Returns how a fact is spelt where the expression stands."""

_TIMES = {MOMENT: "TIMESTAMP WITH TIME ZONE", UNZONED: "TIMESTAMP", DATE: "DATE", "time": "TIME"}
_ALIKE = frozenset(("coalesce", "nullif", "maxvalue", "minvalue"))
_PARTS = "day hour minute month second week weekday year yearday"


class FirebirdWriter(ExpressionWriter):
    """Writes one expression for a version of Firebird."""

    functions: ClassVar[Mapping[str, tuple[str, ...]]] = {
        **{each: (f"{each}({{0}})",) for each in "abs ceil ceiling floor lower upper sqrt sign exp ln reverse".split()},
        **{
            each: (f"{each}({{}})",) for each in "coalesce nullif mod power replace lpad rpad maxvalue minvalue".split()
        },
        **{each: (f"{each}({{0}})",) for each in "max min sum avg char_length octet_length bit_length".split()},
        **{each: (f"{each}({{}})",) for each in "maxvalue minvalue bin_and bin_or bin_xor rdb$get_context".split()},
        "round": ("round({0}, 0)", "round({0}, {1})"),
        "count": ("count(*)", "count({0})"),
        "length": ("char_length({0})",),
        "character_length": ("char_length({0})",),
        "btrim": ("trim({0})",),
        "trim": ("trim({0})",),
        "position": ("position({0} IN {1})",),
        "strpos": ("position({1} IN {0})",),
        "substring": ("substring({0} FROM {1})", "substring({0} FROM {1} FOR {2})"),
        "substr": ("substring({0} FROM {1})", "substring({0} FROM {1} FOR {2})"),
    }
    operators: ClassVar[Mapping[str, str]] = {
        **ExpressionWriter.operators,
        "%": "mod({0}, {1})",
        "similar": "{0} SIMILAR TO {1}",
        "not similar": "{0} NOT SIMILAR TO {1}",
    }

    def __init__(self, meaning: Meaning, spelt: Spelt = str, version: Version = ()) -> None:
        super().__init__(meaning)
        self.spelt = spelt
        self.version = version

    def condition(self) -> str:
        """Return the expression in the parentheses that IF wants."""
        written = self.expression()
        # Operations are written in parentheses, but for those that are written as the call of a function.
        return written if isinstance(self.meaning.node, Operation) and written.startswith("(") else f"({written})"

    def literal(self, text_: str) -> str:
        """Return a text as a literal."""
        return text(text_)

    def name(self, word: str) -> str:
        """Return a name as an identifier."""
        return name(word)

    def fact(self, fact: Placeholder) -> str:
        """Return a session fact as one operand."""
        return fact_operand(fact, self.spelt)

    def table(self, node: Table) -> str:
        """Return a table; every one is found by its name alone."""
        if len(node.name) > 1:
            raise self.refusal(node, f"the table {'.'.join(node.name)}", "leave the schema out: Firebird has none")
        return name(node.name[0])

    def column(self, node: Column) -> str:
        """Return a column of a sub-select, or a value such as CURRENT_TIMESTAMP."""
        if len(node.name) == 1 and node.name[0] in VALUES:
            return node.name[0]
        return super().column(node)

    def as_text(self, node: Node) -> str:
        """Return a part as a text: Firebird makes one of every value, and of a boolean in capitals."""
        return super().as_text(node) if self.meaning.kind(node) == BOOLEAN else self.write(node)

    def text_cast(self, operand: str) -> str:
        """Return an operand as a text."""
        return f"CAST({operand} AS {cast_to('text', None)})"

    def constant(self, node: Literal, wanted: str | None) -> str:
        """Return a text in quotes as a moment or a date; beside what is not known it is a text, as in SQL."""
        if wanted is None:
            return text(node.text)
        found = _TIMES.get(wanted)
        return f"CAST({text(node.text)} AS {on(self.version, found)})" if found else super().constant(node, wanted)

    def cast(self, node: Cast) -> str:
        """Return a value made another type."""
        kind = kind_of(node.type)
        if kind == "text" or (isinstance(node.operand, Literal) and kind in (*_TIMES, BOOLEAN)):
            return super().cast(node) if kind not in _TIMES else self._as_time(node.operand, kind)
        found = cast_to(node.type, column_type(node.type))
        if found is None:
            raise self.refusal(node, f"CAST(... AS {node.type})", f"its types are {known_types()}")
        return f"CAST({self.write(node.operand, '')} AS {on(self.version, found)})"

    def _as_time(self, operand: Node, kind: str) -> str:
        assert isinstance(operand, Literal)  # noqa: S101  # nothing else is asked
        return self.constant(operand, kind)

    def arguments(self, node: Call) -> list[str]:
        """Return the arguments of a function: those of few have one type."""
        return super().arguments(node) if node.name[0] in _ALIKE else list(map(self.write, node.arguments))

    def _query(self, node: Query) -> str:
        if not node.tables:
            raise self.refusal(node, "a sub-select without FROM", "leave SELECT out, or write FROM rdb$database")
        return super()._query(node)

    def _call(self, node: Call) -> str:
        if node.name == ("extract",) and isinstance(node.arguments[0], Literal):
            part = node.arguments[0].text
            if part not in _PARTS.split():
                raise self.refusal(node, f"extract({part} ...)", f"its parts are {', '.join(_PARTS.split())}")
            return f"extract({part} FROM {self.write(node.arguments[1])})"
        return super()._call(node)


def writer(given: str, triggers: ResolvedSet, spelt: Spelt, version: Version) -> FirebirdWriter:
    """Return what writes an expression. Raises :class:`~xtrig.plugin.Untranslatable` for one that is not portable."""
    try:
        node = read(given, portable=True)
    except Unread as error:
        raise Untranslatable(f"it is not of the portable language: {error}", "write it otherwise", error.at) from None
    return FirebirdWriter(Meaning(node, triggers.table_columns, triggers.table_schemas), spelt, version)


def fact_operand(part: Placeholder, spelt: Spelt) -> str:
    """Return a fact as an operand; the name of a role is folded as all names are."""
    if isinstance(part, Fact):
        return spelt(part)
    read: Mapping[Argument | None, Callable[[str], str]] = {Argument.ROLE: folded, Argument.NETWORK: _addresses}
    argument = read.get(FACTS[part.fact].argument, str)(part.argument)
    return spelt(part.fact).replace("{}", text(argument))


def filled(parts: Iterable[str | Placeholder], spelt: Spelt) -> str:
    """Return a statement with its facts."""
    return "".join(fact_operand(part, spelt) if isinstance(part, Placeholder) else part for part in parts)


def _addresses(network: str) -> str:
    """Return the pattern of SIMILAR TO for the addresses of a network: Firebird has no type for them.

    A server that listens on IPv6 may see a client of IPv4 as ``::ffff:10.0.0.1``.
    """
    from ipaddress import IPv4Network, ip_network  # noqa: PLC0415  # few definitions name a network

    found = ip_network(network)
    if not isinstance(found, IPv4Network):
        raise Untranslatable(f"a client in {network} cannot be asked for", "name a network of IPv4")
    first, last = found[0].packed, found[-1].packed
    octets = ("|".join(map(str, range(low, high + 1))) for low, high in zip(first, last, strict=True))
    whole = (low == 0 and high == 255 for low, high in zip(first, last, strict=True))
    return "(::ffff:)?" + ".".join("[0-9]+" if any_ else f"({each})" for each, any_ in zip(octets, whole, strict=True))


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
        written.append(f"coalesce({operand if is_text else f'CAST({operand} AS VARCHAR(64))'}, '')")
    return " || ".join(written)


_ZONE = "${hour('Asia/Seoul')}"
_INSTEAD = {
    "now": "${now}",
    "clock_timestamp": "${now}",
    "sysdate": "${now}",
    "systimestamp": "${now}",
    "getdate": "${now}",
    "session_user": "${login_user}",
    "system_user": "${login_user}",
    "current_database": "${database}",
    "inet_client_addr": "${client_ip}",
    "inet_client_port": "${client_port}",
    "version": "${server_version}",
    "concat": "... || ...",
    "concat_ws": "... || ...",
    "format": "... || ...",
    "instr": "position(... IN ...)",
    "charindex": "position(... IN ...)",
    "split_part": "substring(... FROM ... FOR ...)",
    "greatest": "maxvalue(...), which is NULL if one of them is",
    "least": "minvalue(...), which is NULL if one of them is",
    "date_part": "extract(... FROM ...)",
    "datepart": _ZONE,
    "to_char": "CAST(... AS varchar(n))",
    "to_date": "CAST(... AS date)",
    "to_number": "CAST(... AS numeric(18, 4))",
    "nvl": "coalesce(...)",
    "ifnull": "coalesce(...)",
    "isnull": "coalesce(...)",
    "if": "CASE WHEN ... THEN ... ELSE ... END",
    "len": "char_length(...)",
    "string_agg": "list(..., ',')",
    "group_concat": "list(..., ',')",
    "pg_has_role": "${member_of('audit_reader')}",
    "sys_context": "a fact such as ${login_user} or ${client_ip}",
}


@cache
def expression_words() -> Words:
    """Return what plain names in an expression mean. Nothing leads to another schema: there are none."""
    return Words(
        functions=frozenset((*FirebirdWriter.functions, "cast", "extract")),
        values=VALUES,
        types=dict.fromkeys(("current_user", "user", "current_role", "rdb$get_context"), "text")
        | {"current_timestamp": "timestamptz", "localtimestamp": "timestamp", "current_date": "date"}
        | dict.fromkeys(("current_connection", "current_transaction"), "integer"),
        instead=_INSTEAD,
    )

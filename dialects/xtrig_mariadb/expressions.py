"""Expressions, messages and values as MariaDB's SQL."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from xtrig.expressions.kinds import MOMENT, TEXT
from xtrig.expressions.tree import Cast, Column, Literal, Node
from xtrig.plugin import (
    FACTS,
    Event,
    ExpressionWriter,
    Fact,
    Placeholder,
    ResolvedSet,
    Untranslatable,
    parse_template,
    spelled,
)
from xtrig_mariadb.spellings import SPELLINGS, VARIABLES
from xtrig_mariadb.words import concatenated, name, text

Value = str | bool | int | float | None

MESSAGE_LENGTH = 128
"""Characters of a message that SIGNAL takes for certain. With a longer one it is another error, which lets in."""

_INTERVAL = re.compile(r"\s*([0-9]+)\s+(second|minute|hour|day|week|month|year)s?\s*\Z", re.IGNORECASE)
_DATE, _TIME = re.compile(r"\d{4}-\d\d-\d\d\Z"), re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d(\.\d{1,6})?)?\Z")


class MariaDBWriter(ExpressionWriter):
    """Writes one expression: ``||`` is OR to the server, ``/`` no integer division, ``=`` blind to case."""

    functions: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "lower": ("LOWER({0})",),
        "upper": ("UPPER({0})",),
        "trim": ("TRIM({0})",),
        "btrim": ("TRIM({0})",),
        "ltrim": ("LTRIM({0})",),
        "rtrim": ("RTRIM({0})",),
        "length": ("CHAR_LENGTH({0})",),
        "char_length": ("CHAR_LENGTH({0})",),
        "character_length": ("CHAR_LENGTH({0})",),
        "octet_length": ("LENGTH({0})",),
        "replace": ("REPLACE({0}, {1}, {2})",),
        "strpos": ("LOCATE({1}, {0})",),
        "position": ("LOCATE({0}, {1})",),
        "concat": ("CONCAT_WS('', {})",),  # CONCAT is NULL where an argument is, unlike PostgreSQL's
        "coalesce": ("COALESCE({})",),
        "nullif": ("NULLIF({0}, {1})",),
        "abs": ("ABS({0})",),
        "ceil": ("CEIL({0})",),
        "ceiling": ("CEIL({0})",),
        "floor": ("FLOOR({0})",),
        "now": ("NOW(6)",),
        "count": ("COUNT(*)", "COUNT({0})"),
        "max": ("MAX({0})",),
        "min": ("MIN({0})",),
        "sum": ("SUM({0})",),
    }
    operators: ClassVar[Mapping[str, str]] = {
        **{word: form for word, form in ExpressionWriter.operators.items() if word not in ("/", "%")},
        "||": "CONCAT({0}, {1})",
        "is distinct from": "NOT ({0} <=> {1})",
        "is not distinct from": "{0} <=> {1}",
    }

    created: Collection[str] = ()
    """The tables of the definition that are made with our own collation."""

    def literal(self, value: str) -> str:
        """Return a text as a literal."""
        return text(value)

    def name(self, word: str) -> str:
        """Return a name in backticks; our own variables would come before a column of their name."""
        if word.lower().startswith("xtrig_"):
            raise Untranslatable(f"a variable of the procedure may have the name {word!r}", "give it another name")
        return name(word)

    def fact(self, fact: Placeholder) -> str:
        """Return a fact."""
        return spelled(fact, fact_sql)

    def column(self, node: Column) -> str:
        """Return a column, or the moment that some vendors have as a word."""
        if node.name == ("current_timestamp",):
            return "NOW(6)"
        return super().column(node)

    def compared(self, nodes: Sequence[Node]) -> list[str]:
        """Return values that are compared, columns of others with the collation of our own."""
        written = super().compared(nodes)
        for number, node in enumerate(nodes):
            if not isinstance(node, Column) or not self.meaning.is_inside(node):
                continue
            table = self.meaning.declared_in(node)
            if table is None:
                raise self.refusal(node, f"the column {node.name[-1]!r} of an unknown type", "declare it under tables:")
            if self.meaning.kind(node) == TEXT and table not in self.created:
                written[number] = f"CONVERT({written[number]} USING utf8mb4) COLLATE utf8mb4_nopad_bin"
        return written

    def constant(self, node: Literal, wanted: str | None) -> str:
        """Return a date or a time; a moment would be that of the server's time zone."""
        form = {"date": _DATE, "timestamp": _TIME}.get(wanted or "")
        return text(node.text) if form and form.match(node.text) else super().constant(node, wanted)

    def cast(self, node: Cast) -> str:
        """Return an interval of one unit, or a value made another type."""
        if node.type == "interval" and isinstance(node.operand, Literal):
            found = _INTERVAL.match(node.operand.text)
            if found:
                return f"INTERVAL {found[1]} {found[2].upper()}"
        return super().cast(node)

    def as_text(self, node: Node) -> str:
        """Return a value as a text; a moment as PostgreSQL has it in UTC: the session's zone is not in it."""
        if self.meaning.kind(node) == MOMENT:
            return f"CONCAT(CONVERT_TZ({self.write(node)}, @@SESSION.time_zone, '+00:00'), '+00')"
        return super().as_text(node)

    def text_cast(self, operand: str) -> str:
        """Return an operand as a text of the procedure's character set."""
        return f"CAST({operand} AS CHAR)"


def fact_sql(fact: Fact) -> str:
    """Return the operand for a fact: a variable of the procedure, where it has one for it."""
    if fact is Fact.EVENT:
        return text(Event.LOGON)
    return VARIABLES[fact] if fact in VARIABLES else SPELLINGS[fact][0].sql


@dataclass(frozen=True, slots=True)
class Scope:
    """The definition, as far as its expressions name parts of it."""

    triggers: ResolvedSet

    def expression(self, source: str, column_type: str = "") -> str:
        """Return an expression, as a column of a type takes it. Raises :class:`Untranslatable`."""
        writer = MariaDBWriter.of(source, self.triggers.table_columns, self.triggers.table_schemas)
        writer.created = [name for name, table in self.triggers.tables.items() if table.table.create]
        return writer.expression(column_type)

    def value(self, value: Value, column_type: str = "") -> str:
        """Return what a column or an argument gets."""
        if value is None:
            return "NULL"
        if isinstance(value, str):
            return self.expression(value, column_type)
        if isinstance(value, bool):
            return self.expression("true" if value else "false", column_type)
        return repr(value)

    def message(self, message: str) -> str:
        """Return a message as one text; a fact that is NULL leaves a gap."""
        parts = parse_template(message).parts
        operands = [_shown(part) if isinstance(part, Placeholder) else text(part) for part in parts]
        return f"LEFT({concatenated(operands)}, {MESSAGE_LENGTH})"

    def statement(self, sql: str) -> str:
        """Return a user's statement with its facts, and with the terminator that it may lack."""
        filled = parse_template(sql).fill(fact_sql).strip().removesuffix(";")
        # On a line of its own: a comment at the statement's end would swallow it.
        return f"{filled}\n;" if "--" in filled or "#" in filled else f"{filled};"


def _shown(part: Placeholder) -> str:
    operand = spelled(part, fact_sql)
    fact = part if isinstance(part, Fact) else part.fact
    return f"COALESCE(IF({operand}, 't', 'f'), '')" if FACTS[fact].type == "boolean" else f"COALESCE({operand}, '')"

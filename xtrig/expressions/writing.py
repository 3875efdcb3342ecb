"""Writes the portable language in a vendor's words. What cannot be written so that it means the same is refused."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar, Self

from xtrig.expressions.kinds import BOOLEAN, NUMBER, TEXT, kind_of
from xtrig.expressions.meaning import Meaning
from xtrig.expressions.parser import Unread, read
from xtrig.expressions.templates import Placeholder
from xtrig.expressions.tree import Call, Case, Cast, Column, FactNode, Literal, Node, Operation, Query, Table


class Untranslatable(Exception):
    """An expression has no counterpart that means the same; ``at`` is where in its text, ``remedy`` what to do."""

    def __init__(self, message: str, remedy: str, at: int = 0) -> None:
        self.message, self.remedy, self.at = message, remedy, at
        super().__init__(message)


_REMEDY = "leave it out, or give the function a body for this dialect"
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)\Z")
_TRUE, _FALSE = frozenset("t true y yes on 1".split()), frozenset("f false n no off 0".split())


class ExpressionWriter(ABC):
    """Writes one expression for one vendor; a subclass says how the vendor spells what is not SQL's own.

    Every operation is put in parentheses, so that no vendor's precedence of operators counts.
    """

    functions: ClassVar[Mapping[str, tuple[str, ...]]]
    """The vendor's form of each function that it has, one for each number of arguments: ``{"lower": ("LOWER({0})",)}``.
    In ``{}`` go all arguments, with commas between them."""
    operators: ClassVar[Mapping[str, str]] = {
        **{word: f"{{0}} {word.upper()} {{1}}" for word in ("=", "<>", "<", ">", "<=", ">=", "+", "-", "*", "/", "%")},
        **{f"is {word}": f"{{0}} IS {word.upper()}" for word in ("null", "true", "false", "unknown")},
        **{f"is not {word}": f"{{0}} IS NOT {word.upper()}" for word in ("null", "true", "false", "unknown")},
        "!=": "{0} <> {1}",
        "||": "{0} || {1}",
        "not": "NOT {0}",
        "unary -": "- {0}",
        "unary +": "{0}",
        "is distinct from": "{0} IS DISTINCT FROM {1}",
        "is not distinct from": "{0} IS NOT DISTINCT FROM {1}",
        "between": "{0} BETWEEN {1} AND {2}",
        "not between": "{0} NOT BETWEEN {1} AND {2}",
        "like": r"{0} LIKE {1} ESCAPE '\'",
        "not like": r"{0} NOT LIKE {1} ESCAPE '\'",
        "ilike": r"LOWER({0}) LIKE LOWER({1}) ESCAPE '\'",
        "not ilike": r"LOWER({0}) NOT LIKE LOWER({1}) ESCAPE '\'",
    }
    """The vendor's form of each operator that it has."""

    def __init__(self, meaning: Meaning) -> None:
        self.meaning = meaning

    @classmethod
    def of(cls, text: str, tables: Mapping[str, Mapping[str, str]], schemas: Mapping[str, str]) -> Self:
        """Return the writer of a text, with the columns and the schema of each table of the definition.

        Raises :class:`Untranslatable` for a text that is not of the portable language.
        """
        try:
            return cls(Meaning(read(text, portable=True), tables, schemas))
        except Unread as error:
            raise Untranslatable(f"it is not of the portable language: {error}", _REMEDY, error.at) from None

    @abstractmethod
    def literal(self, text: str) -> str:
        """Return a text as a literal."""

    @abstractmethod
    def name(self, word: str) -> str:
        """Return a name as an identifier."""

    @abstractmethod
    def fact(self, fact: Placeholder) -> str:
        """Return a session fact as one operand."""

    def expression(self, column_type: str = "") -> str:
        """Return the expression; with ``column_type``, as a column of that type takes it."""
        node, wanted = self.meaning.node, kind_of(column_type) if column_type else ""
        return self.as_text(node) if wanted == TEXT else self.write(node, wanted)

    def write(self, node: Node, wanted: str | None = "") -> str:
        """Return a part as one operand; a text in quotes as a value of the kind that is ``wanted``."""
        match node:
            case Literal():
                return self._literal(node, wanted)
            case FactNode():
                return self.fact(node.fact)
            case Column():
                return self.column(node)
            case Call():
                return self._call(node)
            case Case():
                return self._case(node, wanted)
            case Cast():
                return self.cast(node)
            case Query():
                return f"({self._query(node)})"
            case Operation():
                return self._operation(node)
            case _:
                raise self.refusal(node, "it")

    def refusal(self, node: Node, what: str, remedy: str = _REMEDY) -> Untranslatable:
        """Return that ``what`` has no counterpart."""
        return Untranslatable(f"{what} has no counterpart that means the same", remedy, node.at)

    def as_text(self, node: Node) -> str:
        """Return a part as a text, as PostgreSQL makes a text of a boolean."""
        kind = self.meaning.kind(node)
        if kind == BOOLEAN:
            written = self.write(node)
            return f"CASE WHEN {written} THEN 'true' WHEN NOT {written} THEN 'false' END"
        is_joined = isinstance(node, Operation) and node.operator == "||"
        if kind not in (TEXT, NUMBER, "") and not is_joined:
            raise self.refusal(node, "a value of this type as a text", "give it a column of its own type")
        return self.write(node)

    def _literal(self, node: Literal, wanted: str | None) -> str:
        if not node.is_quoted:
            if node.type in ("integer", "numeric") and not _NUMBER.match(node.text):
                raise self.refusal(node, node.text)
            return node.text.upper()
        if wanted in (TEXT, ""):
            return self.literal(node.text)
        if wanted == NUMBER and _NUMBER.match(node.text.strip()):
            return node.text.strip()
        if wanted == BOOLEAN and node.text.strip().lower() in _TRUE | _FALSE:
            return "TRUE" if node.text.strip().lower() in _TRUE else "FALSE"
        return self.constant(node, wanted)

    def constant(self, node: Literal, wanted: str | None) -> str:
        """Return a text in quotes as a value of a kind that is no text, number or boolean; here it is refused."""
        raise self.refusal(node, f"{node.text!r} as a {wanted}" if wanted else f"{node.text!r} beside an unknown type")

    def column(self, node: Column) -> str:
        """Return a column of a sub-select."""
        if node.name == ("*",):
            return "*"
        if not self.meaning.is_inside(node):
            raise self.refusal(node, f"the name {'.'.join(node.name)!r}", "use a fact such as ${login_user}")
        return ".".join(map(self.name, node.name))

    def table(self, node: Table) -> str:
        """Return a table with its schema."""
        schema = self.meaning.schemas.get(node.name[0])
        if len(node.name) == 1 and schema is None:
            remedy = f"write schema.{node.name[0]}, or declare it under tables:"
            raise self.refusal(node, f"the table {node.name[0]!r} without its schema", remedy)
        name = node.name if schema is None or len(node.name) > 1 else (schema, *node.name)
        return ".".join(map(self.name, name))

    def cast(self, node: Cast) -> str:
        """Return a value made another type. Here only what stays what it is is one."""
        wanted, kind = kind_of(node.type), self.meaning.kind(node.operand)
        if wanted == TEXT:
            return self.text_cast(self.as_text(node.operand))
        if wanted in (NUMBER, BOOLEAN) and isinstance(node.operand, Literal) and not kind:
            return self.write(node.operand, wanted)
        if wanted is not None and wanted == kind and wanted != NUMBER:
            return self.write(node.operand)
        raise self.refusal(node, f"a cast to {node.type}")

    def text_cast(self, operand: str) -> str:
        """Return an operand as a text."""
        return f"CAST({operand} AS text)"

    def _call(self, node: Call) -> str:
        if len(node.name) > 1:
            raise self.refusal(node, f"the function {'.'.join(node.name)}()", "run it in a step: call")
        for form in self.functions.get(node.name[0], ()):
            if "{}" in form or form.count("{") == len(node.arguments):
                arguments = self.arguments(node)
                return form.replace("{}", ", ".join(arguments)) if "{}" in form else form.format(*arguments)
        raise self.refusal(node, f"{node.name[0]}() with {len(node.arguments)} arguments")

    def arguments(self, node: Call) -> list[str]:
        """Return the arguments of a function."""
        return self.alike(node.arguments)

    def _case(self, node: Case, wanted: str | None) -> str:
        compared = [node.compared] if node.compared else []
        conditions = (
            self.compared((*compared, *node.conditions)) if compared else list(map(self.write, node.conditions))
        )
        first = f" {conditions.pop(0)}" if compared else ""
        results = self.alike(node.results, wanted)
        whens = "".join(f" WHEN {each} THEN {results.pop(0)}" for each in conditions)
        return f"(CASE{first}{whens}{f' ELSE {results[0]}' if results else ''} END)"

    def alike(self, nodes: Sequence[Node], wanted: str | None = "") -> list[str]:
        """Return values that have one type; those that are texts in quotes take that of the others."""
        kinds = [self.meaning.kind(node) for node in nodes]
        common = next((kind for kind in kinds if kind != ""), wanted)
        return [self.write(node, common) for node in nodes]

    def compared(self, nodes: Sequence[Node]) -> list[str]:
        """Return values that are compared with each other."""
        return self.alike(nodes)

    def _operation(self, node: Operation) -> str:
        operator, operands = node.operator, node.operands
        if operator in ("and", "or"):
            return f"({f' {operator.upper()} '.join(map(self.write, operands))})"
        if operator == "exists":
            return f"EXISTS {self.write(operands[0])}"
        if operator in ("in", "not in"):
            first, *others = self.compared(operands)
            listed = others[0] if isinstance(operands[1], Query) else f"({', '.join(others)})"
            return f"({first} {operator.upper()} {listed})"
        return self._formed(node)

    def _formed(self, node: Operation) -> str:
        operator, operands = node.operator, node.operands
        form = self.operators.get(operator)
        if form is None:
            raise self.refusal(node, operator.upper())
        if operator.endswith("like"):
            pattern = operands[1]
            if isinstance(pattern, Operation) and pattern.operator == "escape":
                form = form.partition(" ESCAPE ")[0] + " ESCAPE {2}"
                operands = (operands[0], *pattern.operands)
            written = self.compared(operands)
        elif operator == "||":
            written = list(map(self.as_text, operands))
        elif len(operands) > 1:
            written = self.compared(operands)
        else:
            written = [self.write(operands[0])]
        # A form that is the call of a function needs no more parentheses.
        sql = form.format(*written)
        return sql if form.endswith(")") and form.partition("(")[0].isalpha() else f"({sql})"

    def _query(self, node: Query) -> str:
        columns = ", ".join(map(self.write, node.columns)) or "1"
        tables = ", ".join(f"{self.table(each)} AS {self.name(each.alias)}" for each in node.tables)
        conditions = " AND ".join(map(self.write, node.others))
        return f"SELECT {columns}{tables and f' FROM {tables}'}{conditions and f' WHERE {conditions}'}"  # noqa: S608  # written of parts that are

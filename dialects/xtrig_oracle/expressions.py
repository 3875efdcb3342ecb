"""Expressions of a definition as Oracle's SQL and PL/SQL: read as what they say, and written from that.

What is not understood whole, or would mean something else to Oracle, raises :class:`Untranslated`. Three things differ
in silence and are written out: ``''`` is NULL to Oracle, so that ``||`` takes NULL for an empty text; LIKE has no
escape of its own; a name is kept in capitals.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from xtrig.expressions.kinds import BOOLEAN, MOMENT, NUMBER, TEXT, UNZONED, kind_of
from xtrig.expressions.meaning import Columns, Meaning
from xtrig.expressions.parser import Unread, read
from xtrig.expressions.tree import Call, Case, Cast, Column, FactNode, Literal, Node, Operation, Query, Table
from xtrig.plugin import Fact, FactCall, Placeholder, Spelling, parse_template, tokens
from xtrig.sqltokens import significant
from xtrig_oracle.printing import (
    ATOM,
    OPERAND,
    PORTABLE,
    Printer,
    Untranslated,
    check_words,
    flat,
    is_pattern_of_names,
)
from xtrig_oracle.words import FUNCTIONS, folded, name, qualified, text, words

Spelt = Callable[[Fact], Spelling]


@dataclass(frozen=True, slots=True)
class Written:
    """An expression as Oracle reads it; ``is_sql`` if PL/SQL has no such expression, as with a sub-select."""

    sql: str
    is_sql: bool


_MOMENT = "'YYYY-MM-DD HH24:MI:SS.FF6TZH:TZM'"
_NAMES = frozenset((Fact.LOGIN_USER, Fact.CURRENT_USER, Fact.OBJECT_SCHEMA, Fact.OBJECT_IDENTITY))
"""Facts that are names of objects or users: a text that is compared with one is a name, too."""
_OF_TEXT = frozenset(("lower", "upper", "trim", "btrim", "ltrim", "rtrim", "replace", "substr", "substring"))


@dataclass(frozen=True)
class Writer:
    """Writes the expressions of one trigger. ``tables`` are those of the definition, ``schemas`` where each is."""

    spelt: Spelt
    tables: Mapping[str, Columns]
    schemas: Mapping[str, str]

    def expression(self, source: str) -> Written:
        """Return an expression. Raises :class:`Untranslated`."""
        one = self._read(source)
        written = one.write(one.meaning.node, 0)
        return Written(written, one.is_sql)

    def value(self, given: str | bool | int | float | None, column: str | None = None) -> Written:
        """Return what a column of a type or an argument gets; None: an argument, whose type is not known.

        Raises :class:`Untranslated`.
        """
        if given is None:
            return Written("NULL", False)
        if isinstance(given, bool):
            if column is not None:
                raise Untranslated(f"{str(given).lower()} for a column", "write 1 or 0: 19c has no such type in SQL")
            return Written(str(given).upper(), False)
        if not isinstance(given, str):
            return Written(repr(given), False)
        one = self._read(given)
        node = one.meaning.node
        if column is not None and one.meaning.kind(node) == BOOLEAN:
            raise Untranslated("a value that is true or false", "write CASE WHEN ... THEN 1 ELSE 0 END")
        if one.is_empty(node):
            raise Untranslated("'' as a value", "write null: Oracle keeps no empty text")
        # A whole number becomes the same text under each client's NLS settings.
        is_fact = isinstance(node, FactNode) and one.meaning.kind(node) == NUMBER
        written = one.text(node) if kind_of(column or "") == TEXT and not is_fact else one.write(node, 0)
        return Written(written, one.is_sql)

    def message(self, source: str) -> Written:
        """Return a message as one text; a fact that is NULL leaves a gap, as everywhere in Oracle."""
        one = self._read("null")
        parts = parse_template(source).parts or ("",)
        written = [one.text(FactNode(0, part)) if isinstance(part, Placeholder) else text(part) for part in parts]
        return Written(" || ".join(written), one.is_sql)

    def _read(self, source: str) -> _One:
        found = significant(tokens(source, placeholders=True))
        check_words(found)
        try:
            node = read(source)
        except Unread as error:
            raise Untranslated(f"it is not read {error}", PORTABLE) from None
        return _One(source, Meaning(node, self.tables, self.schemas, words()), self)


@dataclass
class _One(Printer):
    """One expression as it is written."""

    said: str
    meaning: Meaning
    writer: Writer
    is_sql: bool = False

    def is_empty(self, node: Node) -> bool:
        """Whether a part is the empty text."""
        return isinstance(node, Literal) and not node.type and not node.text and self._is_quoted(node)

    def _is_quoted(self, node: Literal) -> bool:
        return self.said[node.at : node.at + 1] == "'"

    def literal(self, node: Literal) -> str:
        if node.type == BOOLEAN:
            # SQL has no TRUE in 19c, and PL/SQL takes this as well.
            return f"({'1 = 1' if node.text == 'true' else '1 = 0'})"
        if node.type:
            return node.text
        if not self._is_quoted(node):
            return "NULL"
        if not node.text:
            raise Untranslated("'' is NULL to Oracle", "write IS NULL, or coalesce(..., '') beside ||")
        return text(node.text)

    def fact(self, node: FactNode) -> str:
        part = node.fact
        fact, argument = (part.fact, part.argument) if isinstance(part, FactCall) else (part, "")
        sql = self.writer.spelt(fact).sql.replace("{}", text(argument))
        self.is_sql |= "SELECT" in sql
        return sql

    def column(self, node: Column) -> tuple[int, str]:
        if not self.depth or "*" in node.name:
            raise Untranslated(f"{'.'.join(node.name)} is no fact and no column of a sub-select", PORTABLE)
        return ATOM, ".".join(map(name, node.name))

    def call(self, node: Call) -> tuple[int, str]:
        word = node.name[-1]
        if node.name == ("position",) and len(node.arguments) == 2:
            part, whole = (self.write(each, OPERAND) for each in node.arguments)
            return ATOM, f"INSTR({whole}, {part})"
        if node.name == ("split_part",) and _is_verb(node.arguments):
            return ATOM, "ORA_SYSEVENT"
        if len(node.name) > 1 or node.is_form or word not in FUNCTIONS:
            raise Untranslated(f"{'.'.join(node.name)}() is not translated", PORTABLE)
        if not node.arguments:
            if word != "count":
                raise Untranslated(f"{word}() without arguments", PORTABLE)
            return ATOM, "COUNT(*)"
        if word in ("substr", "substring"):
            start = node.arguments[1] if len(node.arguments) > 1 else None
            if not _is_positive(start):
                raise Untranslated(f"{word}() from a computed place, or from before the first", "write a number from 1")
        if word == "btrim" and len(node.arguments) > 1:
            raise Untranslated("btrim() of other characters than blanks", "write ltrim(rtrim(text, set), set)")
        written = [self.write(each, 0) for each in node.arguments]
        return ATOM, f"{FUNCTIONS[word]}({', '.join(written)})"

    def case(self, node: Case) -> str:
        if self.meaning.kind(node) == BOOLEAN:
            raise Untranslated("CASE that is true or false", "write it with AND, OR and NOT")
        return super().case(node)

    def cast(self, node: Cast) -> str:
        # The tree keeps no size: varchar(3) cuts, and numeric(3) rounds.
        if node.type.lower() != "text":
            raise Untranslated(f"a cast to {node.type}", "leave it out, or cast to text")
        return self.text(node.operand)

    def text(self, node: Node) -> str:
        """Return a part as a text that no NLS parameter of a client's moves."""
        kind = self.meaning.kind(node)
        if kind == MOMENT:
            return f"TO_CHAR({self.write(node, 0)}, {_MOMENT})"
        if kind == NUMBER:
            return f"TO_CHAR({self.write(node, 0)})"
        if kind not in (TEXT, "", None):
            raise Untranslated(f"a {kind} as a text", "leave it out")
        return self.write(node, OPERAND)

    def query(self, node: Query) -> str:
        self.is_sql = True
        return super().query(node)

    def source(self, node: Query) -> str:
        return ", ".join(map(self._table, node.tables)) or "DUAL"

    def _table(self, node: Table) -> str:
        *schema, word = node.name
        if len(schema) > 1 or (not schema and word not in self.writer.schemas):
            raise Untranslated(f"table {'.'.join(node.name)}", "write schema.table, or declare it under tables:")
        sql = f"{name(schema[0])}.{name(word)}" if schema else qualified(self.writer.schemas[word], word)
        return sql if node.alias == word else f"{sql} {name(node.alias)}"

    def operation(self, node: Operation) -> tuple[int, str]:
        if node.operator == "%":
            self._check_numbers(node)
            return ATOM, f"MOD({', '.join(self.write(each, 0) for each in node.operands)})"
        if node.operator == "/":
            raise Untranslated("the operator /", "write it for each dialect: whole numbers divide otherwise")
        return super().operation(node)

    def counted(self, node: Operation, plain: str) -> tuple[int, str]:
        self._check_numbers(node)
        return super().counted(node, plain)

    def _check_numbers(self, node: Operation) -> None:
        if any(self.meaning.kind(each) not in (NUMBER, "", None) for each in node.operands):
            raise Untranslated(f"{node.operator} of other things than numbers", PORTABLE)

    def compared(self, operands: Sequence[Node]) -> list[str]:
        """Return operands of a comparison. Beside a name a text is written as Oracle keeps names."""
        kinds = {self.meaning.kind(each) for each in operands}
        if BOOLEAN in kinds:
            raise Untranslated("a comparison of what is true or false", "write the condition alone, or NOT before it")
        if {MOMENT, UNZONED} & kinds and "" in kinds:
            raise Untranslated("a time compared with a text", "write ${hour('Asia/Seoul')} or ${weekday('Asia/Seoul')}")
        is_named = any(isinstance(each, FactNode) and each.fact in _NAMES for each in operands)
        return [self._name(each) if is_named else self.write(each, OPERAND) for each in operands]

    def _name(self, node: Node) -> str:
        if isinstance(node, Literal) and self._is_quoted(node) and node.text:
            return text(".".join(map(_folded_pattern, node.text.split("."))))
        return self.write(node, OPERAND)

    def distinct(self, node: Operation) -> str:
        left, right = self.compared(node.operands)
        # Without CASE it would be NULL, and not false, for one that is NULL.
        same = f"CASE WHEN {left} = {right} OR {left} IS NULL AND {right} IS NULL THEN 1 ELSE 0 END"
        return f"{same} = {1 if 'not' in node.operator else 0}"

    def truth(self, node: Operation) -> str:
        asked = self.write(node.operands[0], 0)
        if "false" in node.operator:
            asked = f"NOT ({asked})"
        return f"CASE WHEN {asked} THEN 1 ELSE 0 END = {0 if 'not' in node.operator else 1}"

    def escape(self, pattern: Node) -> str:
        return " ESCAPE '\\'" if not isinstance(pattern, Literal) or "\\" in pattern.text else ""

    def joined(self, node: Operation) -> tuple[int, str]:
        parts = flat(node)
        written = [self._part(each) for each in parts]
        joined = " || ".join(written)
        missing = dict.fromkeys(w for each, w in zip(parts, written, strict=True) if self._may_be_null(each))
        if not missing:
            return OPERAND, joined
        # Oracle takes NULL for an empty text here.
        return ATOM, f"CASE WHEN {' AND '.join(f'{each} IS NOT NULL' for each in missing)} THEN {joined} END"

    def _part(self, node: Node) -> str:
        if isinstance(node, Call) and node.name == ("coalesce",) and self.is_empty(node.arguments[-1]):
            kept = [self.text(each) for each in node.arguments[:-1]]
            return kept[0] if len(kept) == 1 else f"COALESCE({', '.join(kept)})"
        return self.text(node)

    def _may_be_null(self, node: Node) -> bool:
        match node:
            case Literal():
                return not node.type and not self._is_quoted(node)
            case FactNode():
                fact = node.fact.fact if isinstance(node.fact, FactCall) else node.fact
                return bool(self.writer.spelt(fact).null)
            case Call() if node.name == ("coalesce",):
                return all(map(self._may_be_null, node.arguments))
            case Call() if node.name[-1] in _OF_TEXT:
                return any(map(self._may_be_null, node.arguments))
            case Cast():
                return self._may_be_null(node.operand)
            case Operation() if node.operator in ("||", "+", "-", "*"):
                return any(map(self._may_be_null, node.operands))
            case _:
                return True


def _is_positive(node: Node | None) -> bool:
    """Whether a number is 1 or more: written so, or a length and such a number."""
    match node:
        case Literal(type="integer", text=digits):
            return bool(digits.strip("0"))
        case Operation(operator="+", operands=(Call(name=("length",)), other)):
            return _is_positive(other)
        case _:
            return False


def _is_verb(arguments: Sequence[Node]) -> bool:
    """Whether it is the first word of the command's tag."""
    match arguments:
        case (FactNode(fact=Fact.COMMAND_TAG), Literal(text=" "), Literal(text="1")):
            return True
        case _:
            return False


def _folded_pattern(word: str) -> str:
    """Return a name, or a pattern of LIKE for names, as Oracle keeps names."""
    return word.upper() if word == word.lower() and is_pattern_of_names(word) else folded(word)

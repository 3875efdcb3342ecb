"""Trees of the portable language as its text, where Oracle's meaning is kept: NULL beside ``||``, names, verbs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from xtrig.expressions.tree import Call, Case, Cast, Column, FactNode, Literal, Node, Operation, Query, Table
from xtrig.plugin import Fact, Token, literal
from xtrig_oracle.ddl import ALONE
from xtrig_oracle.printing import ATOM, COMPARISONS, CONDITION, OPERAND, Printer, Untranslated, flat
from xtrig_oracle.reading.counterparts import NAMES, NOTES, NULLABLE, OBJECT_NAME, TYPES, VERBS
from xtrig_oracle.reading.recognised import IDENTITY, KEEP, OF_EVENT, TEXT, Known, is_view, parsed, plain_name, unknown

_CAPITALS = "names: Oracle keeps them in capitals, a definition as they are written"
_FUNCTIONS = frozenset(
    "upper lower trim ltrim rtrim replace length abs round floor ceil mod sign coalesce nullif count min max "
    "sum".split()
)
_CLOCK = frozenset("to_char to_date to_number to_timestamp trunc extract add_months".split())
CALLS = _FUNCTIONS | _CLOCK | frozenset("nvl nvl2 decode instr substr substrb to_char".split())
"""Functions of Oracle's that do nothing but give a value."""


def translated(words: Sequence[Token], known: Known) -> str:
    """Return an expression in the portable language. Raises :class:`Untranslated` with its place in the script."""
    return written(parsed(words, known), known)


def written(node: Node, known: Known) -> str:
    """Return the text of a tree. Raises :class:`Untranslated`."""
    return Translation(known).write(node, 0)


def message(node: Node, known: Known) -> str:
    """Return a text, made of literals and facts, as a message. Raises :class:`Untranslated`."""
    one = Translation(known)
    return "".join(one.message_part(each) for each in flat(node))


class Translation(Printer):
    """Writes expressions of one trigger."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self.in_capitals = False
        """Whether names are compared as Oracle keeps them: a part of one, such as ``SUBSTR(USER, 1, 3)``."""

    def message_part(self, node: Node) -> str:
        """Return a part of a message: plain text, or a fact in ``${}``."""
        match node:
            case Literal(type="text"):
                return node.text.replace("${", "$${")
            case Literal():
                return "" if node.text == "null" else node.text
            case FactNode():
                return self.fact(node)
            case Call(name=("coalesce" | "nvl",), arguments=(FactNode() as fact, Literal(text="", type="text"))):
                return self.fact(fact)
            case Call(name=("to_char",), arguments=(inner,)):
                return self.message_part(inner)
            case Column(name=(word,)) if word in OF_EVENT:
                known = self.known
                if word == "ora_sysevent" and known.is_ours:
                    return f"${{{Fact.NATIVE_EVENT}}}"
                if word == "ora_sysevent" and (known.event.is_session or len(known.verbs) == 1):
                    return self.column(node)[1].strip("'")
                if word == "ora_sysevent":
                    known.note("the command in a message: with the kind of its object", node.at)
                    return "${command_tag}"
                if word == "ora_dict_obj_type" and known.in_items:
                    return "${object_type}"
        raise Untranslated("a message of other things than texts and facts", "make it of those", node.at)

    def literal(self, node: Literal) -> str:
        if node.type != TEXT:
            return node.text
        # '' is NULL to Oracle.
        return quoted(node.text) if node.text else "null"

    def fact(self, node: FactNode) -> str:
        if isinstance(node.fact, Fact) and node.fact in NOTES:
            self.known.note(NOTES[node.fact], node.at)
        if self.in_capitals and node.fact in NAMES:
            self.known.note(_CAPITALS, node.at)
            return f"upper(${{{node.fact}}})"
        return f"${{{node.fact}}}"

    def column(self, node: Column) -> tuple[int, str]:
        word = node.name[0]
        if len(node.name) > 1 or word not in OF_EVENT:
            if self.depth and "*" not in node.name:
                return ATOM, ".".join(node.name)
            raise unknown(".".join(node.name), node.at)
        known = self.known
        if known.is_ours and word == "ora_sysevent":
            return ATOM, f"${{{Fact.NATIVE_EVENT}}}"
        if known.event.is_session:
            if word == "ora_sysevent":
                return ATOM, quoted(str(known.event).upper())
            raise Untranslated(f"{word} at {known.event}", "leave it out: there is no object", node.at)
        if word == "ora_sysevent":
            if known.verbs and set(known.verbs) <= ALONE:
                return ATOM, "${command_tag}"
            return ATOM, quoted(known.verbs[0].upper()) if len(
                known.verbs
            ) == 1 else "split_part(${command_tag}, ' ', 1)"
        if not known.in_items:
            raise Untranslated(f"{word} before the object is known", KEEP, node.at)
        if word == "ora_dict_obj_type":
            return ATOM, "upper(${object_type})"
        known.note(IDENTITY, node.at)
        return ATOM, OBJECT_NAME

    def call(self, node: Call) -> tuple[int, str]:
        word, arguments = node.name[-1], node.arguments
        if word in ("upper", "lower") and self.in_capitals:
            with self._capitals(is_on=False):
                return self.call(node)
        match word, len(arguments):
            case "nvl", 2:
                return ATOM, f"coalesce({self._listed(arguments)})"
            case "nvl2", 3:
                tested = f"{self.write(arguments[0], OPERAND)} IS NOT NULL"
                return (
                    ATOM,
                    f"CASE WHEN {tested} THEN {self.write(arguments[1], 0)} ELSE {self.write(arguments[2], 0)} END",
                )
            case "decode", _ if len(arguments) > 2:
                return ATOM, self._decode(arguments)
            case "instr", 2:
                return ATOM, f"position({self.write(arguments[1], OPERAND)} IN {self.write(arguments[0], OPERAND)})"
            case "substr", 2 | 3:
                start = arguments[1]
                if not (isinstance(start, Literal) and start.type == "integer" and start.text.strip("0")):
                    raise Untranslated("substr() from a computed place", KEEP, node.at)
                return ATOM, f"substr({self._listed(arguments)})"
            case "replace", 2:
                return ATOM, f"replace({self._listed(arguments)}, '')"
            case "substrb", 3:
                return ATOM, self.write(arguments[0], ATOM)
            case "to_char", 1 if not _is_now(arguments[0]):
                return ATOM, f"CAST({self.write(arguments[0], 0)} AS text)"
            case _ if word in _CLOCK:
                instead = "ask for ${hour('Asia/Seoul')} or ${weekday('Asia/Seoul')}, with the zone of the server"
                raise Untranslated(f"{word}(), which reads the server's clock or NLS settings", instead, node.at)
            case "count", 0:
                return ATOM, "count(*)"
            case _ if len(node.name) > 1 or node.is_form or word not in _FUNCTIONS:
                raise Untranslated(f"{'.'.join(node.name)}()", KEEP, node.at)
        return ATOM, f"{word}({self._listed(arguments)})"

    def _listed(self, nodes: Sequence[Node]) -> str:
        return ", ".join(self.write(each, 0) for each in nodes)

    def _decode(self, arguments: Sequence[Node]) -> str:
        first, *rest = arguments
        pieces = []
        for when, then in zip(rest[0::2], rest[1::2], strict=False):
            is_value = isinstance(when, Literal) and when.text not in ("", "null")
            # To DECODE two NULLs are equal.
            operator = "=" if is_value else "is not distinct from"
            asked = self.operation(Operation(when.at, operator, (first, when)))[1]
            pieces.append(f"WHEN {asked} THEN {self.write(then, 0)}")
        if len(rest) % 2:
            pieces.append(f"ELSE {self.write(rest[-1], 0)}")
        return f"CASE {' '.join(pieces)} END"

    def cast(self, node: Cast) -> str:
        raise Untranslated(f"a cast to {node.type}", KEEP, node.at)

    def source(self, node: Query) -> str:
        return ", ".join(map(self._table, node.tables))

    def _table(self, node: Table) -> str:
        word = node.name[-1]
        if is_view(node):
            raise Untranslated(f"the view {'.'.join(node.name)} of Oracle's", KEEP, node.at)
        return word if node.alias == word else f"{word} {node.alias}"

    def operation(self, node: Operation) -> tuple[int, str]:
        plain = node.operator.removeprefix("not ")
        first = node.operands[0]
        is_compared = plain in (*COMPARISONS, "in", "like", "between") and not (
            self.known.event.is_session or self.known.is_ours
        )
        if is_compared and isinstance(first, Column) and first.name in (("ora_sysevent",), ("ora_dict_obj_type",)):
            return self._of_attribute(node, first.name[0])
        if plain in COMPARISONS and isinstance(first, Case) and (asked := _asked(node, first)) is not None:
            return self.written(asked)
        return super().operation(node)

    def _of_attribute(self, node: Operation, word: str) -> tuple[int, str]:
        """Return a comparison of the command, or of the kind of its object."""
        others = node.operands[1:]
        is_list = all(isinstance(each, Literal) and each.type == TEXT for each in others)
        if not is_list or node.operator not in ("=", "<>", "!=", "in", "not in"):
            raise Untranslated(f"{word} compared with other things than texts", KEEP, node.at)
        texts = [each.text for each in others if isinstance(each, Literal)]
        known = {each.upper() for each in VERBS} if word == "ora_sysevent" else TYPES
        for each in dict.fromkeys(texts):
            if each not in known:
                self.known.note(f"{each}: no DDL trigger of another vendor fires for that", node.at)
        found = [each for each in texts if each in known]
        if not found:
            return ATOM, "true" if node.operator in ("<>", "!=", "not in") else "false"
        written = " OR ".join(VERBS[each.lower()] for each in found) if word == "ora_sysevent" else self._types(found)
        is_one = " OR " not in written
        if node.operator in ("<>", "!=", "not in"):
            return 3, f"NOT {written}" if is_one else f"NOT ({written})"
        return (CONDITION, written) if is_one else (1, written)

    def _types(self, texts: Sequence[str]) -> str:
        types = [TYPES[each] for each in texts]
        if self.known.in_items:
            listed = ", ".join(f"'{each}'" for each in types)
            return f"${{object_type}} IN ({listed})" if len(types) > 1 else f"${{object_type}} = {listed}"
        known = ("create", "alter", "drop")
        verbs = [each for each in self.known.verbs or known if each in known]
        tags = [f"'{verb.upper()} {each.upper()}'" for verb in verbs for each in types]
        if "create" in verbs and "table" in types:
            tags += ["'CREATE TABLE AS'", "'SELECT INTO'"]
        if not tags:
            raise Untranslated("the kind of an object, which is in no tag of these commands", KEEP)
        return f"${{command_tag}} IN ({', '.join(tags)})"

    @contextmanager
    def _capitals(self, *, is_on: bool) -> Iterator[None]:
        before, self.in_capitals = self.in_capitals, is_on
        yield
        self.in_capitals = before

    def compared(self, operands: Sequence[Node]) -> list[str]:
        """Return operands; beside a name a text in capitals is the name that a definition has for it."""
        if any(isinstance(each, FactNode) and each.fact in NAMES for each in operands):
            with self._capitals(is_on=False):
                return [self._name(each) for each in operands]
        of_columns = self.depth and all(isinstance(each, FactNode | Column) for each in operands)
        for each in operands:
            if _is_now(each) and not of_columns:
                raise Untranslated("a comparison of times", "ask for ${hour('Asia/Seoul')}", each.at)
            if isinstance(each, Literal) and each.type == TEXT and not each.text:
                raise Untranslated("a comparison with '', which is never true", "write IS NULL", each.at)
        with self._capitals(is_on=not self.known.is_ours):
            return [self.write(each, OPERAND) for each in operands]

    def _name(self, node: Node) -> str:
        if isinstance(node, Literal) and node.type == TEXT:
            self.known.note(_CAPITALS, node.at)
            return quoted(plain_name(node))
        if self.depth and isinstance(node, Column | FactNode):
            # The rows may come from Oracle, or be written by the trigger.
            return f"upper({self.write(node, 0)})"
        return self.write(node, OPERAND)

    def among(self, left: Node, query: Query, negated: str) -> str:
        if not (isinstance(left, FactNode) and left.fact in NAMES):
            return super().among(left, query, negated)
        column = query.columns[0]
        upper = replace(query, columns=(Call(column.at, ("upper",), (column,)), *query.columns[1:]))
        return f"upper({self.fact(left)}) {negated}IN ({self.query(upper)})"

    def distinct(self, node: Operation) -> str:
        one, other = self.compared(node.operands)
        return f"{one} {node.operator.upper()} {other}"

    def truth(self, node: Operation) -> str:
        return f"({self.write(node.operands[0], 0)}) {node.operator.upper()}"

    def escape(self, pattern: Node) -> str:
        if not isinstance(pattern, Literal):
            raise Untranslated("LIKE with a computed pattern", KEEP, pattern.at)
        if "\\" in pattern.text:
            raise Untranslated(r"LIKE with a \, which escapes elsewhere", r"write ESCAPE '\'", pattern.at)
        return ""

    def joined(self, node: Operation) -> tuple[int, str]:
        parts = flat(node)
        if self._is_identity(parts):
            self.known.note(IDENTITY, node.at)
            return ATOM, "${object_identity}"
        return OPERAND, " || ".join(map(self._part, parts))

    def _is_identity(self, parts: Sequence[Node]) -> bool:
        """Whether it is the owner and the name of the object with a dot between them."""
        match parts:
            case [FactNode(fact=Fact.OBJECT_SCHEMA), Literal(text="."), Column(name=("ora_dict_obj_name",))]:
                return self.known.in_items
            case _:
                return False

    def _part(self, node: Node) -> str:
        """Return a part of a ``||``, in which NULL is an empty text to Oracle."""
        if isinstance(node, Literal):
            return self.write(node, OPERAND) if node.text else "''"
        if _is_now(node):
            raise Untranslated("a time as a text", "give it a column of its own", node.at)
        text = self.write(node, OPERAND)
        is_whole = isinstance(node, FactNode) and node.fact not in NULLABLE
        return text if is_whole or text.startswith("'") else f"coalesce({text}, '')"


def quoted(text: str) -> str:
    """Return a text as a literal of a definition."""
    return literal(text, backslash_escapes=False).replace("${", "$${")


def _is_now(node: Node) -> bool:
    return any(isinstance(each, FactNode) and each.fact is Fact.NOW for each in node.walk())


def _asked(node: Operation, case: Case) -> Node | None:
    """Return what is asked with a CASE that is 1 or 0, compared with 1 or 0."""
    other = node.operands[1]
    values = [each.text for each in case.results if isinstance(each, Literal)]
    if values != ["1", "0"] or len(case.conditions) != 1 or case.compared or not isinstance(other, Literal):
        return None
    (condition,) = case.conditions
    match node.operator, other.text:
        case (("=" | ">="), "1") | ((">" | "<>" | "!="), "0"):
            return condition
        case (("=" | "<="), "0") | (("<" | "<>" | "!="), "1"):
            # NOT alone would be NULL where the condition is.
            is_sure = isinstance(condition, FactNode)
            return Operation(node.at, "not" if is_sure else "is not true", (condition,))
        case _:
            return None

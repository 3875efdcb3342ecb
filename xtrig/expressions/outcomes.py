"""What a condition comes to where a fact is NULL, and where it is none of the values that the condition names."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from itertools import product

from xtrig.expressions.tree import Call, Case, Cast, FactNode, Literal, Node, Operation, Query
from xtrig.facts import Fact, FactCall


class Value(Enum):
    """What is known of a value: a truth value, NULL, one that the condition does not name, or nothing."""

    TRUE = "true"
    FALSE = "false"
    NULL = "null"
    OTHER = "other"
    ANY = "any"


Outcome = Value | str
"""A value of which all that matters is known; a text is a constant."""
Outcomes = frozenset[Outcome]

TRUE, FALSE, NULL, OTHER, ANY = Value.TRUE, Value.FALSE, Value.NULL, Value.OTHER, Value.ANY
_EITHER: Outcomes = frozenset((TRUE, FALSE))
_TESTS = {"is null": NULL, "is unknown": NULL, "is true": TRUE, "is false": FALSE}
_TESTS_NOT = {"is not null": NULL, "is not unknown": NULL, "is not true": TRUE, "is not false": FALSE}
_EQUAL, _UNEQUAL = frozenset(("=",)), frozenset(("<>", "!=", "!~", "!~*", "!~~", "!~~*"))
_ORDERED = frozenset(("<", ">", "<=", ">=", "between"))
_PLACES = frozenset(("position", "strpos", "instr"))
_TAKE_NULL = frozenset(("concat", "concat_ws"))


def fact_of(node: Node) -> Fact | None:
    """Return the fact that a node is, also in another type."""
    while isinstance(node, Cast):
        node = node.operand
    if not isinstance(node, FactNode):
        return None
    return node.fact.fact if isinstance(node.fact, FactCall) else node.fact


def outcomes(node: Node, fact: Fact, value: Value) -> Outcomes:
    """Return what an expression may come to where ``fact`` is ``value``: NULL, or OTHER than all that is named."""
    return _Outcomes(fact, value).of(node)


class _Outcomes:
    def __init__(self, fact: Fact, value: Value) -> None:
        self._fact, self._value = fact, value

    def of(self, node: Node) -> Outcomes:
        match node:
            case Literal():
                return frozenset((_constant(node),))
            case FactNode():
                return frozenset((self._value if fact_of(node) is self._fact else ANY,))
            case Cast():
                return self.of(node.operand)
            case Case():
                return self._case(node)
            case Operation():
                return self._operation(node)
            case Call():
                return self._call(node)
            case Query():
                # Without a row a sub-select is NULL, a count 0.
                counts = any(isinstance(each, Call) and each.name[-1] == "count" for each in node.columns)
                none: Outcome = "0" if counts else NULL
                return self._of_all(node.columns) or frozenset((ANY,)) if self._has_rows(node) else frozenset((none,))
            case _:
                return frozenset((ANY,))

    def truths(self, node: Node) -> Outcomes:
        """Return which of TRUE, FALSE and NULL a condition may come to."""
        return frozenset(truth for each in self.of(node) for truth in _truths(each))

    def _of_all(self, nodes: Iterable[Node]) -> Outcomes:
        return frozenset().union(*map(self.of, nodes))

    def _has_rows(self, query: Query) -> bool:
        return all(isinstance(each, Query) or TRUE in self.truths(each) for each in query.others)

    def _case(self, node: Case) -> Outcomes:
        found: set[Outcome] = set()
        for number, condition in enumerate(node.conditions):
            if node.compared is not None:
                condition = Operation(condition.at, "=", (node.compared, condition))  # what it means
            truths = self.truths(condition)
            if TRUE in truths:
                found |= self.of(node.results[number])
            if truths == {TRUE}:
                return frozenset(found)
        has_else = len(node.results) > len(node.conditions)
        return frozenset(found | (self.of(node.results[-1]) if has_else else {NULL}))

    def _call(self, node: Call) -> Outcomes:
        name, values = node.name[-1], [self.of(each) for each in node.arguments]
        if name == "coalesce":
            found: set[Outcome] = set()
            for each in values:
                found |= each - {NULL}
                if NULL not in each:
                    return frozenset(found)
            return frozenset(found | {NULL})
        if name == "nullif" and len(values) == 2:
            return frozenset(
                result
                for left, right in product(*values)
                for truth in _equal(left, right)
                for result in ([NULL] if truth is TRUE else [left])
            )
        if name in _TAKE_NULL:
            return frozenset((ANY,))
        mixed = _mixed(values)
        # What the condition does not name does not stand in it, nor it in that.
        return frozenset("0" if each is OTHER and name in _PLACES else each for each in mixed)

    def _operation(self, node: Operation) -> Outcomes:
        operator, operands = node.operator, node.operands
        if operator in ("and", "or"):
            return _joined(operator, [self.truths(each) for each in operands])
        if operator == "not":
            return _negated(self.truths(operands[0]))
        if operator == "exists":
            return frozenset((TRUE if all(isinstance(e, Query) and self._has_rows(e) for e in operands) else FALSE,))
        if wanted := _TESTS.get(operator) or _TESTS_NOT.get(operator):
            values = self.of(operands[0]) if wanted is NULL else self.truths(operands[0])
            found = frozenset(truth for each in values for truth in _is(each, wanted))
            return _negated(found) if operator in _TESTS_NOT else found
        if operator in ("is distinct from", "is not distinct from"):
            left, right = map(self.of, operands)
            same = frozenset(
                truth
                for a, b in product(left, right)
                for truth in (
                    (_EITHER if ANY in (a, b) else {TRUE if a is b else FALSE}) if NULL in (a, b) else _equal(a, b)
                )
            )
            return same if operator == "is not distinct from" else _negated(same)
        return self._compared(operator, [self.of(each) for each in operands])

    def _compared(self, operator: str, values: list[Outcomes]) -> Outcomes:
        if operator.startswith("not "):
            return _negated(self._compared(operator.removeprefix("not "), values))
        if operator in _UNEQUAL:
            return _negated(self._compared("=", values))
        if operator in _EQUAL and len(values) == 2:
            return frozenset(truth for left, right in product(*values) for truth in _equal(left, right))
        if operator == "in":
            return _joined("or", [self._compared("=", [values[0], each]) for each in values[1:]])
        mixed = _mixed(values)
        if operator in _ORDERED:
            known = set() if mixed == {NULL} else set(_EITHER)
            if operator != "between" and len(values) == 2 and OTHER not in mixed:
                known = {truth for left, right in product(*values) for truth in _ordered(operator, left, right)}
            return frozenset(known | (mixed & {NULL}))
        return mixed


def _constant(node: Literal) -> Outcome:
    if node.is_quoted or node.type not in ("", "boolean"):
        return node.text
    return {"null": NULL, "true": TRUE, "false": FALSE}.get(node.text.lower(), node.text)


def _truths(value: Outcome) -> Outcomes:
    """Return which truth values a value may be; what knows none of the words of a condition is none of them."""
    if value in (TRUE, FALSE, NULL):
        return frozenset((value,))
    return frozenset((FALSE,)) if value is OTHER else _EITHER


def _negated(truths: Outcomes) -> Outcomes:
    turned: dict[Outcome, Outcome] = {TRUE: FALSE, FALSE: TRUE}
    return frozenset(turned.get(each, each) for truth in truths for each in _truths(truth))


def _joined(word: str, parts: list[Outcomes]) -> Outcomes:
    decisive, rest = (FALSE, TRUE) if word == "and" else (TRUE, FALSE)
    found: set[Outcome] = {decisive} if any(decisive in part for part in parts) else set()
    if all(part - {decisive} for part in parts):
        if any(NULL in part for part in parts):
            found.add(NULL)
        if all(rest in part for part in parts):
            found.add(rest)
    return frozenset(found)


def _mixed(values: list[Outcomes]) -> Outcomes:
    """Return what an operator or function makes of its operands that is NULL where one of them is."""
    known = [frozenset((ANY,)), *values]
    found: set[Outcome] = {NULL} if any(NULL in each for each in known) else set()
    if all(each - {NULL} for each in known):
        found.add(OTHER if any(OTHER in each for each in known) else ANY)
    return frozenset(found)


def _is(value: Outcome, wanted: Value) -> Outcomes:
    return _EITHER if value is ANY and wanted is not NULL else frozenset((TRUE if value is wanted else FALSE,))


def _equal(left: Outcome, right: Outcome) -> Outcomes:
    if NULL in (left, right):
        return frozenset((NULL,))
    for one, another in ((left, right), (right, left)):
        if one in (TRUE, FALSE):
            return frozenset(TRUE if each is one else FALSE for each in _truths(another))
    if OTHER in (left, right):
        return _EITHER if left is right else frozenset((FALSE,))
    return _EITHER if ANY in (left, right) else frozenset((TRUE if left == right else FALSE,))


def _ordered(operator: str, left: Outcome, right: Outcome) -> Outcomes:
    if NULL in (left, right):
        return frozenset((NULL,))
    try:
        a, b = float(str(left)), float(str(right))
    except ValueError:
        return _EITHER
    return frozenset((TRUE if {"<": a < b, ">": a > b, "<=": a <= b, ">=": a >= b}[operator] else FALSE,))

"""Denials that a missing value passes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from xtrig.dialect import Translation
from xtrig.expressions.outcomes import Value, fact_of, outcomes
from xtrig.expressions.parser import Unread, read
from xtrig.expressions.tree import Call, Node, Operation
from xtrig.facts import Fact, FactCall, Item, read_fact
from xtrig.findings import Check, Finding, Path, Severity
from xtrig.model import Deny, ForEach, If, Step
from xtrig.resolve import ResolvedFunction
from xtrig.sqltokens import PLACEHOLDER, Kind, Token, significant, tokens

Condition = tuple[str, Path, Item | None]
"""An expression, where it stands, and what the for_each around it loops over."""

_UNEQUAL = frozenset(("<>", "!=", "<", ">", "<=", ">=", "!~", "!~*", "!~~", "!~~*"))


class NullPassesDenial(Check[Translation], code="XT225", severity=Severity.WARNING):
    """A deny that a fact without a value passes.

    Some facts are NULL at times: `${client_ip}` of whoever comes over a unix socket. A comparison with NULL is NULL,
    not true, and a `deny` refuses when its condition is true. So `${client_ip} <> '10.0.0.1'`, meant to let in one
    address alone, also lets in everybody who has none; so do NOT IN, NOT LIKE, `<` and `>`. `${client_ip} =
    '10.0.0.1'` is not meant for those without an address, and is no finding.

    Remedy: Write `${client_ip} is distinct from '10.0.0.1'`, give the fact a value (`coalesce(${client_ip}, '') not in
    (...)`), or say that NULL shall pass (`${client_ip} is not null and ...`).
    Source: PostgreSQL manual, Comparison Functions and Operators. Seen on 17 and 18: a deny of all addresses but one
    let a user in over the socket. When a fact is NULL is on the page of the [dialect](../dialects/index.md).
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        for function in translation.triggers.functions:
            for text, path, item in _conditions(function.steps, (*function.path, "steps"), None):
                for fact in passing(text):
                    if when := _null(translation, function, fact, item):
                        message = f"deny: ${{{fact}}} is NULL {when}, and a condition that is NULL refuses nobody"
                        remedy = f"write 'is distinct from', or coalesce(${{{fact}}}, ...) as one side"
                        yield self.finding(function.subject, message, remedy, path)


def _null(translation: Translation, function: ResolvedFunction, fact: Fact, item: Item | None) -> str:
    """Return when a fact is NULL at an event of the function; empty for never."""
    found = (translation.dialect.spelling(fact, event, item, translation.version) for event in function.events)
    return next((spelling.null for spelling in found if spelling is not None and spelling.null), "")


def _conditions(steps: Sequence[Step], path: Path, item: Item | None) -> Iterator[Condition]:
    """Yield the conditions that have to be true before a denial is reached."""
    for number, step in enumerate(steps):
        here = (*path, number)
        if step.when is not None and _denies([step]):
            yield step.when, (*here, "when"), item
        match step:
            case If():
                if _denies(step.then):
                    yield step.condition, (*here, "if"), item
                yield from _conditions(step.then, (*here, "then"), item)
                yield from _conditions(step.otherwise, (*here, "else"), item)
            case ForEach():
                yield from _conditions(step.do, (*here, "do"), step.item)
            case _:
                pass


def _denies(steps: Sequence[Step]) -> bool:
    return any(isinstance(each, Deny) for step in steps for each in step.walk())


def passing(text: str) -> Iterator[Fact]:
    """Yield the facts of a condition that keep it from being true by being NULL, where most other values make it true.

    A fact that is asked whether it is NULL, or given a value, may make a part of it false: that is what was meant.
    """
    try:
        whole = read(text)
    except (Unread, ValueError):
        yield from _passing_in_unread(text)
        return
    parts = [Operation(0, "not", (part,)) if negated else part for part, negated in _parts(whole)]
    for fact in dict.fromkeys(fact for node in whole.walk() if (fact := fact_of(node))):
        asked = {_asked(node, fact) for node in whole.walk()} - {""}
        if outcomes(whole, fact, Value.NULL) == {Value.TRUE}:
            continue
        if any(_passes(part, fact, by_choice=bool(asked)) for part in ([whole] if "is" in asked else parts)):
            yield fact


def _passes(condition: Node, fact: Fact, *, by_choice: bool) -> bool:
    """Whether NULL is let past a condition that most values make true; ``by_choice``: FALSE was meant."""
    missing, other = outcomes(condition, fact, Value.NULL), outcomes(condition, fact, Value.OTHER)
    # Where something else makes it true for all, what counts is what it may be besides.
    lost = missing - {Value.TRUE, *other} if Value.TRUE in missing else missing
    return Value.TRUE in other and bool(lost) and (Value.NULL in lost or not by_choice)


def _asked(node: Node, fact: Fact) -> str:
    """Return how a part of an expression says what shall be where the fact itself is NULL; empty: it does not."""
    match node:
        case Operation(operator="is null" | "is not null") if fact_of(node.operands[0]) is fact:
            return "is"
        case Call(name=(*_, "coalesce")) if fact_of(node.arguments[0]) is fact:
            return "coalesce"
        case _:
            return ""


def _parts(whole: Node) -> Iterator[tuple[Node, bool]]:
    """Yield what AND and OR join, and whether a NOT stands before it."""
    todo = [(whole, False)]
    while todo:
        part, negated = todo.pop()
        match part:
            case Operation(operator="and" | "or"):
                todo += [(each, negated) for each in reversed(part.operands)]
            case Operation(operator="not"):
                todo.append((part.operands[0], not negated))
            case _:
                yield part, negated


def _passing_in_unread(text: str) -> Iterator[Fact]:
    """Yield the facts of a text that only its vendor reads, if it compares for anything but equality."""
    found = significant(tokens(text, placeholders=True))
    asked = {_fact(token) for token, after in pairwise(found) if after.word == "is"}
    asked |= {
        _fact(token) for name, _, token in zip(found, found[1:], found[2:], strict=False) if name.word == "coalesce"
    }
    if any(token.word in ("not", "between") or token.text in _UNEQUAL for token in found):
        yield from (fact for fact in dict.fromkeys(map(_fact, found)) if fact is not None and fact not in asked)


def _fact(token: Token) -> Fact | None:
    match = PLACEHOLDER.fullmatch(token.text) if token.kind is Kind.PLACEHOLDER else None
    if match is None or match[1] is None:
        return None
    found = read_fact(match[1].strip())
    return found.fact if isinstance(found, FactCall) else found

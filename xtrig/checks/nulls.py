"""Denials that a missing value passes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from xtrig.dialect import Translation
from xtrig.facts import Fact, FactCall, Item, read_fact
from xtrig.findings import Check, Finding, Path, Severity
from xtrig.model import Deny, ForEach, If, Step
from xtrig.resolve import ResolvedFunction
from xtrig.sqltokens import PLACEHOLDER, Kind, Token, Tokens, group, significant, tokens

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
    """Yield the facts of a condition that make it NULL by being NULL, where most other values make it true."""
    found = significant(tokens(text, placeholders=True))
    asked = {_fact(token) for token, after in pairwise(found) if after.word == "is"}
    passed = (
        _fact(token) for part, negated in _parts(found, negated=False) if _excludes(part, negated) for token in part
    )
    yield from (fact for fact in dict.fromkeys(passed) if fact is not None and fact not in asked)


def _fact(token: Token) -> Fact | None:
    match = PLACEHOLDER.fullmatch(token.text) if token.kind is Kind.PLACEHOLDER else None
    if match is None or match[1] is None:
        return None
    found = read_fact(match[1].strip())
    return found.fact if isinstance(found, FactCall) else found


def _parts(found: Tokens, *, negated: bool) -> Iterator[tuple[Tokens, bool]]:
    """Yield what AND and OR join, and whether a NOT stands before it."""
    todo = [(found, negated)]  # no recursion: a condition may be nested deeper than Python's stack
    while todo:
        part, is_negated = todo.pop()
        joined = _split(part)
        if len(joined) > 1:
            todo += [(each, is_negated) for each in reversed(joined)]
        elif part and part[0].word == "not":
            todo.append((part[1:], not is_negated))
        elif len(part) > 1 and part[0].kind is Kind.OPEN and len(group(part, 0)) == len(part) - 2:
            todo.append((part[1:-1], is_negated))
        else:
            yield part, is_negated


def _split(found: Tokens) -> list[Tokens]:
    parts: list[list[Token]] = [[]]
    depth, between = 0, False
    for token in found:
        depth += (token.kind is Kind.OPEN) - (token.kind is Kind.CLOSE) + (token.word == "case") - (token.word == "end")
        if depth == 0 and token.word in ("and", "or") and not between:
            parts.append([])
            continue
        if depth == 0:
            between = token.word == "between" or (between and token.word != "and")
        parts[-1].append(token)
    return [tuple(part) for part in parts]


def _excludes(part: Tokens, negated: bool) -> bool:
    """Whether a comparison is true of all values but some, and NULL of NULL."""
    words = {token.word for token in part}
    if words & {"is", "coalesce"}:
        return False
    unequal = bool(words & {"not", "between"}) or any(token.text in _UNEQUAL for token in part)
    # EXISTS is never NULL: without rows it is false, and NOT EXISTS true.
    return unequal and not negated if "exists" in words else unequal or negated

"""What runs of a hand-written text, passage by passage, with the conditions and handlers around each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum

from xtrig.sqltokens import QUOTED, Kind, Token, Tokens, significant, tokens
from xtrig_pgfamily.bodies.blocks import Block, Choice, Clause, Loop, Node, Simple, read_body


class Role(Enum):
    """What a passage is."""

    STATEMENT = "statement"
    CONDITION = "condition"
    DECLARATION = "declaration"
    DYNAMIC = "dynamic"
    """The text of a command that EXECUTE runs, as far as it stands in the text."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Tokens that run together."""

    tokens: Tokens
    role: Role
    behind: tuple[Tokens, ...] = ()
    """Conditions that were tested before it can run."""
    caught: tuple[Tokens, ...] = ()
    """What the handlers around it catch."""

    known: tuple[tuple[Tokens, bool], ...] = ()
    """Conditions of IF with their result, where that is certain."""
    loops: tuple[Tokens, ...] = ()
    """What the loops around it go over."""

    @property
    def command(self) -> str:
        """The word that says what a statement does; empty for everything else, assignments too."""
        if self.role not in (Role.STATEMENT, Role.DYNAMIC) or not self.tokens:
            return ""
        after = self.tokens[1].text if len(self.tokens) > 1 else ""
        return "" if after in (":=", "=", ".", "[") else self.tokens[0].word

    @property
    def is_caught(self) -> bool:
        """Whether a handler around it catches every ordinary error."""
        return any(token.word == "others" for condition in self.caught for token in condition)


def passages(nodes: tuple[Node, ...], around: Passage | None = None) -> Iterator[Passage]:
    """Yield what runs, in the order of the text; ``around`` lends its conditions and handlers."""
    place = around or Passage((), Role.STATEMENT)
    for node in nodes:
        yield from _node(node, place)
        place = replace(place, behind=(*place.behind, *_left(node)), known=(*place.known, *_known(node)))


def _node(node: Node, place: Passage) -> Iterator[Passage]:
    match node:
        case Simple(tokens=words):
            yield from _simple(replace(place, tokens=words))
        case Choice():
            yield from _choice(node, place)
        case Loop():
            yield replace(place, tokens=node.head, role=Role.CONDITION)
            yield from passages(node.body, replace(place, loops=(*place.loops, node.head)))
        case Block():
            for declared in node.declarations:
                yield replace(place, tokens=declared, role=Role.DECLARATION)
            catches = tuple(handler.condition for handler in node.handlers)
            yield from passages(node.body, replace(place, caught=(*place.caught, *catches)))
            for handler in node.handlers:
                yield from passages(handler.body, place)


def _choice(node: Choice, place: Passage) -> Iterator[Passage]:
    yield replace(place, tokens=node.head, role=Role.CONDITION)
    known = place.known
    for clause in node.clauses:
        yield replace(place, tokens=clause.condition, role=Role.CONDITION)
        place = replace(place, behind=(*place.behind, clause.condition))
        is_sure = clause.condition and not node.head
        yield from passages(clause.body, replace(place, known=(*known, (clause.condition, True))) if is_sure else place)
        if is_sure:
            known = (*known, (clause.condition, False))
            place = replace(place, known=known)


def _simple(passage: Passage) -> Iterator[Passage]:
    yield passage
    if passage.command in ("execute", "do"):
        for token in _command_text(passage.tokens):
            found = tuple(significant(tokens(token.content)))
            inner = tuple(each._replace(start=token.start) for each in found)
            if passage.command == "do":
                yield from passages(read_body(inner), passage)
            else:
                yield replace(passage, tokens=inner, role=Role.DYNAMIC)


def _command_text(words: Tokens) -> Iterator[Token]:
    """Yield the literal with which the command of EXECUTE begins: alone, in format(), or joined to others."""
    for token in words[1:]:
        if token.kind in (*QUOTED, Kind.DOLLAR):
            yield token
            return
        if token.kind is not Kind.OPEN and token.word not in ("immediate", "format", "language", "plpgsql"):
            return


def _left(node: Node) -> Iterator[Tokens]:
    """Yield conditions that have been tested wherever the statement after ``node`` runs: those that leave."""
    if isinstance(node, Choice):
        tested: list[Tokens] = []
        for clause in node.clauses:
            tested.append(clause.condition)
            if _leaves(clause):
                yield from tested
    elif isinstance(node, Simple) and node.tokens and node.tokens[0].word in ("exit", "continue"):
        yield node.tokens


def _known(node: Node) -> Iterator[tuple[Tokens, bool]]:
    """Yield conditions whose result is certain after ``node``, of those that :func:`_left` yields."""
    if isinstance(node, Choice) and not node.head:
        leaves = [_leaves(clause) for clause in node.clauses]
        if leaves == [False, True] and not node.clauses[1].condition:
            yield node.clauses[0].condition, True
        for clause, leaving in zip(node.clauses, leaves, strict=True):
            if not leaving or not clause.condition:
                return
            yield clause.condition, False
    elif isinstance(node, Simple):
        for words in _left(node):
            yield words, False


def _leaves(clause: Clause) -> bool:
    last = clause.body[-1] if clause.body else None
    if not isinstance(last, Simple) or not last.tokens:
        return False
    return last.tokens[0].word in ("return", "exit", "continue") or is_exception(last.tokens)


def is_exception(words: Tokens) -> bool:
    """Whether a statement raises an error: RAISE with another level only says something."""
    if words[0].word != "raise":
        return False
    return len(words) == 1 or words[1].word not in ("debug", "log", "info", "notice", "warning")

"""The handlers of a text, and what they do."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.blocks import Block, Choice, Clause, Loop, Node, Simple


def handlers(nodes: tuple[Node, ...]) -> Iterator[Clause]:
    """Yield every WHEN of every EXCEPTION, in the order of the text."""
    for node in nodes:
        match node:
            case Block():
                yield from handlers(node.body)
                for handler in node.handlers:
                    yield handler
                    yield from handlers(handler.body)
            case Choice():
                for clause in node.clauses:
                    yield from handlers(clause.body)
            case Loop():
                yield from handlers(node.body)
            case Simple():
                pass


def catches(handler: Clause, *conditions: str) -> bool:
    """Whether it names one of the conditions."""
    return any(token.word in conditions for token in handler.condition)

"""New forms of what is live already, under names that only the canary meets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from xtrig.dialect.deployment import Action, Change
from xtrig.plugin import Mark, Statement
from xtrig_pgfamily import statements
from xtrig_pgfamily.words import schema_of

CANDIDATE = "xtrig_canary_"
"""What the names of temporary triggers and functions begin with."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A temporary trigger, and what it runs: the new text of a live function, or what a live trigger will run.

    ``function`` is qualified; ``replaces`` is the trigger whose place it takes, "" for one that is dropped again.
    """

    number: int
    function: str
    create: tuple[Statement, ...] = ()
    drop: tuple[Statement, ...] = ()
    replaces: str = ""

    @property
    def trigger(self) -> str:
        """The name of the temporary trigger."""
        return f"{CANDIDATE}{self.number}"


def find_candidates(switched: Sequence[Change], live: Sequence[Change], mark: Mark) -> Iterator[Candidate]:
    """Yield a candidate for each function that is replaced while live, and for each trigger that is."""
    for number, change in enumerate(switched, 1):
        yield _function(number, change, mark)
    replaced = [change for change in live if change.action is Action.REPLACE]
    for number, change in enumerate(replaced, len(switched) + 1):
        if change.part is not None:
            yield Candidate(number, change.part.state["function"], replaces=change.name)


def _function(number: int, change: Change, mark: Mark) -> Candidate:
    called = f"{schema_of(change.name)}.{CANDIDATE}{number}"
    text = change.part.statements[0].sql if change.part is not None else ""
    own, other = f"CREATE OR REPLACE FUNCTION {change.name}()", f"CREATE OR REPLACE FUNCTION {called}()"
    owner = change.part.owner if change.part is not None else None
    create = (
        Statement(text.replace(own, other, 1), f"The new text of {change.name}, under another name"),
        Statement(statements.revoke_execute(called), ""),
        # With the rights of its owner, or the canary would prove nothing.
        *([Statement(statements.give("FUNCTION", f"{called}()", owner), "")] if owner else []),
        Statement(statements.comment("FUNCTION", f"{called}()", str(mark)), ""),
    )
    drop = Statement(statements.drop("FUNCTION", f"{called}()"), f"Drop function {called}")
    return Candidate(number, called, create, (drop,))

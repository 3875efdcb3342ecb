"""New forms of what is live already, under names that only the canary meets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from xtrig.plugin import DatabaseObject, Mark
from xtrig_pgfamily.objects import EventTrigger, Function
from xtrig_pgfamily.objects.event_trigger import LOGIN

CANDIDATE = "xtrig_canary_"
"""What the names of temporary triggers and functions begin with."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A temporary trigger, and what it runs: the new form of a live function, or what a live trigger will run."""

    trigger: EventTrigger
    function: Function | None = None
    """None where the trigger runs a function of the definition."""
    replaces: EventTrigger | None = None
    """The wanted trigger whose place it takes; None: it is dropped again."""


def find_candidates(functions: Sequence[Function], triggers: Sequence[EventTrigger], mark: Mark) -> Iterator[Candidate]:
    """Yield a candidate for each wanted function that is replaced while live, and for each trigger that is."""
    for number, function in enumerate(functions, 1):
        renamed = replace(
            function,
            path=(function.path[0], f"{CANDIDATE}{number}"),
            mark=mark,
            after=(),
            purpose=f"The new text of {function.name}, under another name",
        )
        trigger = EventTrigger(
            path=(f"{CANDIDATE}{number}",),
            event=LOGIN,
            clause=f"ON {LOGIN}",
            function=renamed.path,
            enabled="replica",
            mark=mark,
        )
        yield Candidate(trigger, renamed)
    for number, trigger in enumerate(triggers, len(functions) + 1):
        path = (f"{CANDIDATE}{number}",)
        yield Candidate(replace(trigger, path=path, enabled="replica", mark=mark), replaces=trigger)


def is_candidate(each: DatabaseObject) -> bool:
    """Whether an object has the name of a candidate."""
    return isinstance(each, (EventTrigger, Function)) and each.path[-1].startswith(CANDIDATE)

"""Definitions that every dialect is tried with: the files in ``cases/``, each at every event it makes sense at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xtrig import TriggerSet, check, load
from xtrig.facts import Event
from xtrig.model import Trigger

CASES = Path(__file__).parents[1] / "cases"

Document = Mapping[str, Any]
"""A definition as YAML would give it."""


@dataclass(frozen=True, eq=False)
class Situation:
    """One definition, and what to call it."""

    name: str
    triggers: TriggerSet

    @property
    def is_least(self) -> bool:
        """Whether it asks for nothing but the event, so that no dialect with that event may refuse it."""
        return self.name.startswith("event-alone")

    def __str__(self) -> str:
        return self.name


def case_files() -> list[Path]:
    """Return the shared definition files, sorted by name."""
    return sorted(CASES.glob("*.yaml"))


def define(document: Document) -> TriggerSet:
    """Return a definition made in Python."""
    return TriggerSet.model_validate(document)


def moved(triggers: TriggerSet, event: Event) -> TriggerSet:
    """Return the same triggers waiting for another event; where they insisted on theirs, inferring will do."""
    return triggers.model_copy(
        update={"triggers": {name: _moved(trigger, event) for name, trigger in triggers.triggers.items()}}
    )


def _moved(trigger: Trigger, event: Event) -> Trigger:
    policy = "infer" if trigger.if_unsupported == "refuse" else trigger.if_unsupported
    return trigger.model_copy(update={"event": event, "if_unsupported": policy})


def _situations() -> Iterator[Situation]:
    for file in case_files():
        triggers = load(file)
        if len({trigger.event for trigger in triggers.triggers.values()}) > 1:
            yield Situation(file.stem, triggers)
            continue
        for event in Event:
            elsewhere = moved(triggers, event)
            if not check(elsewhere):
                yield Situation(f"{file.stem}-at-{event}", elsewhere)


SITUATIONS = tuple(_situations())

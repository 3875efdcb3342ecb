"""The insert steps of a definition whose references are not checked yet, so that it cannot be resolved."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.findings import Path
from xtrig.model import ForEach, If, Insert, Step, TriggerSet


def inserts(triggers: TriggerSet) -> Iterator[tuple[str, Path, Insert]]:
    """Yield every insert with its subject and its path."""
    for section in ("functions", "triggers"):
        for name, owner in getattr(triggers, section).items():
            path: Path = (section, name, "steps")
            for where, step in _steps(owner.steps, path):
                if isinstance(step, Insert):
                    yield f"{section[:-1]} {name!r}", where, step


def _steps(steps: tuple[Step, ...], path: Path) -> Iterator[tuple[Path, Step]]:
    for number, step in enumerate(steps):
        here = (*path, number)
        yield here, step
        if isinstance(step, If):
            yield from _steps(step.then, (*here, "then"))
            yield from _steps(step.otherwise, (*here, "else"))
        elif isinstance(step, ForEach):
            yield from _steps(step.do, (*here, "do"))

"""The insert steps of a definition whose references are not checked yet, so that it cannot be resolved."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.findings import Path
from xtrig.model import Insert, TriggerSet
from xtrig.resolve import walk_steps


def inserts(triggers: TriggerSet) -> Iterator[tuple[str, Path, Insert]]:
    """Yield every insert with its subject and its path."""
    for section in ("functions", "triggers"):
        for name, owner in getattr(triggers, section).items():
            path: Path = (section, name, "steps")
            for visit in walk_steps(owner.steps, path):
                if isinstance(visit.step, Insert):
                    yield f"{section[:-1]} {name!r}", visit.path, visit.step

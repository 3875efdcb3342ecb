"""The scripts of ``tests/import_samples.yaml``."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import yaml

from xtrig.importer import Assembled, import_script

FILE = Path(__file__).with_suffix(".yaml")


class Sample(NamedTuple):
    """A script, what becomes of it, and words of a finding about it."""

    name: str
    script: str
    becomes: str
    says: str
    dialect: str
    differs: tuple[str, ...]

    def imported(self) -> Assembled:
        """Import it."""
        return import_script(self.script.encode(), self.dialect, "sample.sql")

    @staticmethod
    def kind(result: Assembled) -> str:
        """Return whether all became steps, or a body was kept."""
        parts = (*result.triggers.functions.values(), *result.triggers.triggers.values())
        return "kept" if any(part.body for part in parts) else "steps"


def _samples() -> list[Sample]:
    given = yaml.safe_load(FILE.read_text("utf-8"))
    return [
        Sample(
            name,
            one["script"],
            one["becomes"],
            one.get("says", ""),
            one.get("from", "postgresql"),
            tuple(one.get("differs", ())),
        )
        for name, one in given.items()
    ]


SAMPLES = _samples()

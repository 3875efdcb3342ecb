"""Which definition an explanation is about: its files, its format, and a digest of what it says."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from xtrig.model import TriggerSet


@dataclass(frozen=True, slots=True)
class Definition:
    """The definition that was explained.

    ``digest`` is the same for two definitions that say the same, whatever their layout and comments.
    """

    files: tuple[str, ...]
    format: int
    digest: str

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON-able data."""
        return {"files": list(self.files), "format": self.format, "digest": self.digest}


def defined(triggers: TriggerSet) -> Definition:
    """Return what identifies a set; one that was made in Python has no file."""
    paths = [("triggers", name) for name in triggers.triggers] + [("functions", name) for name in triggers.functions]
    places = [triggers.locate(path) for path in [*paths, *(("tables", name) for name in triggers.tables)]]
    files = dict.fromkeys(place.file for place in places if place)
    said = triggers.model_dump_json(by_alias=True, exclude_defaults=True)
    return Definition(tuple(files), triggers.xtrig, f"sha256:{hashlib.sha256(said.encode()).hexdigest()}")

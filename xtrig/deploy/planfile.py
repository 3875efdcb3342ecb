"""A plan in a file: what somebody reviewed is what is applied, or nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from xtrig.deploy.plan import Plan
from xtrig.errors import UsageError
from xtrig.model import TriggerSet

FORMAT = 1
_MAX_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """What a plan file says. The changes in it are for people: they are worked out anew, and must be the same."""

    triggers: TriggerSet
    dialect: str
    adopt: bool
    prune: bool
    fingerprint: str


def save_plan(plan: Plan, file: Path) -> None:
    """Write a plan. Raises OSError."""
    data = {
        "xtrig_plan": FORMAT,
        "definition": plan.triggers.model_dump(mode="json", by_alias=True, exclude_unset=True),
        "dialect": plan.target.dialect.name,
        "adopt": plan.adopt,
        "prune": plan.prune,
        "fingerprint": plan.fingerprint,
        "plan": plan.to_dict(),
    }
    file.write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", "utf-8")


def load_plan(file: Path) -> SavedPlan:
    """Read a plan. Raises :class:`~xtrig.errors.UsageError` for a file that is none."""
    try:
        with file.open("rb") as stream:
            content = stream.read(_MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        why = error.strerror if isinstance(error, OSError) else error
        raise UsageError(f"{file}: cannot be read: {why}; check the name and its permissions") from None
    try:
        if len(content) > _MAX_BYTES:
            raise ValueError
        data = json.loads(content.decode("utf-8"))
        return _saved(data, file)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise UsageError(f"{file}: is not a saved plan; make one with: xtrig plan --out {file}") from None


def _saved(data: dict[str, Any], file: Path) -> SavedPlan:
    if data["xtrig_plan"] != FORMAT or data["xtrig_plan"] is True:
        raise UsageError(f"{file}: was saved by another version of xtrig; make a new one with: xtrig plan --out {file}")
    try:
        triggers = TriggerSet.model_validate(data["definition"])
    except ValidationError:
        raise ValueError from None
    flags, words = (data["adopt"], data["prune"]), (data["dialect"], data["fingerprint"])
    if not all(isinstance(flag, bool) for flag in flags) or not all(isinstance(word, str) for word in words):
        raise ValueError
    return SavedPlan(triggers, words[0], *flags, words[1])

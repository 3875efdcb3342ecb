"""The pages of the model: keys of its parts, and cases with their renderings."""

from __future__ import annotations

from functools import partial
from typing import Any

from pydantic_core import PydanticUndefined

import xtrig.model
from _generate import excerpt
from _generate.cases import FAMILY, Case, escaped, outcomes
from _generate.cases import shown as as_markdown
from xtrig.model.described import described


def keys(part: str, *left_out: str) -> str:
    """Return a table of the keys of a model class."""
    model = getattr(xtrig.model, part)
    fields = {str(info.validation_alias or name): info for name, info in model.model_fields.items()}
    meaning = described(model)
    shown = {key: info for key, info in fields.items() if key not in left_out}
    if all(_default(info) == "optional" for info in shown.values()):
        rows = [f"| `{key}` | {escaped(meaning[key])} |" for key in shown]
        return "\n".join(["| key | meaning |", "|---|---|", *rows])
    rows = [f"| `{key}` | {escaped(meaning[key])} | {_default(info)} |" for key, info in shown.items()]
    return "\n".join(["| key | meaning | default |", "|---|---|---|", *rows])


def case(name: str, show: str, part: str, *dialects: str) -> str:
    """Return a case: its YAML (``part`` of it, or ``all``) and what ``show`` picks of its renderings.

    ``dialects`` are those to show; none named means all.
    """
    found = Case(name)
    yaml = found.yaml if part == "all" else found.part(part)
    triggers = found.load()
    kind, _, argument = show.partition("=")
    if kind == "steps":
        results = outcomes(excerpt.marked(triggers), excerpt.between_markers)
    elif kind == "policy":
        results = outcomes(triggers, partial(excerpt.policy, argument))
    else:
        pick: Any = {"function": excerpt.function, "trigger": excerpt.trigger, "outline": excerpt.outline}[kind]
        results = outcomes(triggers, pick, dialects or FAMILY)
    picked = [each for each in results if not dialects or each.dialect in dialects]
    return f"```yaml\n{yaml}\n```\n\n{as_markdown(picked)}"


def _default(info: Any) -> str:
    if info.default is PydanticUndefined:
        return "required"
    if info.default in (None, (), {}) or not isinstance(info.default, str | int):
        return "optional"
    return f"`{str(info.default).lower() if isinstance(info.default, bool) else info.default}`"

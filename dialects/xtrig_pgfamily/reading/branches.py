"""A condition and what follows it, as the shortest step that says so."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from xtrig.model import If, Step


def chosen(condition: str, then: tuple[Step, ...], otherwise: tuple[Step, ...]) -> Iterable[Step]:
    """Return the steps for a choice; a branch that does nothing is left out."""
    if not then:
        return [If(condition=f"({condition}) is not true", then=otherwise)] if otherwise else []
    if otherwise:
        return [If(condition=condition, then=then, otherwise=otherwise)]
    first = then[0]
    if len(then) == 1 and not isinstance(first, If) and first.when is None:
        return [type(first).model_validate({**_fields(first), "when": condition})]
    return [If(condition=condition, then=then)]


def _fields(step: Step) -> dict[str, Any]:
    return {key: getattr(step, key) for key in step.model_fields_set}

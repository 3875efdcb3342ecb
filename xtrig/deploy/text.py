"""A plan as text: a line for each object, and a diff of what is inside it."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import unified_diff
from typing import TYPE_CHECKING

from xtrig.deploy.compare import KEPT
from xtrig.dialect.deployment import Action, Change, Difference
from xtrig.sqltext import one_line

if TYPE_CHECKING:
    from xtrig.deploy.planning import Plan

_SIGNS = {Action.CREATE: "+", Action.DROP: "-"}
_LONG = "body"
"""The attribute of many lines; it is shown as a diff."""


def plan_text(plan: Plan) -> str:
    """Return the plan for people."""
    lines = [f"{plan.server.title}, database {one_line(plan.server.database)}, set {plan.target.deployment.set_name}"]
    if plan.is_empty:
        lines += ["", "The database is as the definition says."]
    for change in plan.changes:
        lines += ["", *change_lines(change)]
    for found in plan.surplus:
        kept = "it may hold rows" if found.kind in KEPT else "drop it with --prune"
        lines += ["", f"? {found.kind} {one_line(found.name)}: of this set, no more in the definition; kept: {kept}"]
    for refusal in plan.refusals:
        lines += ["", f"! {one_line(refusal)}"]
    if plan.changes:
        lines += ["", _summary(plan)]
    return "\n".join(lines) + "\n"


def change_lines(change: Change) -> Iterator[str]:
    """Yield the lines about one object."""
    sign = _SIGNS.get(change.action, "~")
    yield f"{sign} {change.action} {change.kind} {one_line(change.name)}"
    for difference in change.differences:
        for line in difference_lines(difference, is_new=change.action is Action.CREATE):
            yield f"    {line}"


def difference_lines(difference: Difference, *, is_new: bool = False) -> Iterator[str]:
    """Yield the lines about one attribute; of a new object only what is short."""
    live, wanted = difference.live or "", difference.wanted or ""
    if difference.attribute == _LONG or "\n" in live + wanted:
        if is_new:
            return
        yield f"{difference.attribute}:"
        # Not splitlines(): it would take other characters for the end of a line, and hide that they differ.
        diff = unified_diff(live.split("\n"), wanted.split("\n"), "live", "definition", lineterm="", n=2)
        yield from (one_line(line) for line in list(diff)[2:])
    elif is_new:
        if wanted:
            yield f"{difference.attribute}: {one_line(wanted)}"
    else:
        yield f"{difference.attribute}: {one_line(live) or '(none)'} -> {one_line(wanted) or '(none)'}"


def _summary(plan: Plan) -> str:
    counts = [
        f"{number} to {action}"
        for action in Action
        if (number := sum(change.action is action for change in plan.changes))
    ]
    return f"{', '.join(counts)}. Stages: {', '.join(stage.name for stage in plan.stages)}."

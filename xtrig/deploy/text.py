"""A plan as text: a line for each object, and a diff of what is inside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import unified_diff

from xtrig.dialect.deployment import Stage
from xtrig.dialect.objects import COMMENT, Action, Change, DatabaseObject, Difference
from xtrig.sqltext import one_line

_SIGNS = {Action.CREATE: "+", Action.DROP: "-"}
STAYS_DISABLED = "disabled with xtrig disable, and stays so; enable it with xtrig enable"
_LONG = "body"
"""The attribute of many lines; it is shown as a diff."""


def plan_text(
    head: str,
    changes: Sequence[Change],
    surplus: Sequence[DatabaseObject],
    refusals: Sequence[str],
    stages: Sequence[Stage],
    disabled: Sequence[DatabaseObject] = (),
) -> str:
    """Return a plan for people; ``head`` says of what set, and of which database."""
    lines = [head]
    if not (changes or refusals or disabled or not all(found.kind.is_kept for found in surplus)):
        lines += ["", "The database is as the definition says."]
    for change in changes:
        lines += ["", *change_lines(change)]
    for found in surplus:
        kept = "it may hold rows" if found.kind.is_kept else "drop it with --prune"
        lines += ["", f"? {found.kind} {one_line(found.name)}: of this set, no more in the definition; kept: {kept}"]
    for each in disabled:
        lines += ["", f"? {each.kind} {one_line(each.name)}: {STAYS_DISABLED}"]
    for refusal in refusals:
        lines += ["", f"! {one_line(refusal)}"]
    if changes:
        lines += ["", _summary(changes, stages)]
    return "\n".join(lines) + "\n"


def change_lines(change: Change) -> Iterator[str]:
    """Yield the lines about one object."""
    sign = _SIGNS.get(change.action, "~")
    yield f"{sign} {one_line(str(change))}"
    for difference in change.differences:
        if difference.attribute == COMMENT and change.action is Action.CREATE:
            continue  # it repeats the definition
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


def _summary(changes: Sequence[Change], stages: Sequence[Stage]) -> str:
    return f"{counted(changes)}. Stages: {', '.join(stage.name for stage in stages)}."


def counted(changes: Sequence[Change]) -> str:
    """Return how many changes of each kind there are, in words."""
    counts = Counter(change.verb for action in Action for change in changes if change.action is action)
    return ", ".join(f"{number} to {verb}" for verb, number in counts.items())

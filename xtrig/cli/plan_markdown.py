"""A plan as Markdown, for the comment of a pull request."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from xtrig.deploy import Plan
from xtrig.deploy.text import counted, difference_lines
from xtrig.dialect.objects import Action, Change
from xtrig.explain.markdown import code, escaped, fence_for
from xtrig.sqltext import one_line


def plan_markdown(plan: Plan) -> str:
    """Return the plan: a sentence, what stands against it, and each object with its differences folded away."""
    return "\n".join(_lines(plan)) + "\n"


def _lines(plan: Plan) -> Iterator[str]:
    yield f"### xtrig plan: set {escaped(plan.target.deployment.set_name)}"
    yield ""
    yield f"{escaped(plan.server.title)}, database {escaped(plan.server.database)}: {_outcome(plan)}"
    if plan.refusals:
        yield from ("", "This cannot be applied:", "")
        yield from (f"- {escaped(refusal)}" for refusal in plan.refusals)
    if plan.changes or plan.surplus or plan.disabled:
        yield from ("", "| | object |", "|---|---|")
        yield from (f"| {change.verb} | {_cell(f'{change.kind} {change.name}')} |" for change in plan.changes)
        yield from (f"| not in the definition, kept | {_cell(f'{each.kind} {each.name}')} |" for each in plan.surplus)
        yield from (f"| disabled with xtrig disable | {_cell(f'{each.kind} {each.name}')} |" for each in plan.disabled)
    for change in plan.changes:
        yield from _differences(change)
    remarks = [*map(str, plan.warnings), *plan.server.notes]
    if remarks:
        yield ""
        yield from (f"- {escaped(remark)}" for remark in remarks)
    yield from ("", f"Fingerprint {code(plan.fingerprint)}")


def _outcome(plan: Plan) -> str:
    if not plan.changes:
        return "nothing can be done." if plan.refusals else "nothing to do."
    return f"{counted(plan.changes)}, in the stages {', '.join(stage.name for stage in plan.stages)}."


def _differences(change: Change) -> Iterator[str]:
    lines = [
        line for each in change.differences for line in difference_lines(each, is_new=change.action is Action.CREATE)
    ]
    if not lines:
        return
    fence = fence_for("\n".join(lines))
    # All up to the blank line is HTML, in which Markdown's escapes mean nothing.
    yield from ("", f"<details><summary>{escape(one_line(str(change)))}</summary>", "")
    yield from (f"{fence}diff", *lines, fence, "", "</details>")


def _cell(text: str) -> str:
    return code(text).replace("|", "\\|")

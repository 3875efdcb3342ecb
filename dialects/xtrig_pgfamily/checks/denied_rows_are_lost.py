"""XT213: all triggers of a login, or of a command, share its transaction, and a refusal rolls it back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xtrig.model import Deny, Insert
from xtrig.plugin import Check, Finding, Path, ResolvedFunction, ResolvedTrigger, Severity, Translation, walk
from xtrig_pgfamily.checks.denials import binding, denials, in_order_of_names

_REMEDY = "deny first, and find refusals in the server log, where each leaves a line"


def find(translation: Translation) -> Iterator[Finding]:
    """Yield a finding for each function that records and then denies, and each trigger that denies after another."""
    for triggers in binding(translation).values():
        for function in {id(trigger.function): trigger.function for trigger in triggers}.values():
            yield from _in_function(function)
        yield from _between(in_order_of_names(triggers))


def _in_function(function: ResolvedFunction) -> Iterator[Finding]:
    recorded: list[Path] = []
    for visit in walk(function):
        if isinstance(visit.step, Insert):
            recorded.append(visit.path)
        elif isinstance(visit.step, Deny) and any(_may_both_run(before, visit.path) for before in recorded):
            message = "deny after insert: the refusal takes the row back, so none of those refused is recorded"
            yield CHECK.finding(function.subject, message, _REMEDY, visit.path)
            return


def _may_both_run(first: Path, second: Path) -> bool:
    """Whether two steps are in one branch of every choice around them."""
    apart = next((pair for pair in zip(first, second, strict=False) if pair[0] != pair[1]), None)
    return apart != ("then", "else")


def _between(triggers: Sequence[ResolvedTrigger]) -> Iterator[Finding]:
    recorder: ResolvedTrigger | None = None
    for trigger in triggers:
        path = next(denials(trigger.function), None)
        if path is not None and recorder is not None and trigger.function is not recorder.function:
            message = (
                f"deny at {trigger.event}: it takes back the rows of trigger {recorder.name!r}, which fires before"
            )
            yield CHECK.finding(trigger.subject, message, _REMEDY, path)
        if recorder is None and any(isinstance(visit.step, Insert) for visit in walk(trigger.function)):
            recorder = trigger


CHECK = Check("XT213", Severity.WARNING, find)

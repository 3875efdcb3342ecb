"""XT202: the dialect has a variable for each fact; without one it is refused, not rendered as an empty text."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.dialect import Translation
from xtrig.findings import Check, Finding, Severity
from xtrig.resolve import uses


def find(translation: Translation) -> Iterator[Finding]:
    """Yield a finding for each fact that the dialect lacks at an event of its function."""
    dialect, version = translation.dialect, translation.version
    for function in translation.triggers.functions:
        for use in uses(function):
            for fact in dict.fromkeys(use.template.facts):
                lacking = (event for event in function.events if dialect.lacks(fact, event, use.item, version))
                event = next(lacking, None)
                if event is not None:
                    message = f"${{{fact}}} at {event}: {translation.target} has no such variable"
                    remedy = "leave it out, or give the function a body for this dialect"
                    yield CHECK.finding(function.subject, message, remedy, use.path)


CHECK = Check("XT202", Severity.ERROR, find)

"""XT109: a function that no trigger runs is left out of the script."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.findings import Check, Finding, Severity
from xtrig.model import TriggerSet


def find(triggers: TriggerSet) -> Iterator[Finding]:
    """Yield a finding for each function that nothing runs."""
    run = {trigger.run for trigger in triggers.triggers.values()}
    for name in triggers.functions:
        if name not in run:
            message, remedy = "no trigger runs it, so it is left out", "run it from a trigger or remove it"
            yield CHECK.finding(f"function {name!r}", message, remedy, ("functions", name))


CHECK = Check("XT109", Severity.WARNING, find)

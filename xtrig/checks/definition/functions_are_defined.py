"""XT102: a trigger runs a function of the definition."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.findings import Check, Finding, Severity
from xtrig.model import TriggerSet
from xtrig.nearest import suggest


def find(triggers: TriggerSet) -> Iterator[Finding]:
    """Yield a finding for each trigger that runs an unknown function."""
    for name, trigger in triggers.triggers.items():
        if trigger.run is not None and trigger.run not in triggers.functions:
            remedy = suggest(trigger.run, triggers.functions, "functions")
            message = f"run {trigger.run!r}: no such function is defined"
            yield CHECK.finding(f"trigger {name!r}", message, remedy, ("triggers", name, "run"))


CHECK = Check("XT102", Severity.ERROR, find)

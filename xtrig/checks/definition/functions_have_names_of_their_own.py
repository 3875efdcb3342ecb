"""XT002: a trigger's own steps become a function of the trigger's name; two of one name would be one."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.findings import Check, Finding, Severity
from xtrig.model import TriggerSet


def find(triggers: TriggerSet) -> Iterator[Finding]:
    """Yield a finding for each trigger whose function has the name of another."""
    made = {(function.schema_ or triggers.schema_, name) for name, function in triggers.functions.items()}
    for name, trigger in triggers.triggers.items():
        if trigger.run is None and (trigger.schema_ or triggers.schema_, name) in made:
            message = "its own steps become a function of its name, which the definition has already"
            yield CHECK.finding(f"trigger {name!r}", message, "rename one of them", ("triggers", name))


CHECK = Check("XT002", Severity.ERROR, find)

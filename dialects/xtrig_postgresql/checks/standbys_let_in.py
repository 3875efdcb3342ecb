"""XT222: a step that writes fails on a hot standby, and where errors deny, nobody gets in there."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.plugin import Check, Event, Finding, Severity, Translation, walk
from xtrig_pgfamily.checks.denials import binding


def find(translation: Translation) -> Iterator[Finding]:
    """Yield a finding for each logon function that writes on a standby and denies by its errors."""
    triggers = binding(translation).get(Event.LOGON, ())
    for function in {id(trigger.function): trigger.function for trigger in triggers}.values():
        policies = function.policies
        if policies.standby != "run" or policies.on_error != "deny":
            continue
        if any(visit.step.writes for visit in walk(function)):
            message = "standby: run with on_error: deny: a step writes, so a hot standby refuses every login"
            yield CHECK.finding(function.subject, message, "write standby: skip", (*function.path, "standby"))


CHECK = Check("XT222", Severity.WARNING, find)

"""XT201: a trigger's event is one that the dialect's version has, or can infer where that is asked for."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.dialect import Capability, Support, Translation
from xtrig.findings import Check, Finding, Severity
from xtrig.resolve import ResolvedTrigger


def find(translation: Translation) -> Iterator[Finding]:
    """Yield a finding for each trigger that is left out: a warning where the definition says so."""
    for trigger in translation.left_out:
        capability = translation.dialect.capability(trigger.event, translation.version)
        asked = f"{trigger.event} on {translation.target}"
        path = (*trigger.path, "event")
        if trigger.if_unsupported == "skip":
            message = f"{asked}: {capability.reason}; it is left out, as if_unsupported: skip says"
            remedy = "nothing of it is recorded there"
            yield CHECK.finding(trigger.subject, message, remedy, path, severity=Severity.WARNING)
        else:
            yield CHECK.finding(trigger.subject, f"{asked}: {capability.reason}", _remedy(trigger, capability), path)


def _remedy(trigger: ResolvedTrigger, capability: Capability) -> str:
    if trigger.if_unsupported == "infer" and capability.support is Support.REFUSED:
        return f"it cannot be inferred there either: {capability.remedy}"
    return capability.remedy


CHECK = Check("XT201", Severity.ERROR, find)

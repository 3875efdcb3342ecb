"""XT114: under on_error: allow an error ends the steps and lets the user go on, past every deny that follows."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.findings import Check, Finding, Severity
from xtrig.model import Deny
from xtrig.resolve import ResolvedSet, walk


def find(triggers: ResolvedSet) -> Iterator[Finding]:
    """Yield a finding for each deny behind a step that may fail, where an error lets the user go on."""
    for function in triggers.functions:
        if function.policies.on_error != "allow":
            continue
        before = ""
        for visit in walk(function):
            if isinstance(visit.step, Deny) and before:
                message = f"deny after {before}: an error there skips it, as on_error: allow goes on without it"
                remedy = "put the deny first, or write on_error: deny"
                yield CHECK.finding(function.subject, message, remedy, visit.path)
            elif visit.step.may_fail:
                before = before or visit.step.key


CHECK = Check("XT114", Severity.WARNING, find)

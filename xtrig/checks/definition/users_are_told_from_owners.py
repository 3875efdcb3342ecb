"""XT113: under security: definer the current user is the function's owner, whoever it is that logs in."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.facts import Fact
from xtrig.findings import Check, Finding, Severity
from xtrig.resolve import ResolvedSet, uses


def find(triggers: ResolvedSet) -> Iterator[Finding]:
    """Yield a finding for each use of the current user in a function with its owner's rights."""
    for function in triggers.functions:
        for use in uses(function) if function.policies.security == "definer" else ():
            if Fact.CURRENT_USER in use.template.facts:
                message = "${current_user}: under security: definer it is always the function's owner"
                yield CHECK.finding(function.subject, message, "write ${login_user}", use.path)


CHECK = Check("XT113", Severity.WARNING, find)

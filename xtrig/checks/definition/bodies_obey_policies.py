"""XT117: a hand-written body is used byte for byte, so no guard is put around it."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.findings import Check, Finding, Severity
from xtrig.resolve import ResolvedSet

_GUARDS = ("on_error", "standby", "durability", "exempt_roles")


def find(triggers: ResolvedSet) -> Iterator[Finding]:
    """Yield a finding for each policy that is stated beside a body and would be a guard around steps."""
    for function in triggers.functions:
        if not function.body:
            continue
        for policy in _GUARDS:
            if policy in function.policies.stated:
                message = f"{policy} beside body: the body is used as it is, without this guard"
                remedy = "write the guard into the body and remove the policy, or use steps"
                yield CHECK.finding(function.subject, message, remedy, (*function.path, policy))


CHECK = Check("XT117", Severity.WARNING, find)

"""XT111: timeout, standby and durability are about logging in; a DDL command has its own."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.findings import Check, Finding, Severity
from xtrig.resolve import ResolvedSet


def find(triggers: ResolvedSet) -> Iterator[Finding]:
    """Yield a finding for each such policy that a function without session events states."""
    for function in triggers.functions:
        if any(event.is_session for event in function.events):
            continue
        for policy in ("timeout", "standby", "durability"):
            if policy in function.policies.stated:
                message = f"{policy}: it does nothing at {function.events[0]}"
                yield CHECK.finding(function.subject, message, "remove it", (*function.path, policy))


CHECK = Check("XT111", Severity.WARNING, find)

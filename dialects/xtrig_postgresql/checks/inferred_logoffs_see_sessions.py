"""XT209: an ordinary role sees no other session's start, and would take the living for gone."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.plugin import Check, Finding, Severity, Translation
from xtrig_postgresql.checks.emulated import inferred_logoffs


def find(translation: Translation) -> Iterator[Finding]:
    """Yield a finding for each inferred logoff with the rights of whoever logs in."""
    for trigger in inferred_logoffs(translation):
        if trigger.function.policies.security == "invoker":
            message = "if_unsupported: infer looks at every session, which the user who logs in may not"
            yield CHECK.finding(trigger.subject, message, "leave security: invoker out", trigger.path)


CHECK = Check("XT209", Severity.ERROR, find)

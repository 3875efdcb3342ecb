"""XT211: a system trigger fires for CREATE, ALTER and DROP alone."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.plugin import Check, Finding, Severity, Translation
from xtrig_polardb.system_trigger import system_triggers


def find(translation: Translation) -> Iterator[Finding]:
    """Yield a finding for each DDL trigger that becomes one; the version is that of the Oracle edition."""
    for trigger in system_triggers(translation.triggers, translation.version):
        message = (
            f"{trigger.event} becomes a system trigger: it does not fire for GRANT, REVOKE, COMMENT and other "
            "commands than CREATE, ALTER and DROP, and what an error in it does is not documented"
        )
        yield CHECK.finding(trigger.subject, message, "target 2.0.14.0.0.0 for an event trigger", trigger.path)


CHECK = Check("XT211", Severity.WARNING, find)

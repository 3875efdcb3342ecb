"""XT219: table_rewrite fires for ALTER TABLE and ALTER TYPE; VACUUM FULL and CLUSTER rewrite a table as well."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.plugin import Check, Event, Finding, Severity, Translation


def find(translation: Translation) -> Iterator[Finding]:
    """Yield a finding for each trigger at table_rewrite."""
    for trigger in translation.triggers.triggers:
        if trigger.event is Event.TABLE_REWRITE:
            message = "table_rewrite: it does not fire for VACUUM FULL and CLUSTER, which rewrite tables too"
            yield CHECK.finding(
                trigger.subject, message, "keep those to the tables' owners, and waive this", trigger.path
            )


CHECK = Check("XT219", Severity.NOTE, find)

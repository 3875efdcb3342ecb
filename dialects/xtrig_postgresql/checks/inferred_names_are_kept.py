"""XT204: the names that an inferred logoff makes are longer than the trigger's own, and must be kept whole too."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.plugin import Check, Finding, Severity, Translation
from xtrig_pgfamily.plpgsql.inferred_logoff import InferredLogoff
from xtrig_postgresql.checks.emulated import inferred_logoffs


def find(translation: Translation) -> Iterator[Finding]:
    """Yield a finding for each such name that would be cut off."""
    longest = translation.dialect.max_name_bytes
    for trigger in inferred_logoffs(translation):
        each = InferredLogoff(trigger)
        for made in (each.path[1], each.table().path[1]):
            if len(made.encode()) > longest:
                message = f"if_unsupported: infer makes the name {made!r}, longer than {longest} bytes"
                yield CHECK.finding(trigger.subject, message, "shorten the trigger's", trigger.path)


CHECK = Check("XT204", Severity.ERROR, find)

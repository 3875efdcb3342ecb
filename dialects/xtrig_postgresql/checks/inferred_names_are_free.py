"""XT002: the objects that an inferred logoff makes have names of their own."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.plugin import Check, Finding, Severity, Translation
from xtrig_pgfamily.plpgsql.inferred_logoff import InferredLogoff
from xtrig_postgresql.checks.emulated import inferred_logoffs


def find(translation: Translation) -> Iterator[Finding]:
    """Yield a finding for each such name that the definition has already."""
    triggers = translation.triggers
    taken = {(function.schema, function.name) for function in triggers.functions}
    taken |= {(table.schema, table.name) for table in triggers.tables.values()}
    for trigger in inferred_logoffs(translation):
        each = InferredLogoff(trigger)
        for made in (each.path[1], each.table().path[1]):
            if (trigger.function.schema, made) in taken:
                message = f"if_unsupported: infer makes an object {made!r}, which the definition has already"
                yield CHECK.finding(trigger.subject, message, "rename one of them", trigger.path)


CHECK = Check("XT002", Severity.ERROR, find)

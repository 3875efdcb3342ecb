"""XT116: an identity column takes no value but the server's own, so that nobody can forge a row's number."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.checks.definition.inserts import inserts
from xtrig.findings import Check, Finding, Severity
from xtrig.model import TriggerSet


def find(triggers: TriggerSet) -> Iterator[Finding]:
    """Yield a finding for each value given to an identity column."""
    for subject, path, insert in inserts(triggers):
        table = triggers.tables.get(insert.table)
        for name in insert.values:
            column = table.columns.get(name) if table else None
            if column is not None and column.identity:
                message = f"insert into {insert.table!r}: the server numbers the column {name!r} itself"
                yield CHECK.finding(subject, message, "leave it out", (*path, "values", name))


CHECK = Check("XT116", Severity.ERROR, find)

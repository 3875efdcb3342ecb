"""XT103: an insert fills columns that the table has."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.checks.definition.inserts import inserts
from xtrig.findings import Check, Finding, Severity
from xtrig.model import TriggerSet
from xtrig.nearest import suggest


def find(triggers: TriggerSet) -> Iterator[Finding]:
    """Yield a finding for each unknown column of a table whose columns are known."""
    for subject, path, insert in inserts(triggers):
        table = triggers.tables.get(insert.table)
        if table is None or not table.columns:
            continue
        for column in insert.values:
            if column not in table.columns:
                message = f"insert into {insert.table!r}: it has no column {column!r}"
                remedy = suggest(column, table.columns, "columns")
                yield CHECK.finding(subject, message, remedy, (*path, "values", column))


CHECK = Check("XT103", Severity.ERROR, find)

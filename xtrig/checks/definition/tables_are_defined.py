"""XT101: an insert names a table of the definition."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.checks.definition.inserts import inserts
from xtrig.findings import Check, Finding, Severity
from xtrig.model import TriggerSet
from xtrig.nearest import suggest


def find(triggers: TriggerSet) -> Iterator[Finding]:
    """Yield a finding for each insert into an unknown table."""
    for subject, path, insert in inserts(triggers):
        if insert.table not in triggers.tables:
            hint = suggest(insert.table, triggers.tables, "tables")
            remedy = f"{hint} (a table made elsewhere is declared with 'create: false')"
            yield CHECK.finding(subject, f"insert into {insert.table!r}: no such table is defined", remedy, path)


CHECK = Check("XT101", Severity.ERROR, find)

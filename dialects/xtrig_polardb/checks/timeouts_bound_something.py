"""XT209: PolarDB's kernels are older than transaction_timeout, which is PostgreSQL 17's."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.plugin import Check, Finding, Severity, Translation
from xtrig_polardb.checks.plsql_functions import plsql_functions


def find(translation: Translation) -> Iterator[Finding]:
    """Yield a finding for each PL/SQL function that states a timeout."""
    for function in plsql_functions(translation):
        if "timeout" in function.policies.stated:
            message = "timeout: PolarDB's kernels have no transaction_timeout to bound the function with"
            yield CHECK.finding(function.subject, message, "rely on lock_timeout", (*function.path, "timeout"))


CHECK = Check("XT209", Severity.WARNING, find)

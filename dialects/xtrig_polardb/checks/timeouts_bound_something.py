"""XT209: the PL/SQL form of a function has no SET clause, and PolarDB kernels before 17 no transaction_timeout."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.plugin import Check, Finding, Severity, Translation
from xtrig_pgfamily.plpgsql.function import TRANSACTION_TIMEOUT
from xtrig_polardb.checks.plsql_functions import session_functions


def find(translation: Translation) -> Iterator[Finding]:
    """Yield a finding for each session function that states a timeout for which nothing is rendered."""
    for function in session_functions(translation):
        if "timeout" not in function.policies.stated:
            continue
        if translation.version < TRANSACTION_TIMEOUT:
            message = "timeout: PolarDB kernels before 17 have no transaction_timeout to bound the function with"
        elif function.policies.language == "native":
            message = "timeout: the documented function form has no clause to bound the function with"
        else:
            continue
        yield CHECK.finding(function.subject, message, "rely on lock_timeout", (*function.path, "timeout"))


CHECK = Check("XT209", Severity.WARNING, find)

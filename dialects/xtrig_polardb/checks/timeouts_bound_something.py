"""XT209: a timeout that no function of PolarDB's, or of this kernel's, can be bounded by."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.plugin import Check, Finding, Severity, Translation
from xtrig_pgfamily.plpgsql.function import TRANSACTION_TIMEOUT
from xtrig_polardb.checks.plsql_functions import session_functions


def find(translation: Translation) -> Iterator[Finding]:
    """Yield a finding for each session function that states a timeout which is not rendered."""
    has_parameter = translation.version >= TRANSACTION_TIMEOUT
    for function in session_functions(translation):
        if "timeout" not in function.policies.stated:
            continue
        path = (*function.path, "timeout")
        if not has_parameter:
            message = "timeout: PolarDB's kernels before 17 have no transaction_timeout to bound the function with"
            yield CHECK.finding(function.subject, message, "rely on lock_timeout", path)
        elif function.policies.language == "native":
            message = "timeout: a function in PL/SQL has no SET clause for transaction_timeout"
            yield CHECK.finding(function.subject, message, "write language: plpgsql, or rely on lock_timeout", path)


CHECK = Check("XT209", Severity.WARNING, find)

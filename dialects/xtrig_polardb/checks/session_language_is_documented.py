"""XT210: no page of the vendor's shows a logon or logoff function in plpgsql."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.plugin import Check, Finding, Severity, Translation
from xtrig_polardb.checks.plsql_functions import session_functions


def find(translation: Translation) -> Iterator[Finding]:
    """Yield a finding for each session function that asks for plpgsql."""
    for function in session_functions(translation):
        if function.policies.language == "plpgsql":
            message = "language: plpgsql at logon and logoff is shown nowhere in PolarDB's documentation"
            remedy = "try it on your server first, or leave language out"
            yield CHECK.finding(function.subject, message, remedy, function.path)


CHECK = Check("XT210", Severity.WARNING, find)

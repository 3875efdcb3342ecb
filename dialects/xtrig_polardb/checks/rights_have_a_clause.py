"""XT209: the PostgreSQL edition's page shows no clause for whose rights a function has."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.plugin import Check, Finding, Severity, Translation
from xtrig_polardb.checks.plsql_functions import plsql_functions


def find(translation: Translation) -> Iterator[Finding]:
    """Yield a finding for each PL/SQL function of steps that asks for the invoker's rights."""
    for function in plsql_functions(translation):
        if function.policies.security == "invoker" and not function.body:
            message = "security: invoker: the documented function form has no clause for it"
            yield CHECK.finding(function.subject, message, "leave it out, or write language: plpgsql", function.path)


CHECK = Check("XT209", Severity.ERROR, find)

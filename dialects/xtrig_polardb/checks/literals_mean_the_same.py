"""XT207: PL/SQL ends E'\\'' where PostgreSQL does not, so what follows would become code."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.plugin import Check, Finding, Severity, Translation, has_vendor_literal, uses
from xtrig_polardb.checks.plsql_functions import plsql_functions


def find(translation: Translation) -> Iterator[Finding]:
    """Yield a finding for each expression with a literal that the two read differently."""
    for function in plsql_functions(translation):
        for use in uses(function):
            if any(isinstance(part, str) and has_vendor_literal(part) for part in use.template.parts):
                message = "a literal that PL/SQL reads differently than PostgreSQL, such as E'...'"
                yield CHECK.finding(function.subject, message, "write it as '...' or chr(n)", use.path)


CHECK = Check("XT207", Severity.ERROR, find)

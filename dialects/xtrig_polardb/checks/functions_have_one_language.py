"""XT207: sessions need PL/SQL and DDL needs plpgsql, so one function cannot serve both."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.plugin import Check, Event, Finding, Severity, Translation
from xtrig_polardb.checks.plsql_functions import plsql_functions


def find(translation: Translation) -> Iterator[Finding]:
    """Yield a finding for each PL/SQL function that DDL runs too."""
    for function in plsql_functions(translation):
        if any(not event.is_session for event in function.events):
            events = ", ".join(event for event in Event if event in function.events)
            message = f"one function for {events}: sessions need PL/SQL here and DDL needs plpgsql"
            yield CHECK.finding(function.subject, message, "give each its own function", function.path)


CHECK = Check("XT207", Severity.ERROR, find)

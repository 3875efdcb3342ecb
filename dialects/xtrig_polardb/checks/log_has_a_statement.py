"""XT207: PL/SQL has no RAISE LOG, and no other statement that writes to the server's log."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.model import Log
from xtrig.plugin import Check, Finding, Severity, Translation, walk
from xtrig_polardb.checks.plsql_functions import plsql_functions


def find(translation: Translation) -> Iterator[Finding]:
    """Yield a finding for each log step of a PL/SQL function."""
    for function in plsql_functions(translation):
        for visit in walk(function):
            if isinstance(visit.step, Log):
                message = "log: PL/SQL has no statement that writes to PolarDB's server log"
                remedy = "record with insert, or write language: plpgsql (unverified)"
                yield CHECK.finding(function.subject, message, remedy, visit.path)


CHECK = Check("XT207", Severity.ERROR, find)

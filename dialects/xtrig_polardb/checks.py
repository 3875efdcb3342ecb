"""What PolarDB cannot express, or is not documented to do."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.model import Log
from xtrig.plugin import (
    Event,
    Finding,
    Path,
    ResolvedFunction,
    ResolvedSet,
    Severity,
    Version,
    has_vendor_literal,
    uses,
    walk,
)
from xtrig_postgresql.checks import check_tags


def check_common(triggers: ResolvedSet, kernel: Version) -> Iterator[Finding]:
    """Yield what concerns both editions."""
    for trigger in triggers.triggers:
        if not trigger.event.is_session:
            yield from check_tags(trigger, kernel)
    for function in triggers.functions:
        if any(event.is_session for event in function.events):
            yield from _session_function(function)


def _session_function(function: ResolvedFunction) -> Iterator[Finding]:
    if function.policies.language == "plpgsql":
        yield _finding(
            "XT210",
            Severity.WARNING,
            function,
            "language: plpgsql at logon and logoff is shown nowhere in PolarDB's documentation",
            "try it on your server first, or leave language out",
            function.path,
        )
        return
    if any(not event.is_session for event in function.events):
        events = ", ".join(event for event in Event if event in function.events)
        message = f"one function for {events}: sessions need PL/SQL here and DDL needs plpgsql"
        yield _finding("XT207", Severity.ERROR, function, message, "give each its own function", function.path)
    if "timeout" in function.policies.stated:
        message = "timeout: PolarDB's kernels have no transaction_timeout to bound the function with"
        path = (*function.path, "timeout")
        yield _finding("XT209", Severity.WARNING, function, message, "rely on lock_timeout", path)
    for use in uses(function):
        if any(isinstance(part, str) and has_vendor_literal(part) for part in use.template.parts):
            # PL/SQL ends E'\'' where PostgreSQL does not, so what follows would become code.
            message = "a literal that PL/SQL reads differently than PostgreSQL, such as E'...'"
            yield _finding("XT207", Severity.ERROR, function, message, "write it as '...' or chr(n)", use.path)
    for visit in walk(function):
        if isinstance(visit.step, Log):
            message = "log: PL/SQL has no statement that writes to PolarDB's server log"
            remedy = "record with insert, or write language: plpgsql (unverified)"
            yield _finding("XT207", Severity.ERROR, function, message, remedy, visit.path)


def _finding(
    code: str, severity: Severity, function: ResolvedFunction, message: str, remedy: str, path: Path
) -> Finding:
    return Finding(code, severity, function.subject, message, remedy, path)


def invoker_is_not_documented(triggers: ResolvedSet) -> Iterator[Finding]:
    """Yield XT209: the PostgreSQL edition's page shows no clause for whose rights a function has."""
    for function in triggers.functions:
        native = function.policies.language == "native" and any(event.is_session for event in function.events)
        if native and function.policies.security == "invoker" and not function.body:
            message = "security: invoker: the documented function form has no clause for it"
            yield _finding(
                "XT209",
                Severity.ERROR,
                function,
                message,
                "leave it out, or write language: plpgsql",
                function.path,
            )

"""PL/SQL and plpgsql: what a function can say in each."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.model import Log
from xtrig.plugin import (
    Check,
    Event,
    Finding,
    PolicyNotExpressible,
    ResolvedFunction,
    Severity,
    StepNotExpressible,
    Translation,
    has_vendor_literal,
    uses,
    walk,
)
from xtrig_pgfamily.plpgsql.function import TRANSACTION_TIMEOUT


def session_functions(translation: Translation) -> Iterator[ResolvedFunction]:
    """Yield the functions that logon or logoff runs."""
    for function in translation.triggers.functions:
        if any(event.is_session for event in function.events):
            yield function


def plsql_functions(translation: Translation) -> Iterator[ResolvedFunction]:
    """Yield those of them in the documented form, which is PL/SQL."""
    for function in session_functions(translation):
        if function.policies.language == "native":
            yield function


class LanguageNotVerified(Check[Translation], code="XT210", severity=Severity.WARNING):
    """A part of the rendering is not verified by the vendor's documentation.

    It is rendered as asked, and it has not been shown that the server takes it.

    Remedy: Try it on a server of yours first, or leave `language` out.
    Source: PolarDB's documentation shows plpgsql for DDL triggers alone.
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        for function in session_functions(translation):
            if function.policies.language == "plpgsql":
                message = "language: plpgsql at logon and logoff is shown nowhere in PolarDB's documentation"
                remedy = "try it on your server first, or leave language out"
                yield self.finding(function.subject, message, remedy, function.path)


class TwoLanguages(Check[Translation], of=StepNotExpressible):
    """Sessions need PL/SQL and DDL needs plpgsql, so one function cannot serve both."""

    def find(self, translation: Translation) -> Iterator[Finding]:
        for function in plsql_functions(translation):
            if any(not event.is_session for event in function.events):
                events = ", ".join(event for event in Event if event in function.events)
                message = f"one function for {events}: sessions need PL/SQL here and DDL needs plpgsql"
                yield self.finding(function.subject, message, "give each its own function", function.path)


class TimeoutWithoutClause(Check[Translation], of=PolicyNotExpressible, severity=Severity.WARNING):
    """The PL/SQL form of a function has no SET clause, and PolarDB kernels before 17 have no transaction_timeout."""

    def find(self, translation: Translation) -> Iterator[Finding]:
        for function in session_functions(translation):
            if "timeout" not in function.policies.stated:
                continue
            if translation.version < TRANSACTION_TIMEOUT:
                message = "timeout: PolarDB kernels before 17 have no transaction_timeout to bound the function with"
                remedy = "rely on lock_timeout"
            elif function.policies.language == "native":
                message = "timeout: a function in PL/SQL has no SET clause for transaction_timeout"
                remedy = "write language: plpgsql, or rely on lock_timeout"
            else:
                continue
            yield self.finding(function.subject, message, remedy, (*function.path, "timeout"))


class VendorLiteral(Check[Translation], of=StepNotExpressible):
    """PL/SQL ends E'\'' where PostgreSQL does not, so what follows would become code."""

    def find(self, translation: Translation) -> Iterator[Finding]:
        for function in plsql_functions(translation):
            for use in uses(function):
                if any(isinstance(part, str) and has_vendor_literal(part) for part in use.template.parts):
                    message = "a literal that PL/SQL reads differently than PostgreSQL, such as E'...'"
                    yield self.finding(function.subject, message, "write it as '...' or chr(n)", use.path)


class LogInPlsql(Check[Translation], of=StepNotExpressible):
    """PL/SQL has no RAISE LOG, and no other statement that writes to the server's log."""

    def find(self, translation: Translation) -> Iterator[Finding]:
        for function in plsql_functions(translation):
            for visit in walk(function):
                if isinstance(visit.step, Log):
                    message = "log: PL/SQL has no statement that writes to PolarDB's server log"
                    remedy = "record with insert, or write language: plpgsql (unverified)"
                    yield self.finding(function.subject, message, remedy, visit.path)


class InvokerInPlsql(Check[Translation], of=PolicyNotExpressible):
    """The PostgreSQL edition's page shows no clause for whose rights a function has."""

    def find(self, translation: Translation) -> Iterator[Finding]:
        for function in plsql_functions(translation):
            if function.policies.security == "invoker" and not function.body:
                message = "security: invoker: the documented function form has no clause for it"
                yield self.finding(function.subject, message, "leave it out, or write language: plpgsql", function.path)

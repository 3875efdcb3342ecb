"""PL/SQL and plpgsql: what a function can say in each."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.model import If
from xtrig.plugin import (
    Check,
    Event,
    Finding,
    PolicyNotExpressible,
    ResolvedFunction,
    Severity,
    StepNotExpressible,
    Translation,
    uses,
    walk,
)
from xtrig_pgfamily.plpgsql.function import TRANSACTION_TIMEOUT
from xtrig_polardb.plsql_writer import STEPS
from xtrig_polardb.wrapper import is_plsql, is_wrapped


def session_functions(translation: Translation) -> Iterator[ResolvedFunction]:
    """Yield the functions that logon or logoff runs."""
    for function in translation.triggers.functions:
        if any(event.is_session for event in function.events):
            yield function


def all_plsql(translation: Translation) -> Iterator[ResolvedFunction]:
    """Yield those of them whose steps are written in PL/SQL."""
    for function in session_functions(translation):
        if is_plsql(function) and not is_wrapped(function) and not function.body:
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


class FewGuards(Check[Translation], code="XT227", severity=Severity.WARNING):
    """A function that is all in PL/SQL, where the guards of other functions have no words.

    `language: plsql` renders just what the vendor's manual shows. PL/SQL has no handler that could write to the
    server's log, so an error ends the function: a `deny` behind it is never reached, and the rows of all triggers of
    the event are lost; a read-only session leaves no row. On PolarDB for PostgreSQL the form has no SET clause either:
    a client's `search_path` holds until the first statement, and `standard_conforming_strings` throughout; and whose
    rights it has is not documented.

    Remedy: Leave `language` out. Then the documented form hands the vendor's variables to a plpgsql function with all
    guards.
    Source: PolarDB documentation, Logon and logoff triggers; CREATE FUNCTION of PolarDB for PostgreSQL (compatible with
    Oracle), which has SET clauses. The attacks by `search_path` were seen on IvorySQL 5.4.
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        for function in all_plsql(translation):
            message = "language: plsql: an error or a read-only session loses the rows, and only the server logs it"
            yield self.finding(function.subject, message, "leave language out", function.path)


class TwoLanguages(Check[Translation], of=StepNotExpressible):
    """Sessions need PL/SQL and DDL needs plpgsql, so one function cannot serve both."""

    def find(self, translation: Translation) -> Iterator[Finding]:
        for function in session_functions(translation):
            if is_plsql(function) and any(not event.is_session for event in function.events):
                events = ", ".join(event for event in Event if event in function.events)
                message = f"one function for {events}: sessions need PL/SQL here and DDL needs plpgsql"
                yield self.finding(function.subject, message, "give each its own function", function.path)


class TimeoutWithoutParameter(Check[Translation], of=PolicyNotExpressible, severity=Severity.WARNING):
    """PolarDB kernels before 17 have no transaction_timeout."""

    def find(self, translation: Translation) -> Iterator[Finding]:
        for function in session_functions(translation):
            is_asked = "timeout" in function.policies.stated and function.policies.timeout
            if is_asked and (translation.version < TRANSACTION_TIMEOUT or function.policies.language == "plsql"):
                message = "timeout: PL/SQL and kernels before 17 have no transaction_timeout to bound the function with"
                yield self.finding(function.subject, message, "rely on lock_timeout", (*function.path, "timeout"))


class NotInPlsql(Check[Translation], of=StepNotExpressible):
    """What PL/SQL has no form for, or reads otherwise: E'\\'' ends elsewhere, and clients change other backslashes."""

    def find(self, translation: Translation) -> Iterator[Finding]:
        for function in all_plsql(translation):
            for visit in walk(function):
                if not isinstance(visit.step, (*STEPS, If)):
                    message = f"{visit.step.key}: it has no form in language: plsql"
                    yield self.finding(function.subject, message, "leave language out", visit.path)
            for use in uses(function):
                if any(isinstance(part, str) and "\\" in part for part in use.template.parts):
                    message = "a backslash, which PL/SQL and a client's standard_conforming_strings read differently"
                    yield self.finding(function.subject, message, "write chr(92), or leave language out", use.path)


class NoClauseInPlsql(Check[Translation], of=PolicyNotExpressible):
    """The PostgreSQL edition's page shows no clause for whose rights a function has."""

    def find(self, translation: Translation) -> Iterator[Finding]:
        for function in all_plsql(translation):
            if function.policies.security == "invoker":
                message = "security: invoker: the documented function form has no clause for it"
                yield self.finding(function.subject, message, "leave it out, or leave language out", function.path)

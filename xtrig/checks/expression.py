"""Names, steps and policies that the vendor cannot express."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.dialect import Translation
from xtrig.findings import Check, Finding, Path
from xtrig.resolve import ResolvedFunction, ResolvedSet, walk

Name = tuple[str, str, Path]
"""Whose name it is, the name, and where it stands."""


class NameTooLong(Check[Translation], code="XT204"):
    """A name that the dialect cannot hold.

    A longer name would be cut off by the server, and its full form would not be found again. The limit is 63 bytes of
    UTF-8 on the shipped dialects.

    Remedy: Shorten the name.
    Source: PostgreSQL manual, Lexical Structure: identifiers are truncated to NAMEDATALEN-1 bytes.
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        longest, title = translation.dialect.longest_name(translation.version), translation.dialect.title
        # A trigger with steps of its own is its own function, and its name is one finding, not two.
        for subject, name, path in dict.fromkeys(_names(translation.triggers)):
            if not longest.keeps(name):
                size = longest.size(name)
                message = f"the name {name!r} has {size} {longest.unit}, and {title} keeps {longest.length}"
                yield self.finding(subject, message, "shorten it", path)


def _names(triggers: ResolvedSet) -> Iterator[Name]:
    for trigger in triggers.triggers:
        yield trigger.subject, trigger.name, trigger.path
    for function in triggers.functions:
        yield from _names_of_function(function)
    if triggers.sessions is not None:
        roles = (triggers.sessions.owner, triggers.sessions.writer, triggers.sessions.reader)
        for name in (triggers.schema, *roles):
            yield "sessions", name, ("sessions",)
    for table in triggers.tables.values():
        for name in (table.schema, table.name, *table.table.columns):
            yield f"table {table.name!r}", name, table.path


def _names_of_function(function: ResolvedFunction) -> Iterator[Name]:
    for name in (function.name, function.schema, *function.policies.exempt_roles):
        yield function.subject, name, function.path
    for visit in walk(function):
        for name in visit.step.names:
            yield function.subject, name, visit.path


class StepNotExpressible(Check[Translation], code="XT207"):
    """A step that the dialect cannot express.

    The language in which the dialect writes this function has no such statement, or one function is asked to be written
    in two languages, or an inferred logoff is asked to run a hand-written body, which cannot know the ended session.

    Remedy: The message says what to use in its place: mostly `insert` for `log`, and a function for each kind of event.
    Source: PolarDB documentation: the sample function is Oracle's PL/SQL, which has no RAISE LOG; for DDL the vendor
    shows plpgsql.
    """


class PolicyNotExpressible(Check[Translation], code="XT209"):
    """A policy that the dialect cannot express.

    The documented form of the function has no clause for it, or the server no parameter. It is a warning where the
    function still does its work without.

    Remedy: Leave the policy out, or write `language: plpgsql` where that is offered.
    Source: PolarDB documentation, Logon and logoff triggers; `transaction_timeout` is new in PostgreSQL 17.
    """

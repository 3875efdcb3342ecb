"""XT204: every name is short enough to be kept whole.

PostgreSQL cuts a longer one off with a NOTICE, and the next look-up of the full name finds nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.dialect import Translation
from xtrig.findings import Check, Finding, Path, Severity
from xtrig.model import Call, CreateTempTable, GrantRole, RevokeRole, Step
from xtrig.resolve import ResolvedFunction, ResolvedSet, walk

Name = tuple[str, str, Path]
"""Whose name it is, the name, and where it stands."""


def find(translation: Translation) -> Iterator[Finding]:
    """Yield a finding for each name that the dialect would cut off."""
    longest, title = translation.dialect.longest_name(translation.version), translation.dialect.title
    # A trigger with steps of its own is its own function, and its name is one finding, not two.
    for subject, name, path in dict.fromkeys(_names(translation.triggers)):
        if not longest.keeps(name):
            message = f"the name {name!r} has {longest.size(name)} {longest.unit}, and {title} keeps {longest.length}"
            yield CHECK.finding(subject, message, "shorten it", path)


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
        for name in _names_of_step(visit.step):
            yield function.subject, name, visit.path


def _names_of_step(step: Step) -> tuple[str, ...]:
    match step:
        case GrantRole(role=role) | RevokeRole(role=role):
            return (role,)
        case CreateTempTable(table=table, columns=columns):
            return (table, *columns)
        case Call(routine=routine):
            return tuple(routine.split("."))
        case _:
            return ()


CHECK = Check("XT204", Severity.ERROR, find)

"""Refusals that follow from a dialect's declared data: events, facts, denials, names, bodies."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.dialect import Capability, Dialect, Support, Version
from xtrig.findings import Finding, Path, Severity
from xtrig.model import Call, CreateTempTable, Deny, GrantRole, RevokeRole, Sql
from xtrig.resolve import ResolvedFunction, ResolvedSet, ResolvedTrigger, uses, walk, without


def check_translation(triggers: ResolvedSet, dialect: Dialect, version: Version) -> list[Finding]:
    """Return what stands between the set and ``dialect``, errors and remarks, without places in files."""
    findings: list[Finding] = []
    for trigger in triggers.triggers:
        findings += _event(trigger, dialect, version)
    offered = translated(triggers, dialect, version)
    for trigger in offered.triggers:
        findings += _name(trigger.subject, trigger.name, trigger.path, dialect)
    for function in offered.functions:
        findings += _names(function, dialect)
        findings += _body(function, dialect)
        findings += _facts(function, dialect, version)
        findings += _denials(function, dialect, version)
    for table in triggers.tables.values():
        for name in (table.schema, table.name, *table.table.columns):
            findings += _name(f"table {table.name!r}", name, table.path, dialect)
    findings += dialect.check(offered, version)
    # A trigger with steps of its own is its own function, and its name is one finding, not two.
    return list(dict.fromkeys(findings))


def translated(triggers: ResolvedSet, dialect: Dialect, version: Version) -> ResolvedSet:
    """Return the part of the set that ``dialect`` offers; the rest is refused, or left out by if_unsupported: skip."""
    return without(triggers, lambda trigger: _offered(trigger, dialect, version) is Support.REFUSED)


def _offered(trigger: ResolvedTrigger, dialect: Dialect, version: Version) -> Support:
    """Return how ``dialect`` will offer the trigger: EMULATED only where the definition asks for it."""
    support = dialect.capability(trigger.event, version).support
    if support is Support.EMULATED and trigger.if_unsupported != "infer":
        return Support.REFUSED
    return support


def _event(trigger: ResolvedTrigger, dialect: Dialect, version: Version) -> Iterator[Finding]:
    capability = dialect.capability(trigger.event, version)
    if _offered(trigger, dialect, version) is not Support.REFUSED:
        return
    asked = f"{trigger.event} on {dialect.name} {_text(version)}"
    path = (*trigger.path, "event")
    if trigger.if_unsupported == "skip":
        message = f"{asked}: {capability.reason}; it is left out, as if_unsupported: skip says"
        yield Finding("XT201", Severity.WARNING, trigger.subject, message, "nothing of it is recorded there", path)
    else:
        yield _error("XT201", trigger.subject, f"{asked}: {capability.reason}", _remedy(trigger, capability), path)


def _remedy(trigger: ResolvedTrigger, capability: Capability) -> str:
    if trigger.if_unsupported == "infer" and capability.support is Support.REFUSED:
        return f"it cannot be inferred there either: {capability.remedy}"
    return capability.remedy


def _facts(function: ResolvedFunction, dialect: Dialect, version: Version) -> Iterator[Finding]:
    for use in uses(function):
        for fact in dict.fromkeys(use.template.facts):
            for event in function.events:
                if dialect.lacks(fact, event, use.item, version):
                    message = f"${{{fact}}} at {event}: {dialect.name} {_text(version)} has no such variable"
                    remedy = "leave it out, or give the function a body for this dialect"
                    yield _error("XT202", function.subject, message, remedy, use.path)
                    break


def _denials(function: ResolvedFunction, dialect: Dialect, version: Version) -> Iterator[Finding]:
    loose = [event for event in function.events if not dialect.capability(event, version).deny_binds]
    if not loose:
        return
    effect = dialect.capability(loose[0], version).on_error
    for visit in walk(function):
        if isinstance(visit.step, Deny):
            message = f"deny at {loose[0]}: it does not keep anyone out of {dialect.title}: {effect}"
            remedy = "record it with insert, or keep the trigger in a definition of its own for dialects where it binds"
            yield _error("XT203", function.subject, message, remedy, visit.path)
    if function.policies.on_error == "deny":
        message = f"on_error: deny at {loose[0]}: it does not keep anyone out of {dialect.title}: {effect}"
        yield _error("XT208", function.subject, message, "write on_error: allow", function.path)


def _body(function: ResolvedFunction, dialect: Dialect) -> Iterator[Finding]:
    if function.body and dialect.name not in function.body:
        message = f"its body is written for {', '.join(function.body)}, not for {dialect.name}"
        yield _error("XT206", function.subject, message, f"add a body for {dialect.name}, or use steps", function.path)
    for visit in walk(function):
        if isinstance(visit.step, Sql) and not isinstance(visit.step.sql, str) and dialect.name not in visit.step.sql:
            message = f"its sql step is written for {', '.join(visit.step.sql)}, not for {dialect.name}"
            yield _error("XT206", function.subject, message, f"add a statement for {dialect.name}", visit.path)


def _names(function: ResolvedFunction, dialect: Dialect) -> Iterator[Finding]:
    yield from _name(function.subject, function.name, function.path, dialect)
    yield from _name(function.subject, function.schema, function.path, dialect)
    for role in function.policies.exempt_roles:
        yield from _name(function.subject, role, function.path, dialect)
    for visit in walk(function):
        match visit.step:
            case GrantRole(role=name) | RevokeRole(role=name) | CreateTempTable(table=name):
                yield from _name(function.subject, name, visit.path, dialect)
            case Call(routine=routine):
                for name in routine.split("."):
                    yield from _name(function.subject, name, visit.path, dialect)
        if isinstance(visit.step, CreateTempTable):
            for column in visit.step.columns:
                yield from _name(function.subject, column, visit.path, dialect)


def _name(subject: str, name: str, path: Path, dialect: Dialect) -> Iterator[Finding]:
    size = len(name.encode())
    if size > dialect.max_name_bytes:
        # PostgreSQL cuts it off with a NOTICE, and the next look-up of the full name finds nothing.
        message = f"the name {name!r} has {size} bytes, and {dialect.title} keeps {dialect.max_name_bytes}"
        yield _error("XT204", subject, message, "shorten it", path)


def _error(code: str, subject: str, message: str, remedy: str, path: Path) -> Finding:
    return Finding(code, Severity.ERROR, subject, message, remedy, path)


def _text(version: Version) -> str:
    return ".".join(map(str, version))

"""XT218: a refusal at logon also meets superusers, logical replication and pg_dump, unless roles are exempt."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.plugin import Check, Event, Fact, Finding, Path, ResolvedFunction, Severity, Translation, uses
from xtrig_pgfamily.checks.denials import binding, denials

_CONDITIONS = ("when", "if")


def find(translation: Translation) -> Iterator[Finding]:
    """Yield a finding for each logon function that refuses whoever it is; a deny that asks who it is does not."""
    triggers = binding(translation).get(Event.LOGON, ())
    for function in {id(trigger.function): trigger.function for trigger in triggers}.values():
        if function.policies.exempt_roles:
            continue
        asked = [use.path[:-1] for use in uses(function) if _asks_who(use.path, use.template.facts)]
        path = next((path for path in denials(function) if not _is_inside(path, asked)), None)
        if path is not None:
            yield _finding(function, "deny at logon", path)
        elif function.policies.on_error == "deny":
            yield _finding(function, "on_error: deny at logon", (*function.path, "on_error"))


def _asks_who(path: Path, facts: tuple[Fact, ...]) -> bool:
    return path[-1] in _CONDITIONS and Fact.LOGIN_USER in facts


def _is_inside(path: Path, outer: list[Path]) -> bool:
    return any(path[: len(each)] == each for each in outer)


def _finding(function: ResolvedFunction, asked: str, path: Path) -> Finding:
    message = f"{asked}: nobody is exempt, so superusers, logical replication and pg_dump can be refused too"
    return CHECK.finding(function.subject, message, "name break-glass and service roles under exempt_roles", path)


CHECK = Check("XT218", Severity.WARNING, find)

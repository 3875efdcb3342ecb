"""Whom a refusal at logon meets."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.plugin import Check, Event, Fact, Finding, Path, ResolvedFunction, Severity, Translation, uses
from xtrig_pgfamily.checks.refusals import binding, denials, denies

_CONDITIONS = ("when", "if")


class NoRoleExempt(Check[Translation], code="XT218", severity=Severity.WARNING):
    """A refusal at logon that nobody is exempt from.

    A refusal at logon is for everybody: superusers are not exempt, and each client that logs in to the database is met
    by it, also logical replication, `pg_dump` and the health check of a pool. If the condition is wrong, or an error
    counts as a refusal, nobody can log in to repair it in the usual way.

    Remedy: Name break-glass roles under `exempt_roles`, and those of replication, backup and monitoring. A `deny` whose
    condition asks for `${login_user}` says itself whom it concerns, and is not warned of.
    Source: Seen on PostgreSQL 18: `tests/traps/test_lockouts.py` for superusers, `tests/traps/test_replication.py` for
    logical replication; physical replication is not met by it.
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
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
    return NoRoleExempt.finding(
        function.subject, message, "name break-glass and service roles under exempt_roles", path
    )


class OneDatabaseGuarded(Check[Translation], code="XT221", severity=Severity.NOTE):
    """A refusal at logon that guards one database alone.

    An event trigger belongs to the database it is created in. Who is refused there can still log in to any other
    database of the server, `postgres` and `template1` among them, and from there see all that is shared.

    Remedy: Create the trigger in each database, or revoke CONNECT on the others; then waive the note and say so.
    Source: PostgreSQL manual, Event Triggers: they are global to a particular database. Seen on 18:
    `tests/traps/test_sessions.py`, trap 30. SQL Server's are for the whole server.
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        for trigger in binding(translation).get(Event.LOGON, ()):
            if denies(trigger):
                message = "deny at logon: it guards the database it is created in, and no other of the server"
                remedy = "create it in each database, revoke CONNECT on the others, and waive this"
                yield self.finding(trigger.subject, message, remedy, trigger.path)

"""What a refusal at logon, or a login trigger that does not fire, does to people and to hot standbys."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.plugin import Check, Event, Fact, Finding, Path, ResolvedFunction, Severity, Translation, uses, walk
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


class StandbyShut(Check[Translation], code="XT212", severity=Severity.WARNING):
    """A firing state that shuts hot standbys.

    A login trigger marks its database for good (`pg_database.dathasloginevt`), and while no enabled trigger of it
    fires, a hot standby refuses every login to the database.

    Remedy: Add a logon trigger that is enabled, or enable this one.
    Source: Seen on 17.9 and 18.4: `tests/server/test_standby.py`.
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        triggers = translation.triggers.triggers
        logon = [trigger for trigger in triggers if trigger.event.is_session and trigger.enable != "disabled"]
        if logon and all(trigger.enable == "replica" for trigger in logon):
            message = "enable: replica: with no other login trigger, hot standbys refuse every login to this database"
            remedy = "add a logon trigger that is enabled, or enable this one"
            yield self.finding(logon[0].subject, message, remedy, (*logon[0].path, "enable"))


class StandbyWrites(Check[Translation], code="XT222", severity=Severity.WARNING):
    """A logon that fails on every standby.

    Login triggers fire on a hot standby as well, and what writes fails there. With `standby: run` the step is tried all
    the same, and with `on_error: deny` its error refuses the login: the standby is shut to everybody.

    Remedy: Write `standby: skip`, the default: on a standby a line in the server log takes the place of what would be
    written.
    Source: PostgreSQL manual, Event Trigger on Database Login, warns of this. Seen on 18:
    `tests/server/test_standby.py`.
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        triggers = binding(translation).get(Event.LOGON, ())
        for function in {id(trigger.function): trigger.function for trigger in triggers}.values():
            policies = function.policies
            if policies.standby != "run" or policies.on_error != "deny":
                continue
            if any(visit.step.writes for visit in walk(function)):
                message = "standby: run with on_error: deny: a step writes, so a hot standby refuses every login"
                yield self.finding(function.subject, message, "write standby: skip", (*function.path, "standby"))

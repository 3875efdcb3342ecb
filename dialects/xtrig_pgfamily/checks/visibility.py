"""What event triggers of the family see, and what its facts tell."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.errors import suggest
from xtrig.plugin import Check, Event, Fact, Finding, Severity, Translation, uses
from xtrig_pgfamily.words import SILENT_TAGS, tags

_CONDITIONS = ("when", "if")
_ANY_COMMAND = (Event.DDL_COMMAND_START, Event.DDL_COMMAND_END)


class TagNeverFires(Check[Translation], code="XT205"):
    """A command tag the dialect does not know, or never fires for.

    Some tags the server rejects; others, such as LOGIN, it accepts and never fires for.

    Remedy: Correct the tag. What no event trigger sees, such as CREATE ROLE, is left to the server log (`log_statement
    = 'ddl'`).
    Source: `src/include/tcop/cmdtaglist.h` of PostgreSQL 17 and 18; PostgreSQL manual, Event Trigger Firing Matrix.
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        for trigger in translation.triggers.triggers:
            legal = () if trigger.event.is_session else tags(trigger.event, translation.version)
            for tag in trigger.tags if legal else ():
                if tag in legal:
                    continue
                if tag in SILENT_TAGS:
                    message, remedy = f"tag {tag!r}: no event trigger sees this command", "leave it to the server log"
                else:
                    message, remedy = (
                        f"tag {tag!r}: {trigger.event} never fires for it",
                        suggest(tag, legal, "its tags are"),
                    )
                yield self.finding(trigger.subject, message, remedy, (*trigger.path, "tags"))


class ConstantCondition(Check[Translation], code="XT216", severity=Severity.WARNING):
    """A condition on a fact that never changes.

    `${instance}` has the value 1 on every shipped dialect: a PostgreSQL server is one instance, and PolarDB documents
    that its `polar_instance_num` is always 1. It does not tell the nodes of a cluster apart, as Oracle's
    `ora_instance_num` does. A condition on it is always true or always false.

    Remedy: Leave it out of the condition. What tells servers apart there is the address, or `cluster_name`, in a `body`
    of your own.
    Source: PolarDB documentation, Logon and logoff triggers: the number of clusters logged on to, fixed at 1.
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        for function in translation.triggers.functions:
            for use in uses(function):
                if use.path[-1] in _CONDITIONS and Fact.INSTANCE in use.template.facts:
                    message = f"a condition on ${{instance}}: on {translation.dialect.title} it is always 1"
                    yield self.finding(function.subject, message, "leave it out of the condition", use.path)


class UnseenRewrites(Check[Translation], code="XT219", severity=Severity.NOTE):
    """Rewrites that the event does not fire for.

    `table_rewrite` fires for ALTER TABLE, ALTER TYPE and ALTER MATERIALIZED VIEW. `VACUUM FULL` and `CLUSTER`, and
    `REPACK` from PostgreSQL 19 on, write a table anew as well, and no event trigger sees them.

    Remedy: Nothing in a trigger can help. Only the owner of a table, or who has the privilege MAINTAIN (17 and later),
    can run them: grant that to few, and waive the note.
    Source: PostgreSQL manual, Event Trigger Firing Matrix; `src/include/tcop/cmdtaglist.h` of 17 to 19. Seen on 18:
    `tests/traps/test_ddl.py`, trap 33.
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        for trigger in translation.triggers.triggers:
            if trigger.event is Event.TABLE_REWRITE:
                message = "table_rewrite: it does not fire for VACUUM FULL and CLUSTER, which rewrite tables too"
                yield self.finding(
                    trigger.subject, message, "keep those to the tables' owners, and waive this", trigger.path
                )


class UnseenCommands(Check[Translation], code="XT220", severity=Severity.NOTE):
    """Commands that the event does not fire for.

    Without `tags` a DDL trigger looks as if it saw every command. It does not: roles and their memberships, databases,
    tablespaces and parameters concern the whole server, and no event trigger fires for them, nor for TRUNCATE, nor for
    commands on event triggers themselves.

    Remedy: Name the commands that matter with `tags`; a tag that never fires is refused. The other commands are in the
    server log with `log_statement = 'ddl'`, and a trigger ON TRUNCATE of the table itself sees that.
    Source: PostgreSQL manual, Event Trigger Firing Matrix; seen on 18: `tests/traps/test_ddl.py`, trap 32. Oracle and
    Firebird draw the line elsewhere.
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        for trigger in translation.triggers.triggers:
            if trigger.event in _ANY_COMMAND and not trigger.tags:
                message = (
                    f"{trigger.event} without tags: it does not fire for roles, databases, tablespaces or TRUNCATE"
                )
                remedy = (
                    "name the commands that matter with tags; the others are in the server log with log_statement=ddl"
                )
                yield self.finding(trigger.subject, message, remedy, trigger.path)

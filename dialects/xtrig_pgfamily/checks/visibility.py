"""What event triggers of the family see, and what its facts tell."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.errors import suggest
from xtrig.model import ForEach
from xtrig.plugin import (
    Check,
    Event,
    Fact,
    Finding,
    Item,
    Path,
    ResolvedTrigger,
    Severity,
    TagNeverFires,
    Translation,
    uses,
    walk,
)
from xtrig_pgfamily.checks.refusals import denies
from xtrig_pgfamily.words import SILENT_TAGS, listed_tags, tags

_CONDITIONS = ("when", "if")
_ANY_COMMAND = (Event.DDL_COMMAND_START, Event.DDL_COMMAND_END)


class TagNotSeen(Check[Translation], of=TagNeverFires):
    """A command tag that event triggers do not know, or never fire for."""

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


class NothingListed(Check[Translation], code="XT235", severity=Severity.WARNING):
    """A loop over commands that list nothing.

    `for_each: ddl_command` runs its steps for each object that the command made or changed. A `DROP` makes and changes
    none: the trigger fires, and the loop is never entered. What was dropped is listed at `sql_drop`.

    Remedy: Record what is dropped in a trigger at `sql_drop`, with `for_each: dropped_object`; or put steps that need
    no object outside of the loop.
    Source: Seen on 16, 17 and 18, command by command: `tests/server/test_listed_commands.py`. PostgreSQL manual, Event
    Trigger Functions.
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        for trigger, path in _loops(translation, Item.DDL_COMMAND):
            legal = tags(trigger.event, translation.version)
            listed = listed_tags(translation.version)
            silent = [tag for tag in trigger.tags if tag in legal and tag not in listed]
            if silent:
                message = f"for_each ddl_command: {', '.join(silent)} lists nothing, so that its steps are never run"
                remedy = "use a trigger at sql_drop, with for_each: dropped_object"
                yield self.finding(trigger.subject, message, remedy, path)


def _loops(translation: Translation, item: Item) -> Iterator[tuple[ResolvedTrigger, Path]]:
    """Yield the triggers with tags whose function loops over such items, and where."""
    for trigger in translation.triggers.triggers:
        if trigger.tags and trigger.event is item.event and _is_event_trigger(trigger, translation):
            for visit in walk(trigger.function):
                if isinstance(visit.step, ForEach) and visit.step.item is item:
                    yield trigger, visit.path


def _is_event_trigger(trigger: ResolvedTrigger, translation: Translation) -> bool:
    """Whether it is no system trigger, which fires for each object and names commands otherwise."""
    found = translation.dialect.capability_of(trigger, translation.version)
    return found.spelling == f"ON {trigger.event}"


_ALSO_CREATE = {
    "CREATE TABLE": ("CREATE TABLE AS", "SELECT INTO"),
}


class OtherTagsCreate(Check[Translation], code="XT236", severity=Severity.WARNING):
    """Tags that leave out other commands of the same effect.

    `CREATE TABLE x AS SELECT ...` and `SELECT ... INTO x` have tags of their own, `CREATE TABLE AS` and `SELECT INTO`.
    A trigger for `CREATE TABLE` does not fire for them: a rule is evaded, and an audit is not whole.

    Where the trigger only records it is a note.

    Remedy: Add the tags; or waive the finding, and say why.
    Source: `src/include/tcop/cmdtaglist.h` of 17 and 18. Seen on 16, 17 and 18: `tests/server/test_listed_commands.py`.
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        for trigger in translation.triggers.triggers:
            legal = tags(trigger.event, translation.version) if _is_event_trigger(trigger, translation) else ()
            for tag in trigger.tags:
                left = [each for each in _ALSO_CREATE.get(tag, ()) if each in legal and each not in trigger.tags]
                if left:
                    message = f"tag {tag!r}: tables are made by {' and '.join(left)} too, and it does not fire then"
                    remedy = f"add {', '.join(left)} to tags"
                    # A rule is evaded; an audit may mean these commands alone.
                    severity = None if denies(trigger) else Severity.NOTE
                    yield self.finding(trigger.subject, message, remedy, (*trigger.path, "tags"), severity=severity)


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

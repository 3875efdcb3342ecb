"""What PostgreSQL cannot do with a definition, beyond what its capabilities say."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.nearest import suggest
from xtrig.plugin import Dialect, Event, Finding, ResolvedSet, ResolvedTrigger, Severity, Support, Version
from xtrig_postgresql.inferred import InferredLogoff
from xtrig_postgresql.words import SILENT_TAGS, tags


def check_tags(trigger: ResolvedTrigger, version: Version) -> Iterator[Finding]:
    """Yield XT205 for tags that the server rejects, or accepts and never fires for."""
    legal = tags(trigger.event, version)
    for tag in trigger.tags:
        if tag in legal:
            continue
        if tag in SILENT_TAGS:
            message, remedy = f"tag {tag!r}: no event trigger sees this command", "leave it to the server log"
        else:
            message, remedy = f"tag {tag!r}: {trigger.event} never fires for it", suggest(tag, legal, "its tags are")
        path = (*trigger.path, "tags")
        yield Finding("XT205", Severity.ERROR, trigger.subject, message, remedy, path)


def check_standbys(triggers: ResolvedSet) -> Iterator[Finding]:
    """Yield XT212 where only login triggers in state replica are left.

    They set pg_database.dathasloginevt for good, and while it is set and no trigger fires, a hot standby
    refuses every login. Seen on 17.9 and 18.4.
    """
    logon = [trigger for trigger in triggers.triggers if trigger.event.is_session and trigger.enable != "disabled"]
    if logon and all(trigger.enable == "replica" for trigger in logon):
        message = "enable: replica: with no other login trigger, hot standbys refuse every login to this database"
        remedy = "add a logon trigger that is enabled, or enable this one"
        yield Finding("XT212", Severity.WARNING, logon[0].subject, message, remedy, (*logon[0].path, "enable"))


def check_inferred(dialect: Dialect, triggers: ResolvedSet, version: Version) -> Iterator[Finding]:
    """Yield what keeps a logoff from being inferred."""
    if dialect.capability(Event.LOGOFF, version).support is Support.EMULATED:
        for trigger in triggers.triggers:
            if trigger.event is Event.LOGOFF:
                yield from _inferred_names(InferredLogoff(trigger), triggers, dialect)
                yield from _inferred_function(trigger)


def _inferred_names(each: InferredLogoff, triggers: ResolvedSet, dialect: Dialect) -> Iterator[Finding]:
    taken = {(function.schema, function.name) for function in triggers.functions}
    taken |= {(table.schema, table.name) for table in triggers.tables.values()}
    trigger = each.trigger
    for made in (each.function_name, each.table_name):
        if (trigger.function.schema, made) in taken:
            message = f"if_unsupported: infer makes an object {made!r}, which the definition has already"
            yield _error("XT002", trigger, message, "rename one of them")
        if len(made.encode()) > dialect.max_name_bytes:
            message = f"if_unsupported: infer makes the name {made!r}, longer than {dialect.max_name_bytes} bytes"
            yield _error("XT204", trigger, message, "shorten the trigger's")


def _inferred_function(trigger: ResolvedTrigger) -> Iterator[Finding]:
    if trigger.function.body:
        message = "if_unsupported: infer runs steps for a session that is gone; a hand-written body cannot know it"
        yield _error("XT207", trigger, message, "use steps, or skip")
    if trigger.function.policies.security == "invoker":
        # An ordinary role sees no other session's start, and would take the living for gone.
        message = "if_unsupported: infer looks at every session, which the user who logs in may not"
        yield _error("XT209", trigger, message, "leave security: invoker out")


def _error(code: str, trigger: ResolvedTrigger, message: str, remedy: str) -> Finding:
    return Finding(code, Severity.ERROR, trigger.subject, message, remedy, trigger.path)

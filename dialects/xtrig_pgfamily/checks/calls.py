"""Routines that steps call, and the rights that steps need."""

from __future__ import annotations

import re
from collections.abc import Iterator

from xtrig.model import Call, Insert
from xtrig.model.steps import MESSAGES
from xtrig.plugin import Check, Finding, Severity, Translation, walk
from xtrig_pgfamily.builtin import is_function

LOCKS = (
    *("pg_advisory_lock", "pg_advisory_lock_shared"),
    *("pg_advisory_xact_lock", "pg_advisory_xact_lock_shared"),
)
SLEEPS = ("pg_sleep", "pg_sleep_for", "pg_sleep_until")
SERVER_WORK = (
    *("pg_promote", "pg_backup_start", "pg_backup_stop", "pg_start_backup", "pg_stop_backup", "pg_switch_wal"),
    *("pg_create_logical_replication_slot", "pg_logical_slot_get_changes", "pg_wal_replay_wait"),
)
REMOTE = (
    *("dblink", "dblink_connect", "dblink_connect_u", "dblink_exec", "dblink_open", "dblink_get_result"),
    *("dblink_fetch", "dblink_send_query", "http_get", "http_post", "http_put", "http_delete"),
)
NOTIFIES = ("pg_notify",)
WAITS = {
    **dict.fromkeys(LOCKS, "whoever holds it"),
    **dict.fromkeys(SLEEPS, "it"),
    **dict.fromkeys(SERVER_WORK, "the server to have done it"),
    **dict.fromkeys(REMOTE, "another server"),
    **dict.fromkeys(NOTIFIES, "the commits of all others that notify"),
}
"""Routines that wait, with what for."""
_CALLED = re.compile(r"(?<![\w.\"])(?:pg_catalog\.|\w+\.(?=dblink|http_))?(\w+)\s*\(", re.IGNORECASE)


class CallWaits(Check[Translation], code="XT241", severity=Severity.WARNING):
    """A step that waits at logon or logoff.

    Whatever a trigger waits for, everybody who logs in or out waits for: a sleep, another server, an advisory lock that
    someone holds. Sessions that wait fill `max_connections`. Looked at are `call` steps and the functions in
    expressions; hand-written texts are [XT304](XT304.md). What a called routine of your own does is not seen.

    Remedy: Leave it out, or ask without waiting by `pg_try_advisory_lock()`. What has to go to another server is
    recorded here and copied by a job.
    Source: PostgreSQL manual, Delaying Execution, Advisory Lock Functions, dblink, NOTIFY. Measured as XT304 was.
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        for function in translation.triggers.functions:
            if not any(event.is_session for event in function.events):
                continue
            for visit in walk(function):
                if visit.step.key == "sql":
                    continue
                for key, name in _called(visit.step):
                    if name.lower() in WAITS:
                        whom = WAITS[name.lower()]
                        message = f"{name}(): everybody who logs in or out waits for {whom}"
                        remedy = "leave it out, or let a job do it outside of the login"
                        yield self.finding(function.subject, message, remedy, (*visit.path, *key))


def _called(step: object) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(step, Call):
        schema, _, name = step.routine.partition(".")
        if schema == "pg_catalog" or name in REMOTE:
            yield ("call",), name
    for key, text in step.texts():  # type: ignore[attr-defined]
        if key[-1] not in MESSAGES:
            for match in _CALLED.finditer(text):
                yield key, match[1]


class NoSuchBuiltIn(Check[Translation], code="XT242", severity=Severity.ERROR, waivable=True):
    """A call of a routine that PostgreSQL does not have.

    A `call` names the schema of its routine. In `pg_catalog` only built-in routines are found, and what extensions put
    there; this name is of neither PostgreSQL 18 nor an older version, so the step fails at every run.

    Remedy: Correct the name, or name the schema in which you created the routine. If an extension made it in
    `pg_catalog`, waive this.
    Source: `pg_proc` of PostgreSQL 18.4.
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        for function in translation.triggers.functions:
            for visit in walk(function):
                step = visit.step
                if not isinstance(step, Call):
                    continue
                schema, _, name = step.routine.partition(".")
                if schema == "pg_catalog" and not is_function(name):
                    message = f"call: {step.routine}: PostgreSQL has no such routine"
                    remedy = "correct the name, or write the schema in which it was created"
                    yield self.finding(function.subject, message, remedy, (*visit.path, "call"))


class InvokerInserts(Check[Translation], code="XT243", severity=Severity.WARNING):
    """An insert with the rights of whoever fires the trigger.

    With `security: invoker` a function has the rights of the user who logs in or runs the command. The tables of a
    definition belong to who deploys it, and nobody else may insert into them. So the insert fails for ordinary users:
    where errors are caught their rows are lost, elsewhere their logins or commands are refused.

    Remedy: Leave `security: invoker` out. Or grant `INSERT` on the table, and `USAGE` on its schema, to those who fire
    the trigger, which lets them write rows by hand as well; then waive this.
    Source: Seen on PostgreSQL 17 and 18, `tests/server/test_set_order.py`: `permission denied for table`.
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        for function in translation.triggers.functions:
            if function.policies.security != "invoker":
                continue
            for visit in walk(function):
                if isinstance(visit.step, Insert):
                    table = translation.triggers.tables[visit.step.table]
                    message = invoker_message(f"{table.schema}.{table.name}")
                    yield self.finding(function.subject, message, INVOKER_REMEDY, (*visit.path, "insert"))


INVOKER_REMEDY = "leave security: invoker out, or grant INSERT on it and USAGE on its schema, and waive this"


def invoker_message(table: str) -> str:
    """Return the message about a table of the definition that an invoker writes to."""
    return f"security: invoker: only the owner of {table} may insert into it, so it fails for everybody else"

"""What makes a login wait, and what does not bound it."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.findings import Check, Finding, Severity
from xtrig.sqltokens import Token, text_at
from xtrig_pgfamily.bodies.commands import calls, settings
from xtrig_pgfamily.bodies.passages import Passage
from xtrig_pgfamily.bodies.reading import Reading
from xtrig_pgfamily.checks.calls import LOCKS, REMOTE, SERVER_WORK, SLEEPS, WAITS

_PLSQL_SLEEPERS = ("dbms_lock", "dbms_session")
_VIEWS = ("pg_stat_activity", "pg_stat_ssl", "pg_stat_gssapi", "pg_stat_replication", "pg_stat_get_activity")


class LoginWaits(Check[Reading], code="XT304", severity=Severity.WARNING, waivable=True):
    """A hand-written body that waits at logon, or ends the transaction.

    Whatever a logon body waits for, everybody who logs in waits for: a sleep, another server, a lock that someone
    holds. Sessions that wait fill `max_connections`, and then no database of the server lets anyone in. `COMMIT` and
    `ROLLBACK` are not allowed in a trigger at all: they refuse every login, which is why they are errors where nothing
    catches them.

    Remedy: Leave it out, or ask without waiting: `pg_try_advisory_lock()`, `LOCK TABLE ... NOWAIT`. What has to go to
    another server is recorded here and copied by a job.
    Source: Measured on PostgreSQL 17.9 and 18.4: 120 attempts against a locked table left 93 backends waiting and
    filled `max_connections`; `COMMIT` is `FATAL: invalid transaction termination`. The policy `timeout` bounds the wait
    and refuses the login.
    """

    def find(self, reading: Reading) -> Iterator[Finding]:
        for passage in reading.passages if reading.is_session else ():
            if passage.command in ("commit", "rollback") or _begins(passage):
                yield _transaction(reading, passage)
            elif passage.command == "lock" and text_at(passage.tokens, len(passage.tokens) - 1) != "nowait":
                yield _waiting(reading, passage.tokens[0], "LOCK TABLE", "a lock held elsewhere", "add NOWAIT")
            else:
                yield from _calls(reading, passage)


def _begins(passage: Passage) -> bool:
    return passage.command == "begin" or (passage.command == "start" and text_at(passage.tokens, 1) == "transaction")


def _transaction(reading: Reading, passage: Passage) -> Finding:
    word = passage.tokens[0].text.upper()
    is_fatal = reading.refuses_logins and not passage.is_caught
    effect = "it refuses every login" if is_fatal else "it fails every time"
    message = f"{word}: a trigger cannot end or begin a transaction, so {effect}"
    severity = Severity.ERROR if is_fatal else None
    return reading.finding(
        LoginWaits, passage.tokens[0], message, "leave it out: the trigger is committed as a whole", severity
    )


def _calls(reading: Reading, passage: Passage) -> Iterator[Finding]:
    tokens = passage.tokens
    for place in calls(tokens, (*SLEEPS, *SERVER_WORK)):
        name = tokens[place].name
        yield _waiting(reading, tokens[place], f"{name}()", WAITS[name], "leave it out")
    for place in calls(tokens, LOCKS):
        remedy = f"use {tokens[place].name.replace('pg_', 'pg_try_', 1)}()"
        yield _waiting(reading, tokens[place], f"{tokens[place].name}()", "whoever holds it", remedy)
    for place, token in enumerate(tokens):
        # An extension may stand in any schema.
        if token.name in REMOTE and text_at(tokens, place + 1) == "(":
            yield _waiting(reading, token, f"{token.name}()", "another server", "record here, and copy it from a job")
        if (
            token.name in _PLSQL_SLEEPERS
            and text_at(tokens, place + 1) == "."
            and text_at(tokens, place + 2) == "sleep"
        ):
            yield _waiting(reading, token, f"{token.name}.sleep", "it", "leave it out")


def _waiting(reading: Reading, token: Token, what: str, whom: str, remedy: str) -> Finding:
    return reading.finding(LoginWaits, token, f"{what}: everybody who logs in or out waits for {whom}", remedy)


class StatementTimeout(Check[Reading], code="XT312", severity=Severity.WARNING):
    """statement_timeout where it bounds nothing.

    `statement_timeout` is counted from the start of a command that a client sends, and a login is none: set in the
    body, for the role, for the database or by the client, it does not end a trigger that hangs. Setting it for the
    session, as a gift to the user, is fine and not reported.

    Remedy: Use the policy `timeout`: on PostgreSQL it becomes `transaction_timeout`, the only setting that bounds a
    login trigger.
    Source: Measured on PostgreSQL 17.9 and 18.4: `statement_timeout` of the role, in the connection's options and in
    the function's `SET` clause did nothing; `transaction_timeout` ended a sleep, a busy loop and a lock wait.
    """

    def find(self, reading: Reading) -> Iterator[Finding]:
        for passage in reading.passages if reading.is_logon else ():
            for setting in settings(passage.tokens):
                if setting.parameter == "statement_timeout" and setting.is_local and setting.value not in (("0",), ()):
                    message = "statement_timeout does not bound a login: the trigger may still take for ever"
                    yield reading.finding(self, setting.token, message, _remedy(reading))


def _remedy(reading: Reading) -> str:
    return "use the policy timeout" if reading.errors_bind else "use the policy lock_timeout"


class SessionStatistics(Check[Reading], code="XT313", severity=Severity.NOTE):
    """Session statistics read at every login.

    Reading `pg_stat_activity`, `pg_stat_ssl` and their like copies the state of every session first, so a login costs
    the more the more sessions there are. It is a note: the facts `${ssl}`, `${client_host}` and `${session_id}` cost
    the same.

    Remedy: Leave it out if you can: `log_connections` writes much of it to the server log at no such cost.
    Source: Measured on PostgreSQL 17.9 and 18.4: with the view in it a login took 2.44 times as long as without a
    trigger, a whole guarded audit 1.73 times.
    """

    def find(self, reading: Reading) -> Iterator[Finding]:
        for token in reading.tokens if reading.is_logon else ():
            if token.name in _VIEWS:
                message = (
                    f"{token.text} at every login: it costs more than the rest of a trigger, and more the more sessions"
                )
                yield reading.finding(self, token, message, "leave it out if you can; much of it is in the server log")
                return

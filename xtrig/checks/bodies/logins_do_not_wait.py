"""XT304: what waits in a logon body makes everybody wait who logs in, and COMMIT is refused there."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.checks.bodies.passages import Passage
from xtrig.checks.bodies.reading import Reading
from xtrig.checks.bodies.words import calls, text_at
from xtrig.findings import Check, Finding, Severity
from xtrig.sqltokens import Token

_LOCKS = (
    "pg_advisory_lock",
    "pg_advisory_lock_shared",
    "pg_advisory_xact_lock",
    "pg_advisory_xact_lock_shared",
)
_SLEEPS = ("pg_sleep", "pg_sleep_for", "pg_sleep_until")
_REMOTE = ("dblink", "dblink_connect", "dblink_connect_u", "dblink_exec", "dblink_open", "dblink_get_result")
_PLSQL_SLEEPERS = ("dbms_lock", "dbms_session")


def find(reading: Reading) -> Iterator[Finding]:
    """Yield a finding for each passage that waits for something else, or ends the transaction."""
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
        CHECK, passage.tokens[0], message, "leave it out: the trigger is committed as a whole", severity
    )


def _calls(reading: Reading, passage: Passage) -> Iterator[Finding]:
    tokens = passage.tokens
    for place in calls(tokens, _SLEEPS):
        yield _waiting(reading, tokens[place], f"{tokens[place].name}()", "it", "leave it out")
    for place in calls(tokens, _LOCKS):
        remedy = f"use {tokens[place].name.replace('pg_', 'pg_try_', 1)}()"
        yield _waiting(reading, tokens[place], f"{tokens[place].name}()", "whoever holds it", remedy)
    for place, token in enumerate(tokens):
        # An extension may stand in any schema.
        if token.name in _REMOTE and text_at(tokens, place + 1) == "(":
            yield _waiting(reading, token, f"{token.name}()", "another server", "record here, and copy it from a job")
        if (
            token.name in _PLSQL_SLEEPERS
            and text_at(tokens, place + 1) == "."
            and text_at(tokens, place + 2) == "sleep"
        ):
            yield _waiting(reading, token, f"{token.name}.sleep", "it", "leave it out")


def _waiting(reading: Reading, token: Token, what: str, whom: str, remedy: str) -> Finding:
    return reading.finding(CHECK, token, f"{what}: everybody who logs in or out waits for {whom}", remedy)


CHECK = Check("XT304", Severity.WARNING, find, waivable=True)

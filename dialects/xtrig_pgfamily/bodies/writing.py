"""Writes and DDL in a text."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.findings import Check, Finding, Severity
from xtrig_pgfamily.bodies.commands import changed, is_temporary, standby_variables, tests_standby, written
from xtrig_pgfamily.bodies.passages import Passage
from xtrig_pgfamily.bodies.reading import Reading
from xtrig_pgfamily.bodies.recursion import fires_itself, made_object, tag
from xtrig_pgfamily.bodies.unqualified import made

_STANDBY_TEST = (
    "put it behind IF NOT (pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean) THEN, "
    "or use steps: xtrig guards those"
)
_HANDLED = ("others", "read_only_sql_transaction")
_MADE = frozenset("table sequence schema view index type domain role user materialized".split())
_MEMBERSHIP = ("pg_auth_members", "pg_has_role")


class UnguardedWrite(Check[Reading], code="XT301", severity=Severity.WARNING):
    """A hand-written body that writes without a standby guard.

    A login trigger fires on hot standbys too, and in sessions that the client made read-only
    (`default_transaction_read_only=on`). There a write fails, and the failure refuses the login: a body that records
    logins shuts every standby. A body is used as it is; xtrig's own guards are around steps alone.

    Seen as writes are the commands that write, `FOR UPDATE` and its like, `nextval()`, `pg_notify()` and others that
    the server refuses there. A test of `pg_is_in_recovery()` or `transaction_read_only` before the write silences the
    finding, directly or by a variable, and so does a handler around it. What a called function does is not seen.

    Remedy: Put the write behind a test, or write steps instead of a body:

    ```sql
    IF NOT (pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean) THEN
      INSERT INTO audit.logins (who) VALUES (session_user);
    END IF;
    ```

    Source: Measured on PostgreSQL 17.9 and 18.4: on a standby `INSERT`, `CREATE TEMP TABLE`, `nextval()`, `pg_notify()`
    and `SELECT FOR UPDATE` each refused the login; `RAISE LOG`, `set_config()` and advisory locks did not. PostgreSQL
    manual, Event Triggers, Overview.
    """

    def find(self, reading: Reading) -> Iterator[Finding]:
        if not (reading.refuses_logins and reading.text.is_body):
            return
        variables = standby_variables(reading.passages)
        for passage in reading.passages:
            write = written(passage)
            if write and not _is_handled(passage) and not tests_standby(passage, variables):
                effect = "on a standby and in a read-only session it refuses every login"
                message = f"{write} without a standby guard: {effect}"
                yield reading.finding(self, passage.tokens[0], message, _STANDBY_TEST)


def _is_handled(passage: Passage) -> bool:
    return any(token.word in _HANDLED for condition in passage.caught for token in condition)


class CreatedAgain(Check[Reading], code="XT307", severity=Severity.WARNING, waivable=True):
    """A hand-written body that fails when it runs again.

    A trigger runs again and again. What its body creates is there the second time: a temporary table at the second
    command of a session, any other object at the second login. And DDL in a DDL trigger that fires for it runs the
    trigger once more, inside itself, until the stack is full. That is an error where nothing stops it. A condition that
    asks for another command tag does stop it. Whether another condition does, such as one on a setting, cannot be seen
    here, and is a warning.

    Remedy: Add `IF NOT EXISTS`, or better create it once, outside. A trigger that has to run DDL is restricted by
    `tags` to other commands.
    Source: Run on PostgreSQL 18: `CREATE TEMP TABLE IF NOT EXISTS` in a trigger on `ddl_command_end` made every DDL
    command fail with `stack depth limit exceeded`.
    """

    def find(self, reading: Reading) -> Iterator[Finding]:
        for passage in reading.passages:
            severity = fires_itself(reading, passage)
            if severity is not None:
                effect = "it runs itself until the stack is full"
                if severity is Severity.WARNING:
                    effect = "whether the condition before it keeps it from running itself cannot be seen here"
                message = f"{tag(passage)} in a trigger that fires for it: {effect}"
                remedy = "ask for another command tag before it, or restrict the trigger by tags to other commands"
                yield reading.finding(self, passage.tokens[0], message, remedy, severity)
            elif _is_made_again(reading, passage):
                again = "the second login" if reading.is_session else "the second command of a session"
                message = f"{changed(passage)} without IF NOT EXISTS: {again} finds it there already, and fails"
                yield reading.finding(self, passage.tokens[0], message, "add IF NOT EXISTS")


def _is_made_again(reading: Reading, passage: Passage) -> bool:
    words = [token.word for token in passage.tokens]
    if passage.command != "create" or made_object(passage) not in _MADE or passage.behind or passage.caught:
        return False
    # A login has a session of its own, and so no temporary table of another.
    if reading.is_session and is_temporary(passage):
        return False
    return "exists" not in words and "replace" not in words and not _is_dropped_before(reading, passage)


def _is_dropped_before(reading: Reading, passage: Passage) -> bool:
    names = {token.name for token in passage.tokens[2:8]}
    return any(
        each.command == "drop" and names & {token.name for token in each.tokens[4:]}
        for each in reading.passages
        if each.tokens and each.tokens[0].start < passage.tokens[0].start
    )


class DdlAtLogin(Check[Reading], code="XT308", severity=Severity.WARNING):
    """DDL, GRANT or REVOKE at every login.

    DDL, `GRANT` and `REVOKE` write to the catalogs, under locks that are held until the login is through. Logins wait
    for each other and for whoever changes the same object, the catalogs grow with every login, and every session has to
    forget what it had cached. Temporary tables are not counted here.

    Remedy: Do it once, when the trigger is made. For memberships the steps `grant_role` and `revoke_role` look first
    whether there is anything to do; so can a body, in `pg_auth_members`.
    Source: Measured on PostgreSQL 17.9 and 18.4: a login waits, without a bound of its own, while another session holds
    an uncommitted `GRANT` of the same membership; a `GRANT` of what is granted already still sends a message to every
    client.
    """

    def find(self, reading: Reading) -> Iterator[Finding]:
        own = made(reading.passages) if reading.is_session else set()
        for passage in reading.passages if reading.is_session else ():
            command = changed(passage)
            if command and not is_temporary(passage) and not _is_first_time(passage) and not _is_own(passage, own):
                message = f"{command} at every login: logins wait for each other's, and the catalog grows"
                yield reading.finding(self, passage.tokens[0], message, _remedy(passage))


def _is_first_time(passage: Passage) -> bool:
    """Whether a condition looks first whether there is something to do: then it runs once for a role, not always."""
    return any(token.name in (*_MEMBERSHIP, "not") for condition in passage.behind for token in condition)


def _is_own(passage: Passage, own: set[str]) -> bool:
    return passage.command in ("alter", "drop", "comment") and any(token.name in own for token in passage.tokens[2:6])


def _remedy(passage: Passage) -> str:
    if passage.command in ("grant", "revoke"):
        return f"use the step {passage.command}_role, or look in pg_auth_members first"
    return "do it once, when the trigger is made"

"""XT301: a write on a standby or in a read-only session fails, and a failing logon trigger refuses the login."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.checks.bodies.commands import standby_variables, tests_standby, written
from xtrig.checks.bodies.passages import Passage
from xtrig.checks.bodies.reading import Reading
from xtrig.findings import Check, Finding, Severity

_HANDLED = ("others", "read_only_sql_transaction")


def find(reading: Reading) -> Iterator[Finding]:
    """Yield a finding for each write of a body that no test and no handler keeps from refusing a login."""
    if not (reading.refuses_logins and reading.text.is_body):
        return
    variables = standby_variables(reading.passages)
    for passage in reading.passages:
        write = written(passage)
        if write and not _is_handled(passage) and not tests_standby(passage, variables):
            message = f"{write} without a standby guard: on a standby and in a read-only session it refuses every login"
            remedy = (
                "put it behind IF NOT (pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean) THEN, "
                "or use steps: xtrig guards those"
            )
            yield reading.finding(CHECK, passage.tokens[0], message, remedy)


def _is_handled(passage: Passage) -> bool:
    return any(token.word in _HANDLED for condition in passage.caught for token in condition)


CHECK = Check("XT301", Severity.WARNING, find)

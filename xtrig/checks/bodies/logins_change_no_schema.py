"""XT308: DDL and GRANT at every login wait for each other, swell the catalogs and tell every session to forget."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.checks.bodies.commands import changed, is_temporary
from xtrig.checks.bodies.passages import Passage
from xtrig.checks.bodies.reading import Reading
from xtrig.checks.bodies.relations import made
from xtrig.findings import Check, Finding, Severity

_MEMBERSHIP = ("pg_auth_members", "pg_has_role")


def find(reading: Reading) -> Iterator[Finding]:
    """Yield a finding for each DDL command, GRANT or REVOKE of a body that a session runs."""
    own = made(reading.passages) if reading.is_session else set()
    for passage in reading.passages if reading.is_session else ():
        command = changed(passage)
        if command and not is_temporary(passage) and not _is_first_time(passage) and not _is_own(passage, own):
            message = f"{command} at every login: logins wait for each other's, and the catalog grows"
            yield reading.finding(CHECK, passage.tokens[0], message, _remedy(passage))


def _is_first_time(passage: Passage) -> bool:
    """Whether a condition looks first whether there is something to do: then it runs once for a role, not always."""
    return any(token.name in (*_MEMBERSHIP, "not") for condition in passage.behind for token in condition)


def _is_own(passage: Passage, own: set[str]) -> bool:
    return passage.command in ("alter", "drop", "comment") and any(token.name in own for token in passage.tokens[2:6])


def _remedy(passage: Passage) -> str:
    if passage.command in ("grant", "revoke"):
        return f"use the step {passage.command}_role, or look in pg_auth_members first"
    return "do it once, when the trigger is made"


CHECK = Check("XT308", Severity.WARNING, find)

"""XT314: RAISE EXCEPTION at logon refuses everybody on one vendor, and nobody on another."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.checks.bodies.passages import Passage, Role, is_exception
from xtrig.checks.bodies.reading import Reading
from xtrig.findings import Check, Finding, Severity

_WHO = frozenset("session_user system_user rolsuper is_superuser pg_has_role pg_auth_members usesuper".split())


def find(reading: Reading) -> Iterator[Finding]:
    """Yield a finding for each exception that a logon body raises and nothing catches."""
    for passage in reading.passages if reading.is_logon and reading.text.is_body else ():
        if not _refuses(passage):
            continue
        if not reading.errors_bind:
            effect = reading.translation.dialect.capability(
                reading.text.events[0], reading.translation.version
            ).on_error
            message = f"RAISE EXCEPTION keeps nobody out of {reading.translation.dialect.title}: {effect}"
            yield reading.finding(CHECK, passage.tokens[0], message, "record the login instead")
        elif not _asks_who(passage):
            message = "RAISE EXCEPTION refuses superusers too, and nobody could get in to mend it"
            remedy = "leave some role out with session_user, or keep a way in: a superuser with -c event_triggers=off"
            yield reading.finding(CHECK, passage.tokens[0], message, remedy, Severity.NOTE)


def _refuses(passage: Passage) -> bool:
    if passage.role is not Role.STATEMENT or not passage.tokens or passage.caught:
        return False
    # RAISE alone passes on an error that was there already.
    raises = is_exception(passage.tokens) and len(passage.tokens) > 1
    return raises or passage.tokens[0].word == "raise_application_error"


def _asks_who(passage: Passage) -> bool:
    return any(token.name in _WHO or token.content in _WHO for condition in passage.behind for token in condition)


CHECK = Check("XT314", Severity.WARNING, find)

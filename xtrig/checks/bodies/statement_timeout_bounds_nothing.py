"""XT312: statement_timeout counts from the start of a client's statement, and a login is none."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.checks.bodies.reading import Reading
from xtrig.checks.bodies.words import settings
from xtrig.findings import Check, Finding, Severity


def find(reading: Reading) -> Iterator[Finding]:
    """Yield a finding where it is set for the login's own transaction; for the session it may be meant."""
    for passage in reading.passages if reading.is_logon else ():
        for setting in settings(passage.tokens):
            if setting.parameter == "statement_timeout" and setting.is_local and setting.value not in (("0",), ()):
                message = "statement_timeout does not bound a login: the trigger may still take for ever"
                yield reading.finding(CHECK, setting.token, message, _remedy(reading))


def _remedy(reading: Reading) -> str:
    return "use the policy timeout" if reading.errors_bind else "use the policy lock_timeout"


CHECK = Check("XT312", Severity.WARNING, find)

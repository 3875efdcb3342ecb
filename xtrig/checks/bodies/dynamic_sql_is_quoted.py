"""XT306: a value that is joined to a command becomes code when it is well chosen."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.checks.bodies.quoting import commands, numbers, unquoted
from xtrig.checks.bodies.reading import Reading
from xtrig.dialect import Language
from xtrig.findings import Check, Finding, Severity


def find(reading: Reading) -> Iterator[Finding]:
    """Yield a finding for each value that becomes part of dynamic SQL unquoted."""
    harmless = numbers(reading.passages)
    found = {
        token.start: token for command in commands(reading.passages) for token in unquoted(command, harmless) if token
    }
    for token in found.values():
        message = f"dynamic SQL takes {token.text} as it is: a role or client named for it runs its own command"
        yield reading.finding(CHECK, token, message, _remedy(reading))


def _remedy(reading: Reading) -> str:
    if reading.language is Language.PLSQL:
        return "wrap it in pg_catalog.quote_ident() or pg_catalog.quote_literal()"
    return "use EXECUTE format() with %I for names and %L for values"


CHECK = Check("XT306", Severity.WARNING, find)

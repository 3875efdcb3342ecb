"""XT310: WHEN OTHERS lets assertion failures and cancelled statements through, and they refuse the login."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.checks.bodies.handlers import catches, handlers
from xtrig.checks.bodies.reading import Reading
from xtrig.dialect import Language
from xtrig.findings import Check, Finding, Severity


def find(reading: Reading) -> Iterator[Finding]:
    """Yield a finding for the first handler of OTHERS, unless the text catches the two by name."""
    if not reading.refuses_logins or reading.language is not Language.PLPGSQL:
        return
    found = list(handlers(reading.nodes))
    others = [handler for handler in found if catches(handler, "others")]
    if others and not any(catches(handler, "query_canceled") for handler in found):
        message = "WHEN OTHERS does not catch a cancelled statement or a failed ASSERT: they refuse the login"
        remedy = "write WHEN OTHERS OR assert_failure OR query_canceled"
        yield reading.finding(CHECK, others[0].condition[0], message, remedy)


CHECK = Check("XT310", Severity.NOTE, find)

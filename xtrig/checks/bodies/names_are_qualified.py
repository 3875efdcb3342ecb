"""XT302: a name without a schema is looked up where the function's search_path says, not where it was meant."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.checks.bodies.reading import Reading
from xtrig.checks.bodies.relations import made, unqualified
from xtrig.dialect import Language
from xtrig.findings import Check, Finding, Severity


def find(reading: Reading) -> Iterator[Finding]:
    """Yield a finding for each name that is used without a schema, once for each name."""
    if not reading.text.is_definer:
        return
    seen = made(reading.passages)
    for passage in reading.passages:
        for token in unqualified(passage, reading.language):
            if token.name not in seen:
                seen.add(token.name)
                yield reading.finding(CHECK, token, f"{token.text} without its schema: {_effect(reading)}", _REMEDY)


def _effect(reading: Reading) -> str:
    if reading.language is Language.PLSQL:
        return "this function has no search_path of its own, so the user's decides whose object it is"
    return "the function's search_path is pg_catalog, pg_temp, so it isn't found"


_REMEDY = "write schema.name"
CHECK = Check("XT302", Severity.WARNING, find)

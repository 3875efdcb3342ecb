"""XT309: an error that is caught and not written down is one that nobody will ever know of."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.checks.bodies.handlers import catches, handlers
from xtrig.checks.bodies.passages import Passage, Role, passages
from xtrig.checks.bodies.reading import Reading
from xtrig.dialect import Language
from xtrig.findings import Check, Finding, Severity

_SILENT = frozenset(("null", "return", "exit", "continue", "get", ""))
_CLIENT_ONLY = ("notice", "info", "debug")


def find(reading: Reading) -> Iterator[Finding]:
    """Yield a finding for each handler of OTHERS that neither raises, logs nor records."""
    for handler in handlers(reading.nodes):
        if catches(handler, "others") and not any(map(_tells, passages(handler.body))):
            message = "WHEN OTHERS swallows every error: when recording fails, nobody will know"
            yield reading.finding(CHECK, handler.condition[0], message, _remedy(reading))


def _tells(passage: Passage) -> bool:
    words = [token.word for token in passage.tokens[:2]]
    if words[:1] == ["raise"]:
        # These reach the client alone, and at logon most drivers don't even read them.
        return words[-1] not in _CLIENT_ONLY
    return passage.role is Role.STATEMENT and passage.command not in _SILENT


def _remedy(reading: Reading) -> str:
    if reading.language is Language.PLPGSQL:
        return "write RAISE LOG '% %', SQLSTATE, SQLERRM in it"
    return "insert the error into a table in it, or leave the handler out: the server logs what is raised"


CHECK = Check("XT309", Severity.WARNING, find)

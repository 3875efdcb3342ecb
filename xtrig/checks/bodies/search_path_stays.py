"""XT303: with a search_path that others can fill, a function that has its owner's rights runs their code."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.checks.bodies.passages import Passage, Role
from xtrig.checks.bodies.reading import Reading
from xtrig.checks.bodies.words import settings
from xtrig.findings import Check, Finding, Severity

_SAFE = frozenset(("=", "to", "pg_catalog", "pg_temp"))
_ENDINGS = ("return", "null", "")


def find(reading: Reading) -> Iterator[Finding]:
    """Yield a finding where the path is changed before the end, or a new function with rights has none."""
    for number, passage in enumerate(reading.passages):
        if reading.text.is_definer and _opens(passage) and _goes_on(reading.passages[number + 1 :]):
            message = "search_path is changed: what runs after it may be anybody's, with the rights of the owner"
            yield reading.finding(CHECK, passage.tokens[0], message, "write schema.name instead, or do it at the end")
        if _creates_without(passage):
            message = "it creates a SECURITY DEFINER function without a search_path: whoever calls it chooses one"
            remedy = "add SET search_path = pg_catalog, pg_temp to it"
            yield reading.finding(CHECK, passage.tokens[0], message, remedy)


def _opens(passage: Passage) -> bool:
    for setting in settings(passage.tokens if passage.command or passage.role is Role.CONDITION else ()):
        if setting.parameter == "all" and setting.token.word == "reset":
            return True
        if setting.parameter == "search_path":
            return setting.token.word == "reset" or not _SAFE.issuperset(setting.value)
    return False


def _goes_on(rest: tuple[Passage, ...]) -> bool:
    return any(passage.command not in _ENDINGS or passage.role is Role.CONDITION for passage in rest)


def _creates_without(passage: Passage) -> bool:
    words = [token.word for token in passage.tokens]
    if passage.command != "create" or not {"function", "procedure"} & set(words[:4]):
        return False
    return "definer" in words and "search_path" not in words


CHECK = Check("XT303", Severity.WARNING, find)

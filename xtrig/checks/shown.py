"""Texts that a reviewer does not see as they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from xtrig.findings import Check, Finding, Path, Severity
from xtrig.model import TriggerSet
from xtrig.sqltext import hidden


class TextHidden(Check[TriggerSet], code="XT118", severity=Severity.WARNING):
    """A text that shows something else than it says.

    A name, a message, an expression or a body holds a character that turns text round (U+202E), hides (U+200B) or moves
    the cursor of a terminal (U+001B). Whoever reads the definition, or the script that is rendered from it, reads
    something else than the server does. The text is rendered as it is.

    Remedy: Take the character out. Where it is meant, have the server make it, as by `chr(8238)`, or waive the finding.
    Source: Boucher and Anderson, Trojan Source: Invisible Vulnerabilities (2021); Unicode Technical Report 36.
    """

    def find(self, triggers: TriggerSet) -> Iterator[Finding]:
        seen = set()
        for path, text in _texts(triggers.model_dump(by_alias=True, exclude_unset=True), ()):
            for char in hidden(text):
                if (path[:2], char) not in seen:
                    seen.add((path[:2], char))
                    message = f"a text holds U+{ord(char):04X}, which hides or shows something else than it says"
                    yield self.finding(_subject(path), message, "take it out", path)


def _texts(data: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(data, str):
        yield path, data
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from _texts(str(key), path)
            yield from _texts(value, (*path, key))
    elif isinstance(data, (list, tuple)):
        for number, value in enumerate(data):
            yield from _texts(value, (*path, number))


def _subject(path: Path) -> str:
    if len(path) > 1 and path[0] in ("triggers", "functions", "tables"):
        return f"{str(path[0])[:-1]} {path[1]!r}"
    return "definition"

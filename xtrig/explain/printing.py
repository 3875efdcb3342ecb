"""What text and Markdown have in common: numbered sources, and text that no reader obeys."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.explain.sentences import Sentence


class Sources:
    """Sources by number, in the order in which they are first named."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, str], int] = {}

    def mark(self, sentence: Sentence) -> str:
        """Return how a sentence is known: its line in the definition, or the kind and number of its source."""
        if sentence.verified is None:
            return sentence.source
        key = (str(sentence.verified), sentence.source)
        return f"{sentence.verified} {self._numbers.setdefault(key, len(self._numbers) + 1)}"

    def __iter__(self) -> Iterator[tuple[int, str, str]]:
        """Yield number, kind and source."""
        for (kind, source), number in self._numbers.items():
            yield number, kind, source


def printable(text: str) -> str:
    """Return text on one line, with the characters written out that a terminal would obey."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)

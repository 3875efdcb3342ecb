"""The nearest legal word, for messages about a word that is not."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def suggest(word: str, legal: Iterable[str], noun: str = "legal here") -> str:
    """Say what to write instead of ``word``: the nearest legal words, or all of them if none is near."""
    words = sorted({str(word) for word in legal})
    near = difflib.get_close_matches(word, words, n=3, cutoff=0.55)
    if near:
        return "did you mean " + " or ".join(repr(str(candidate)) for candidate in near) + "?"
    # A name may hold anything, and a message is one line.
    listed = [word if word.isprintable() else repr(word) for word in words]
    return f"{noun}: " + (", ".join(listed) or "none")

"""Attacks that succeed today: whoever cures one takes its entry away; `strict` makes a cure without that fail.

A test's name, without the version of the server, has the number of the attack with what is missing, and the cases
of the test that succeed; no cases are all of them.
"""

from __future__ import annotations

from collections.abc import Mapping

OPEN: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "test_lines_that_are_missing": ("17: that lines are missing is no gap", ()),
}


def reason(name: str) -> str | None:
    """Return why an attack succeeds today, None if it does not; the name is that of a test with its case."""
    test, _, case = name.partition("[")
    why, cases = OPEN.get(test, ("", ()))
    return why if why and (not cases or case.removesuffix("]") in cases) else None

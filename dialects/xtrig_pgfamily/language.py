"""The languages in which the family's servers have functions, and which of them a text is written in."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from xtrig.plugin import ResolvedFunction, Version


class Language(StrEnum):
    """What a body or the statement of an ``sql:`` step is written in."""

    PLPGSQL = "plpgsql"
    PLSQL = "plsql"
    """The language of Oracle, and of databases that are compatible with it."""


LanguageOf = Callable[[ResolvedFunction, Version], Language | None]
"""What the texts of a function are written in; None: nothing that can be read."""

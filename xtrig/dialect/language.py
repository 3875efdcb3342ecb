"""The languages of hand-written texts that xtrig can read."""

from __future__ import annotations

from enum import StrEnum


class Language(StrEnum):
    """What a body or the statement of an ``sql:`` step is written in."""

    PLPGSQL = "plpgsql"
    PLSQL = "plsql"
    """The language of Oracle, and of databases that are compatible with it."""

"""Checks of a translation that follow from a dialect's declared data. The order is that of findings on one line."""

from __future__ import annotations

from xtrig.checks.translation import (
    denials_bind,
    errors_bind,
    events_are_offered,
    facts_are_there,
    names_are_kept,
    sessions_are_recorded,
    texts_are_written,
)
from xtrig.checks.translation.offer import translated, translation
from xtrig.dialect import Translation
from xtrig.findings import Check

__all__ = ["CHECKS", "translated", "translation"]

CHECKS: tuple[Check[Translation], ...] = (
    events_are_offered.CHECK,
    names_are_kept.CHECK,
    texts_are_written.CHECK,
    facts_are_there.CHECK,
    denials_bind.CHECK,
    errors_bind.CHECK,
    sessions_are_recorded.CHECK,
)

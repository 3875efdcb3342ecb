"""What PostgreSQL cannot do with a definition, or does otherwise than one may think, beyond its capabilities."""

from __future__ import annotations

from xtrig.plugin import Check, Translation
from xtrig_pgfamily.checks import CHECKS as FAMILY
from xtrig_postgresql.checks import (
    databases_are_guarded,
    inferred_logoffs_have_steps,
    inferred_logoffs_see_sessions,
    inferred_names_are_free,
    inferred_names_are_kept,
    somebody_is_exempt,
    standbys_let_in,
    standbys_stay_open,
    utc_is_not_a_name,
)

CHECKS: tuple[Check[Translation], ...] = (
    *FAMILY,
    standbys_stay_open.CHECK,
    standbys_let_in.CHECK,
    somebody_is_exempt.CHECK,
    databases_are_guarded.CHECK,
    inferred_names_are_free.CHECK,
    inferred_names_are_kept.CHECK,
    inferred_logoffs_have_steps.CHECK,
    inferred_logoffs_see_sessions.CHECK,
    utc_is_not_a_name.CHECK,
)

"""What PostgreSQL cannot do with a definition, or does otherwise than one may think, beyond its capabilities."""

from __future__ import annotations

from xtrig.plugin import Check, Translation
from xtrig_postgresql.checks import (
    commands_are_seen,
    conditions_can_change,
    databases_are_guarded,
    denials_reach_every_role,
    denied_rows_are_lost,
    inferred_logoffs_have_steps,
    inferred_logoffs_see_sessions,
    inferred_names_are_free,
    inferred_names_are_kept,
    order_is_by_name,
    rewrites_are_seen,
    somebody_is_exempt,
    standbys_let_in,
    standbys_stay_open,
    tags_fire,
    utc_is_not_a_name,
)

FAMILY: tuple[Check[Translation], ...] = (
    tags_fire.CHECK,
    denied_rows_are_lost.CHECK,
    order_is_by_name.CHECK,
    conditions_can_change.CHECK,
    denials_reach_every_role.CHECK,
    rewrites_are_seen.CHECK,
    commands_are_seen.CHECK,
)
"""Of every server built on PostgreSQL's kernel, by the version of that kernel."""

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

"""What no server built on PostgreSQL's kernel can do with a definition, or does otherwise than one may think."""

from __future__ import annotations

from xtrig.plugin import Check, Translation
from xtrig_pgfamily.checks import (
    commands_are_seen,
    conditions_can_change,
    denials_reach_every_role,
    denied_rows_are_lost,
    order_is_by_name,
    rewrites_are_seen,
    tags_fire,
)

CHECKS: tuple[Check[Translation], ...] = (
    tags_fire.CHECK,
    denied_rows_are_lost.CHECK,
    order_is_by_name.CHECK,
    conditions_can_change.CHECK,
    denials_reach_every_role.CHECK,
    rewrites_are_seen.CHECK,
    commands_are_seen.CHECK,
)
"""By the version of the kernel."""

"""What PostgreSQL cannot do with a definition, or does otherwise than one may think, beyond its capabilities."""

from __future__ import annotations

from xtrig.plugin import Checks, Translation
from xtrig_pgfamily.checks import CHECKS as FAMILY
from xtrig_postgresql.checks.inferred import InferredBody, InferredByInvoker, InferredNameTaken, InferredNameTooLong
from xtrig_postgresql.checks.logon import NoRoleExempt, OneDatabaseGuarded, StandbyShut, StandbyWrites
from xtrig_postgresql.checks.timezones import MovableTimeZone
from xtrig_postgresql.checks.vendor_texts import NotAnExpression

CHECKS: Checks[Translation] = (
    *FAMILY,
    StandbyShut,
    StandbyWrites,
    NoRoleExempt,
    OneDatabaseGuarded,
    InferredNameTaken,
    InferredNameTooLong,
    InferredBody,
    InferredByInvoker,
    MovableTimeZone,
    NotAnExpression,
)

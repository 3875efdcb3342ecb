"""The checks of MariaDB's own."""

from __future__ import annotations

from typing import Any

from xtrig.plugin import Checks
from xtrig_mariadb.checks.expressible import ExpressionNotWritten, PolicyNotThere, StepNotThere
from xtrig_mariadb.checks.names import KeyNotThere, NameNotHeld
from xtrig_mariadb.checks.reach import AdministratorsUnseen, MessageLost, NoPublic

CHECKS: Checks[Any] = (
    NameNotHeld,
    KeyNotThere,
    StepNotThere,
    ExpressionNotWritten,
    PolicyNotThere,
    AdministratorsUnseen,
    MessageLost,
    NoPublic,
)

"""Checks of a definition against what Oracle has."""

from __future__ import annotations

from xtrig.plugin import Checks, Translation
from xtrig_oracle.checks.errors import AdministratorsAdmitted, ErrorsUnseen
from xtrig_oracle.checks.expressible import (
    LineOfSqlPlus,
    NameWithQuotes,
    NoSuchCommand,
    NoSuchDefault,
    NoSuchPolicy,
    NoSuchStep,
)

CHECKS: Checks[Translation] = (
    NoSuchStep,
    NoSuchDefault,
    NoSuchCommand,
    LineOfSqlPlus,
    NoSuchPolicy,
    NameWithQuotes,
    AdministratorsAdmitted,
    ErrorsUnseen,
)

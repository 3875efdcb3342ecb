"""What PolarDB cannot express, or is not documented to do."""

from __future__ import annotations

from xtrig.plugin import Checks, Translation
from xtrig_pgfamily.checks import CHECKS as FAMILY
from xtrig_polardb.checks.behaviour import (
    FailuresSpread,
    SystemTriggerFiresLess,
    TerminationNotDocumented,
)
from xtrig_polardb.checks.languages import (
    FewGuards,
    LanguageNotVerified,
    NoClauseInPlsql,
    NotInPlsql,
    TimeoutWithoutParameter,
    TwoLanguages,
)

COMMON: Checks[Translation] = (
    *FAMILY,
    LanguageNotVerified,
    FewGuards,
    TwoLanguages,
    TimeoutWithoutParameter,
    NotInPlsql,
    FailuresSpread,
    TerminationNotDocumented,
)
"""Of both editions. The version they look at is that of the PostgreSQL kernel."""

POLARDB: Checks[Translation] = (NoClauseInPlsql,)
"""Of the PostgreSQL edition alone."""

ORACLE: Checks[Translation] = (SystemTriggerFiresLess,)
"""Of the Oracle edition alone, by its own version."""

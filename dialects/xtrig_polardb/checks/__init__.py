"""What PolarDB cannot express, or is not documented to do."""

from __future__ import annotations

from xtrig.plugin import Check, Translation
from xtrig_pgfamily.checks import CHECKS as FAMILY
from xtrig_polardb.checks import (
    functions_have_one_language,
    literals_mean_the_same,
    log_has_a_statement,
    rights_have_a_clause,
    session_language_is_documented,
    sessions_are_not_tended,
    system_triggers_say_less,
    terminations_are_documented,
    timeouts_bound_something,
    triggers_fail_alone,
)

COMMON: tuple[Check[Translation], ...] = (
    *FAMILY,
    session_language_is_documented.CHECK,
    functions_have_one_language.CHECK,
    timeouts_bound_something.CHECK,
    literals_mean_the_same.CHECK,
    log_has_a_statement.CHECK,
    triggers_fail_alone.CHECK,
    terminations_are_documented.CHECK,
    sessions_are_not_tended.CHECK,
)
"""Of both editions. The version they look at is that of the PostgreSQL kernel."""

POLARDB: tuple[Check[Translation], ...] = (*COMMON, rights_have_a_clause.CHECK)

ORACLE: tuple[Check[Translation], ...] = (system_triggers_say_less.CHECK,)
"""Of the Oracle edition alone, by its own version."""

"""Checks of hand-written bodies and ``sql:`` steps, codes XT3##: one file each, in this folder.

A check looks at one :class:`Reading`: a text in the language that its dialect will run it in. It yields what
:meth:`Reading.finding` makes; the place becomes the line of the file wherever the text is a literal block.
The reading is one of tokens and nested statements, so what a check does not recognise, it passes over.
"""

from __future__ import annotations

from xtrig.checks.bodies import (
    dynamic_sql_is_quoted,
    errors_leave_a_line,
    handlers_catch_everything,
    logins_change_no_schema,
    logins_do_not_wait,
    names_are_qualified,
    objects_are_made_once,
    owner_is_not_the_user,
    plsql_is_plsql,
    refusals_are_meant,
    search_path_stays,
    statement_timeout_bounds_nothing,
    statistics_cost_a_login,
    writes_have_a_standby_guard,
)
from xtrig.checks.bodies.hand_written import written_for
from xtrig.checks.bodies.reading import Reading, readings
from xtrig.findings import Check

__all__ = ["CHECKS", "Reading", "readings", "written_for"]

CHECKS: tuple[Check[Reading], ...] = (
    plsql_is_plsql.CHECK,
    logins_do_not_wait.CHECK,
    writes_have_a_standby_guard.CHECK,
    names_are_qualified.CHECK,
    search_path_stays.CHECK,
    owner_is_not_the_user.CHECK,
    dynamic_sql_is_quoted.CHECK,
    objects_are_made_once.CHECK,
    logins_change_no_schema.CHECK,
    errors_leave_a_line.CHECK,
    handlers_catch_everything.CHECK,
    statement_timeout_bounds_nothing.CHECK,
    statistics_cost_a_login.CHECK,
    refusals_are_meant.CHECK,
)
"""In the order of findings on one line."""

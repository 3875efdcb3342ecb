"""Runs a script, in one transaction."""

from __future__ import annotations

from sqlalchemy import Engine

from xtrig.script import Hazard, Script
from xtrig.sqltext import one_line
from xtrig_pgfamily.driver.errors import database_errors


def apply_script(script: Script, engine: Engine) -> None:
    """Execute the statements of ``script``; all of them, or on an error none.

    Raises :class:`~xtrig.errors.DatabaseError` naming the statement that failed.
    """
    # Every other way to execute a text takes % and :name for placeholders.
    whole = database_errors("cannot apply the definition")
    with whole, engine.connect().execution_options(no_parameters=True) as connection, connection.begin():
        doing = "the settings"
        for statement in script:
            doing = one_line(statement.purpose) or doing
            with database_errors(f"cannot apply the definition: {doing}"):
                connection.exec_driver_sql(statement.sql)


def fires_at_login(script: Script) -> bool:
    """Whether the script makes a trigger that fires at login."""
    return any(Hazard.REFUSES_LOGINS in statement.hazards for statement in script.statements)


def fires_at_ddl(script: Script) -> bool:
    """Whether the script makes a trigger that fires at DDL commands."""
    return any(Hazard.REFUSES_DDL in statement.hazards for statement in script.statements)

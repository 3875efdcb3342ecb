"""A login trigger that does nothing, and keeps hot standbys open while no other login trigger is enabled.

Without an enabled one every login on a hot standby fails, if pg_database.dathasloginevt is still set: "cannot
acquire lock mode AccessExclusiveLock on database objects while recovery is in progress" (17.9, 18.4). A trigger
in state ENABLE REPLICA does not count as enabled there.
"""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.plugin import Mark, Statement, dollar_quoted
from xtrig_postgresql import statements

NAME = "xtrig_keeper"


def function(schema: str) -> str:
    """Return the qualified name of the keeper's function; ``schema`` is quoted."""
    return f"{schema}.{NAME}"


def create_function(schema: str, mark: Mark) -> Iterator[Statement]:
    """Yield the statements that make the function."""
    called = function(schema)
    body = "\nBEGIN\n    -- Nothing: that there is an enabled login trigger keeps standbys open.\nEND\n"
    header = f"CREATE OR REPLACE FUNCTION {called}()\n    RETURNS event_trigger\n    LANGUAGE plpgsql"
    sql = f"{header}\nAS {dollar_quoted(body)}"
    yield Statement(sql, "The keeper does nothing; it keeps standbys open while no other login trigger is enabled")
    yield Statement(statements.revoke_execute(called), "")
    yield Statement(statements.comment("FUNCTION", f"{called}()", str(mark)), "")


def create_trigger(schema: str, mark: Mark) -> Iterator[Statement]:
    """Yield the statements that make the trigger."""
    state = statements.trigger_state("login", function(schema), (), "origin")
    yield from statements.make_event_trigger(NAME, state)
    yield Statement(statements.comment("EVENT TRIGGER", NAME, str(mark)), "")


def drop(schema: str) -> Iterator[Statement]:
    """Yield the statements that take the keeper away."""
    yield Statement(statements.drop("EVENT TRIGGER", NAME), "Drop the keeper")
    yield Statement(statements.drop("FUNCTION", f"{function(schema)}()"), "")

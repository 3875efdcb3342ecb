"""A login trigger that does nothing, and keeps hot standbys open while no other login trigger is enabled.

Without an enabled one every login on a hot standby fails, if pg_database.dathasloginevt is still set: "cannot
acquire lock mode AccessExclusiveLock on database objects while recovery is in progress" (17.9, 18.4). A trigger
in state ENABLE REPLICA does not count as enabled there.
"""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.plugin import Lines, Mark, Statement, dollar_quoted, literal
from xtrig_pgfamily import statements

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


def again(schema: str, mark: Mark) -> Iterator[Statement]:
    """Yield the statements that bring the keeper back, if its schema is still there: else so is nothing to keep."""
    for statement in (*create_function(schema, mark), *create_trigger(schema, mark)):
        there = f"IF to_regnamespace({literal(schema)}) IS NOT NULL THEN"
        lines: Lines = [there, [f"EXECUTE {literal(statement.sql)};"], "END IF;"]
        yield Statement(statements.do_block(lines), statement.purpose, hazards=statement.hazards)


def drop(schema: str) -> Iterator[Statement]:
    """Yield the statements that take the keeper away, where logins look for no trigger."""
    yield from drop_trigger()
    yield from drop_function(schema)


def drop_trigger() -> Iterator[Statement]:
    """Yield the statement that takes the trigger away."""
    yield Statement(statements.drop("EVENT TRIGGER", NAME), "Drop the keeper")


def drop_function(schema: str) -> Iterator[Statement]:
    """Yield the statement that takes the function away; logins that met the trigger must have come through."""
    yield Statement(statements.drop("FUNCTION", f"{function(schema)}()"), "Drop the function of the keeper")


def is_part(called: str) -> bool:
    """Whether a quoted name, of a trigger or a qualified one of a function, is the keeper's."""
    return called == NAME or called.endswith(f".{NAME}")

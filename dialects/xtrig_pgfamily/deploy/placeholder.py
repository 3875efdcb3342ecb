"""A login trigger that does nothing, and keeps hot standbys open while no other login trigger is enabled.

Without an enabled one every login on a hot standby fails, if pg_database.dathasloginevt is still set: "cannot
acquire lock mode AccessExclusiveLock on database objects while recovery is in progress" (17.9, 18.4). A trigger
in state ENABLE REPLICA does not count as enabled there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from xtrig.plugin import DatabaseObject, Lines, Mark, Statement, literal
from xtrig_pgfamily import statements
from xtrig_pgfamily.objects import EventTrigger, Function
from xtrig_pgfamily.objects.event_trigger import LOGIN
from xtrig_pgfamily.words import name

NAME = "xtrig_keeper"


@dataclass(frozen=True, slots=True)
class Placeholder:
    """The trigger and its function, in a schema of the set's."""

    schema: str
    mark: Mark

    @property
    def function(self) -> Function:
        """The function."""
        return Function(
            path=(self.schema, NAME),
            body="\nBEGIN\n    -- Nothing: that there is an enabled login trigger keeps standbys open.\nEND\n",
            mark=self.mark,
            purpose="The placeholder does nothing; it keeps standbys open while no other login trigger is enabled",
        )

    @property
    def trigger(self) -> EventTrigger:
        """The trigger."""
        path, clause = (self.schema, NAME), f"ON {LOGIN}"
        return EventTrigger(path=(NAME,), event=LOGIN, clause=clause, function=path, mark=self.mark)

    def create(self) -> Iterator[Statement]:
        """Yield the statements that make both."""
        yield from self.function.create()
        yield from self.trigger.create()

    def again(self) -> Iterator[Statement]:
        """Yield the statements that bring both back, if the schema is still there: else so is nothing to keep."""
        for statement in self.create():
            yield _if([f"to_regnamespace({literal(name(self.schema))}) IS NOT NULL"], statement)

    def drop(self) -> Iterator[Statement]:
        """Yield the statements that take both away, where logins look for no trigger."""
        yield from self.drop_trigger()
        yield from self.drop_function()

    def drop_if_unneeded(self) -> Iterator[Statement]:
        """Yield the statements that take both away, unless the flag could not be cleared yet.

        With the flag set, and no enabled trigger, each login on the primary clears it. That waits, with a lock in
        hand that all other logins wait for, as long as anybody has locked the database's row (18.4).
        """
        for statement in self.drop_trigger():
            yield _if(
                [
                    "NOT EXISTS (",
                    [
                        "SELECT FROM pg_database WHERE datname = current_database() AND dathasloginevt",
                        "  AND has_table_privilege('pg_database', 'UPDATE')",
                    ],
                    ") OR EXISTS (",
                    [
                        "SELECT FROM pg_event_trigger WHERE evtevent = 'login' AND evtenabled <> 'D'",
                        f"  AND evtname <> {literal(NAME)}",
                    ],
                    ")",
                ],
                statement,
            )
        yield from self.drop_function_if_unneeded()

    def drop_function_if_unneeded(self) -> Iterator[Statement]:
        """Yield the statement that takes the function away, unless the trigger is still there."""
        for statement in self.drop_function():
            yield _if([f"NOT EXISTS (SELECT FROM pg_event_trigger WHERE evtname = {literal(NAME)})"], statement)

    def drop_trigger(self) -> Iterator[Statement]:
        """Yield the statement that takes the trigger away."""
        yield self.trigger.dropped("Drop the placeholder")

    def drop_function(self) -> Iterator[Statement]:
        """Yield the statement that takes the function away; logins that met the trigger must have come through."""
        yield self.function.dropped("Drop the function of the placeholder")


def _if(condition: Lines, statement: Statement) -> Statement:
    """Return a statement that is executed only if something is so."""
    lines: Lines = ["IF", condition, "THEN", [f"EXECUTE {literal(statement.sql)};"], "END IF;"]
    return Statement(statements.do_block(lines), statement.purpose, hazards=statement.hazards)


def is_placeholder(each: DatabaseObject) -> bool:
    """Whether an object is the trigger or the function of a placeholder."""
    return isinstance(each, (EventTrigger, Function)) and each.path[-1] == NAME

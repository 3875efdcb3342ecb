"""What a deployment makes or changes for its own time only: candidates, the placeholder, disabled DDL triggers.

A candidate is the new form of what is live already, under a name that only the canary meets.

The placeholder is a login trigger that does nothing, and keeps hot standbys open while no other login trigger is
enabled. Without an enabled one every login on a hot standby fails, if pg_database.dathasloginevt is still set: "cannot
acquire lock mode AccessExclusiveLock on database objects while recovery is in progress" (17.9, 18.4). A trigger in
state ENABLE REPLICA does not count as enabled there.

Triggers of the set that would fire on its own deployment are disabled meanwhile. Those of others are not: whoever
records or refuses DDL here means ours too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from xtrig.plugin import DatabaseObject, Lines, Mark, Statement, literal
from xtrig_pgfamily import statements
from xtrig_pgfamily.objects import EventTrigger, Function
from xtrig_pgfamily.objects.event_trigger import LOGIN
from xtrig_pgfamily.words import name

CANDIDATE = "xtrig_canary_"
"""What the names of temporary triggers and functions begin with."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A temporary trigger, and what it runs: the new form of a live function, or what a live trigger will run."""

    trigger: EventTrigger
    function: Function | None = None
    """None where the trigger runs a function of the definition."""
    replaces: EventTrigger | None = None
    """The wanted trigger whose place it takes; None: it is dropped again."""


def find_candidates(functions: Sequence[Function], triggers: Sequence[EventTrigger], mark: Mark) -> Iterator[Candidate]:
    """Yield a candidate for each wanted function that is replaced while live, and for each trigger that is."""
    for number, function in enumerate(functions, 1):
        renamed = replace(
            function,
            path=(function.path[0], f"{CANDIDATE}{number}"),
            mark=mark,
            after=(),
            purpose=f"The new text of {function.name}, under another name",
        )
        trigger = EventTrigger(
            path=(f"{CANDIDATE}{number}",),
            event=LOGIN,
            clause=f"ON {LOGIN}",
            function=renamed.path,
            enabled="replica",
            mark=mark,
        )
        yield Candidate(trigger, renamed)
    for number, trigger in enumerate(triggers, len(functions) + 1):
        path = (f"{CANDIDATE}{number}",)
        yield Candidate(replace(trigger, path=path, enabled="replica", mark=mark), replaces=trigger)


def is_candidate(each: DatabaseObject) -> bool:
    """Whether an object has the name of a candidate."""
    return isinstance(each, (EventTrigger, Function)) and each.path[-1].startswith(CANDIDATE)


PLACEHOLDER = "xtrig_keeper"


@dataclass(frozen=True, slots=True)
class Placeholder:
    """The trigger and its function, in a schema of the set's."""

    schema: str
    mark: Mark

    @property
    def function(self) -> Function:
        """The function."""
        return Function(
            path=(self.schema, PLACEHOLDER),
            body="\nBEGIN\n    -- Nothing: that there is an enabled login trigger keeps standbys open.\nEND\n",
            mark=self.mark,
            purpose="The placeholder does nothing; it keeps standbys open while no other login trigger is enabled",
        )

    @property
    def trigger(self) -> EventTrigger:
        """The trigger."""
        path, clause = (self.schema, PLACEHOLDER), f"ON {LOGIN}"
        return EventTrigger(path=(PLACEHOLDER,), event=LOGIN, clause=clause, function=path, mark=self.mark)

    def again(self) -> Iterator[Statement]:
        """Yield the statements that bring both back, if the schema is still there: else so is nothing to keep."""
        for statement in (*self.function.printed(), *self.trigger.create()):
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
                        f"  AND evtname <> {literal(PLACEHOLDER)}",
                    ],
                    ")",
                ],
                statement,
            )
        yield from self.drop_function_if_unneeded()

    def drop_function_if_unneeded(self) -> Iterator[Statement]:
        """Yield the statement that takes the function away, unless the trigger is still there."""
        for statement in self.drop_function():
            yield _if([f"NOT EXISTS (SELECT FROM pg_event_trigger WHERE evtname = {literal(PLACEHOLDER)})"], statement)

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
    return isinstance(each, (EventTrigger, Function)) and each.path[-1] == PLACEHOLDER


def firing_on_ddl(objects: Iterable[DatabaseObject]) -> list[EventTrigger]:
    """Return the triggers that DDL commands meet."""
    return [each for each in objects if isinstance(each, EventTrigger) and not each.is_login and each.is_enabled]


def undisturbed(
    own: Iterable[EventTrigger], made: Iterable[Statement], changed: Collection[str] = ()
) -> tuple[Statement, ...]:
    """Return ``made`` between the statements that disable the triggers ``own``, and enable them again.

    Those named in ``changed`` are not enabled again: their own change does it. No one sees this: it is one
    transaction.
    """
    inner = tuple(made)
    disabled = list(own) if inner else []
    return (
        *(each.set_to("disabled", "It is disabled meanwhile") for each in disabled),
        *inner,
        *(each.set_to(each.enabled) for each in disabled if each.name not in changed),
    )

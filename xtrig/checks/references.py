"""Names that a definition uses and gives: without these checks a set cannot be resolved."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.errors import suggest
from xtrig.findings import Check, Finding, Path, Severity
from xtrig.model import Insert, TriggerSet
from xtrig.resolve import walk_steps


def inserts(triggers: TriggerSet) -> Iterator[tuple[str, Path, Insert]]:
    """Yield every insert with its subject and its path."""
    for section in ("functions", "triggers"):
        for name, owner in getattr(triggers, section).items():
            path: Path = (section, name, "steps")
            for visit in walk_steps(owner.steps, path):
                if isinstance(visit.step, Insert):
                    yield f"{section[:-1]} {name!r}", visit.path, visit.step


class NoTrigger(Check[TriggerSet], code="XT108"):
    """The definition has no trigger.

    Tables and functions alone do nothing.

    Remedy: Add a trigger that runs the function.
    Source: [The model](../model/index.md).
    """

    def find(self, triggers: TriggerSet) -> Iterator[Finding]:
        if not triggers.triggers and triggers.sessions is None:
            yield self.finding("definition", "it has no trigger, so nothing would happen", "add one under triggers:")


class UnknownTable(Check[TriggerSet], code="XT101"):
    """A step names a table that is not defined.

    An `insert` names a table that is not under `tables:`. At run time the insert would fail at every login, and with
    `on_error: allow` only the server log would show it.

    Remedy: Define the table, or correct the name. A table that exists already, or that somebody else makes, is declared
    with `create: false`.
    Source: The vendor's own sample for PolarDB creates a table in one schema and inserts into another: copied as it is,
    it records nothing (PolarDB documentation, Logon and logoff triggers).
    """

    def find(self, triggers: TriggerSet) -> Iterator[Finding]:
        for subject, path, insert in inserts(triggers):
            if insert.table not in triggers.tables:
                hint = suggest(insert.table, triggers.tables, "tables")
                remedy = f"{hint} (a table made elsewhere is declared with 'create: false')"
                yield self.finding(subject, f"insert into {insert.table!r}: no such table is defined", remedy, path)


class UnknownColumn(Check[TriggerSet], code="XT103"):
    """A step fills a column that the table does not have.

    An `insert` fills a column that its table does not declare. At run time it would fail at every login.

    Remedy: Declare the column, or correct its name. A table with `create: false` and no columns is not checked.
    Source: [The model](../model/index.md).
    """

    def find(self, triggers: TriggerSet) -> Iterator[Finding]:
        for subject, path, insert in inserts(triggers):
            table = triggers.tables.get(insert.table)
            if table is None or not table.columns:
                continue
            for column in insert.values:
                if column not in table.columns:
                    message = f"insert into {insert.table!r}: it has no column {column!r}"
                    remedy = suggest(column, table.columns, "columns")
                    yield self.finding(subject, message, remedy, (*path, "values", column))


class IdentityFilled(Check[TriggerSet], code="XT116"):
    """An insert fills a column that the server numbers.

    An identity column is rendered `GENERATED ALWAYS`: the server numbers the rows, and a statement that gives a number
    of its own fails (SQLSTATE 428C9). At logon such an error is only logged, so the row would be missing, each time.

    Remedy: Leave the column out of `values`. If you want to number rows yourself, leave out `identity: true`.
    Source: PostgreSQL manual, CREATE TABLE, identity columns; seen on 18.
    """

    def find(self, triggers: TriggerSet) -> Iterator[Finding]:
        for subject, path, insert in inserts(triggers):
            table = triggers.tables.get(insert.table)
            for name in insert.values:
                column = table.columns.get(name) if table else None
                if column is not None and column.identity:
                    message = f"insert into {insert.table!r}: the server numbers the column {name!r} itself"
                    yield self.finding(subject, message, "leave it out", (*path, "values", name))


class UnknownFunction(Check[TriggerSet], code="XT102"):
    """A trigger runs a function that is not defined.

    `run` names a function that is not under `functions:`.

    Remedy: Correct the name, or give the trigger `steps` of its own.
    Source: [The model](../model/index.md).
    """

    def find(self, triggers: TriggerSet) -> Iterator[Finding]:
        for name, trigger in triggers.triggers.items():
            if trigger.run is not None and trigger.run not in triggers.functions:
                remedy = suggest(trigger.run, triggers.functions, "functions")
                message = f"run {trigger.run!r}: no such function is defined"
                yield self.finding(f"trigger {name!r}", message, remedy, ("triggers", name, "run"))


class NameGivenTwice(Check[TriggerSet], code="XT002"):
    """A name is given twice.

    A table, function or trigger has the name of another one, in the same file or in another file of the same command.
    Of two YAML keys of one name most readers keep the last, silently. A trigger with steps of its own becomes a
    function of the trigger's name, and `if_unsupported: infer` makes a function and a table more: those names count
    too.

    Remedy: Rename one of them. Two functions may have the same name in different schemas.
    Source: YAML 1.2 specification, chapter 3.2.1.3: the keys of a mapping are unique. `CREATE OR REPLACE FUNCTION`
    would replace the first function by the second (PostgreSQL manual, CREATE FUNCTION).
    """

    def find(self, triggers: TriggerSet) -> Iterator[Finding]:
        made = {(function.schema_ or triggers.schema_, name) for name, function in triggers.functions.items()}
        for name, trigger in triggers.triggers.items():
            if trigger.run is None and (trigger.schema_ or triggers.schema_, name) in made:
                message = "its own steps become a function of its name, which the definition has already"
                yield self.finding(f"trigger {name!r}", message, "rename one of them", ("triggers", name))


class UnusedFunction(Check[TriggerSet], code="XT109", severity=Severity.WARNING):
    """A function is run by no trigger.

    The function is not rendered. Mostly the trigger's `run` names another one.

    Remedy: Run it from a trigger, or remove it.
    Source: [The model](../model/index.md).
    """

    def find(self, triggers: TriggerSet) -> Iterator[Finding]:
        run = {trigger.run for trigger in triggers.triggers.values()}
        for name in triggers.functions:
            if name not in run:
                message, remedy = "no trigger runs it, so it is left out", "run it from a trigger or remove it"
                yield self.finding(f"function {name!r}", message, remedy, ("functions", name))

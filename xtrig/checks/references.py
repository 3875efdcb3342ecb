"""Names that a definition uses are names that it defines."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.facts import Event
from xtrig.findings import Finding, Path, Severity
from xtrig.model import ForEach, If, Insert, Step, TriggerSet
from xtrig.nearest import suggest


def has_triggers(triggers: TriggerSet) -> Iterator[Finding]:
    """XT108: a definition without a trigger does nothing."""
    if not triggers.triggers:
        yield Finding(
            "XT108",
            Severity.ERROR,
            "definition",
            "it has no trigger, so nothing would happen",
            "add one under triggers:",
        )


def tables_exist(triggers: TriggerSet) -> Iterator[Finding]:
    """XT101: an insert names a table of the definition."""
    for subject, path, insert in _inserts(triggers):
        if insert.table not in triggers.tables:
            hint = suggest(insert.table, triggers.tables, "tables")
            remedy = f"{hint} (a table made elsewhere is declared with 'create: false')"
            yield _error("XT101", subject, f"insert into {insert.table!r}: no such table is defined", remedy, path)


def columns_exist(triggers: TriggerSet) -> Iterator[Finding]:
    """XT103: an insert fills columns that the table has."""
    for subject, path, insert in _inserts(triggers):
        table = triggers.tables.get(insert.table)
        if table is None or not table.columns:
            continue
        for column in insert.values:
            if column not in table.columns:
                message = f"insert into {insert.table!r}: it has no column {column!r}"
                remedy = suggest(column, table.columns, "columns")
                yield _error("XT103", subject, message, remedy, (*path, "values", column))


def functions_exist(triggers: TriggerSet) -> Iterator[Finding]:
    """XT102: a trigger runs a function of the definition."""
    for name, trigger in triggers.triggers.items():
        if trigger.run is not None and trigger.run not in triggers.functions:
            remedy = suggest(trigger.run, triggers.functions, "functions")
            message = f"run {trigger.run!r}: no such function is defined"
            yield _error("XT102", f"trigger {name!r}", message, remedy, ("triggers", name, "run"))


def functions_have_names_of_their_own(triggers: TriggerSet) -> Iterator[Finding]:
    """XT002: a trigger's own steps become a function of the trigger's name; two of one name would be one."""
    made = {(function.schema_ or triggers.schema_, name) for name, function in triggers.functions.items()}
    for name, trigger in triggers.triggers.items():
        if trigger.run is None and (trigger.schema_ or triggers.schema_, name) in made:
            message = "its own steps become a function of its name, which the definition has already"
            yield _error("XT002", f"trigger {name!r}", message, "rename one of them", ("triggers", name))


def functions_are_run(triggers: TriggerSet) -> Iterator[Finding]:
    """XT109: a function that no trigger runs is left out of the script."""
    run = {trigger.run for trigger in triggers.triggers.values()}
    for name in triggers.functions:
        if name not in run:
            yield Finding(
                "XT109",
                Severity.WARNING,
                f"function {name!r}",
                "no trigger runs it, so it is left out",
                "run it from a trigger or remove it",
                ("functions", name),
            )


def defaults_agree(triggers: TriggerSet) -> Iterator[Finding]:
    """XT107: on_error defaults to allow for sessions and to deny for DDL; a function run by both must say."""
    for name, function in triggers.functions.items():
        events = {trigger.event for trigger in triggers.triggers.values() if trigger.run == name}
        mixed = len({event.is_session for event in events}) > 1
        if mixed and function.on_error is None and triggers.defaults.on_error is None:
            listed = ", ".join(event for event in Event if event in events)
            message = f"it runs at {listed}, and an error means allow for sessions but deny for DDL"
            yield _error("XT107", f"function {name!r}", message, "write on_error: allow or deny", ("functions", name))


def _inserts(triggers: TriggerSet) -> Iterator[tuple[str, Path, Insert]]:
    for section in ("functions", "triggers"):
        for name, owner in getattr(triggers, section).items():
            path: Path = (section, name, "steps")
            for where, step in _steps(owner.steps, path):
                if isinstance(step, Insert):
                    yield f"{section[:-1]} {name!r}", where, step


def _steps(steps: tuple[Step, ...], path: Path) -> Iterator[tuple[Path, Step]]:
    for number, step in enumerate(steps):
        here = (*path, number)
        yield here, step
        if isinstance(step, If):
            yield from _steps(step.then, (*here, "then"))
            yield from _steps(step.otherwise, (*here, "else"))
        elif isinstance(step, ForEach):
            yield from _steps(step.do, (*here, "do"))


def _error(code: str, subject: str, message: str, remedy: str, path: Path) -> Finding:
    return Finding(code, Severity.ERROR, subject, message, remedy, path)

"""What a trigger's steps do, in words, and which columns of which tables they fill."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.explain.sentences import Heading, Section, Sentence, Subject
from xtrig.findings import Path
from xtrig.model import (
    Call,
    Column,
    CreateTempTable,
    Deny,
    ForEach,
    GrantRole,
    If,
    Insert,
    Log,
    RevokeRole,
    Set,
    Sql,
    Step,
)

Value = str | bool | int | float | None
_ITEMS = {"ddl_command": "DDL command of the event", "dropped_object": "dropped object"}


def steps_section(subject: Subject) -> Section:
    """Return the steps in words, in order; a hand-written body is only mentioned."""
    function = subject.trigger.function
    if function.body:
        text = "It runs a body written by hand, as it is, unguarded. What that does is not said here."
        sentences = [subject.say(text, (*function.path, "body"))]
    else:
        sentences = list(_sentences(subject, function.steps, (*function.path, "steps"), 0))
    return Section(Heading.STEPS, tuple(sentences))


def recorded_section(subject: Subject) -> Section:
    """Return the tables and columns that the steps fill."""
    function = subject.trigger.function
    inserts = list(_inserts(function.steps, (*function.path, "steps"), ()))
    sentences = [sentence for insert in inserts for sentence in _row(subject, *insert)]
    if not inserts and not function.body:
        sentences = [subject.say("No table: no step inserts a row.", function.path)]
    return Section(Heading.RECORDED, tuple(sentences))


def _sentences(subject: Subject, steps: tuple[Step, ...], path: Path, depth: int) -> Iterator[Sentence]:
    for number, step in enumerate(steps):
        here = (*path, number)
        text = _text(step, subject)
        if step.when is not None:
            text = f"If {step.when}: {text}"
        yield subject.say(text, here, depth)
        for key, inside in step.inner():
            if key == "else" and inside:
                yield subject.say("Otherwise:", (*here, key), depth)
            yield from _sentences(subject, inside, (*here, key), depth + 1)


def _text(step: Step, subject: Subject) -> str:
    match step:
        case If():
            return f"If {step.condition}:"
        case ForEach():
            return f"For each {_ITEMS[step.item]}:"
        case Insert():
            return f"Insert a row into {_called(subject, step)}."
        case Deny():
            more = {"the detail": step.detail, "the hint": step.hint}
            said = "".join(f' and {what} "{text}"' for what, text in more.items() if text is not None)
            state = f", as SQLSTATE {step.sqlstate}" if step.sqlstate else ""
            return f'Refuse, with the message "{step.message}"{said}{state}.'
        case GrantRole():
            return f"Make {step.to} a member of role {step.role}, unless it is one."
        case RevokeRole():
            return f"Take the membership in role {step.role} from {step.from_}, if there is one."
        case Set():
            return f"Set {step.parameter} to {_value(step.value)} until the {step.scope} ends."
        case CreateTempTable():
            owner = f", owned by {step.owner}" if step.owner else ""
            return f"Create the temporary table {step.table} ({', '.join(step.columns)}){owner}, unless it is there."
        case Call():
            return f"Call {step.kind} {step.routine}({', '.join(map(_value, step.args))})."
        case Log():
            if step.level != "log":
                return f'Send the client a message of the kind {step.level}: "{step.message}".'
            return f'Write a line to the server\'s log: "{step.message}".'
        case Sql():
            return f"Run the statement as it is: {' '.join(step.text(subject.dialect.name).split())}"


def _inserts(steps: tuple[Step, ...], path: Path, conditions: tuple[str, ...]) -> Iterator[tuple[Insert, Path, str]]:
    """Yield each insert with its path and the conditions under which it runs."""
    for number, step in enumerate(steps):
        here = (*path, number)
        if isinstance(step, If):
            yield from _inserts(step.then, (*here, "then"), (*conditions, f"if {step.condition}"))
            yield from _inserts(step.otherwise, (*here, "else"), (*conditions, f"unless {step.condition}"))
            continue
        own = (*conditions, f"if {step.when}") if step.when is not None else conditions
        if isinstance(step, ForEach):
            yield from _inserts(step.do, (*here, "do"), (*own, f"for each {_ITEMS[step.item]}"))
        elif isinstance(step, Insert):
            yield step, here, ", and ".join(own)
        elif isinstance(step, Deny):
            refused = f"unless {step.when}" if step.when is not None else "never, after a deny"
            conditions = (*conditions, refused)


def _row(subject: Subject, insert: Insert, path: Path, conditions: str) -> Iterator[Sentence]:
    when = f", {conditions}" if conditions else ", each time"
    yield subject.say(f"One row in {_called(subject, insert)}{when}.", path)
    for column, value in insert.values.items():
        yield subject.say(f"{column}:", (*path, "values", column), 1, _value(value))
    table = subject.triggers.tables[insert.table]
    for name, left_out in table.table.columns.items():
        if name not in insert.values:
            yield subject.say(f"{name}: {_left_out(left_out)}", (*table.path, "columns", name), 1)


def _called(subject: Subject, insert: Insert) -> str:
    table = subject.triggers.tables[insert.table]
    return f"{table.schema}.{table.name}"


def _left_out(column: Column) -> str:
    if column.identity:
        return "numbered by the server"
    return f"its default, {column.default}" if column.default is not None else "NULL; no step fills it"


def _value(value: Value) -> str:
    if value is None:
        return "NULL"
    return str(value).lower() if isinstance(value, bool) else str(value)

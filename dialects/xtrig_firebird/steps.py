"""Steps as PSQL."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from xtrig.model import Call, Deny, ForEach, If, Insert, Set, Sql, Step
from xtrig.plugin import Dialect, Event, Fact, Item, Lines, ResolvedSet, Version, find_spelling, parse_template
from xtrig_firebird.column_types import ZONES
from xtrig_firebird.expressions import filled, message, writer
from xtrig_firebird.spellings import SPELLINGS
from xtrig_firebird.words import name, text

EXPRESSIBLE = (Insert, Deny, If, Set, Call, ForEach, Sql)
DENIED = "xtrig_denied"
"""The exception that refuses, which all sets share: its message is given where it is raised."""
_COMPOUND = re.compile(r"(begin|if|while|for|in\s+autonomous)\b.*\bend\Z", re.IGNORECASE | re.DOTALL)
"""A statement of PSQL that ends with END takes no semicolon."""
IGNORED = "ignored"
"""The variable for results that nobody asks for."""
_CAUGHT: Lines = ["WHEN ANY DO", ["BEGIN", "END"]]
_READ_WRITE = "rdb$get_context('SYSTEM', 'READ_ONLY') <> 'TRUE'"
NO_REPLICA = "coalesce(rdb$get_context('SYSTEM', 'REPLICA_MODE'), '') <> 'READ-ONLY'"
ATTEMPTS = "login_attempt"
"""The table of ``sessions:`` with a row for each login, refused ones too."""


def is_writable(version: Version) -> str:
    """Return the condition that a session's transactions can write; read-only replicas are of 4.0."""
    return f"{_READ_WRITE}\n        AND {NO_REPLICA}" if version >= ZONES else _READ_WRITE


def block(lines: Sequence[str | Lines]) -> Lines:
    """Return statements as one."""
    return ["BEGIN", [*lines], "END"]


def routine(call: Call, schema: str) -> str:
    """Return the routine as SQL: in Firebird a name before the dot is a package, and the set's schema is none."""
    first, _, last = call.routine.partition(".")
    return name(last) if first == schema else f"{name(first)}.{name(last)}"


def denies(step: Step) -> bool:
    """Whether a step may refuse."""
    return any(isinstance(each, Deny) for each in step.walk())


@dataclass(frozen=True, slots=True)
class StepWriter:
    """Writes the steps of one trigger.

    ``catches`` is whether an error goes no further than the step, ``outlives`` whether rows are committed at once, so
    that they stay when the login is refused, and ``guards`` whether nothing is written where nothing can be.
    """

    triggers: ResolvedSet
    dialect: Dialect
    version: Version
    event: Event
    catches: bool = False
    outlives: bool = False
    guards: bool = False
    item: Item | None = None
    rehearses: bool = False
    """Whether it is written to be run once outside of a trigger: then nothing is refused."""

    def write(self, steps: Sequence[Step]) -> Lines:
        """Return the steps, one statement after the other.

        Those before a refusal stand in blocks of their own: an error in them must not keep it from being asked.
        """
        if not self.catches:
            return self._guarded(steps)
        lines: Lines = []
        for denying, run in groupby(steps, key=denies):
            for part in [[step] for step in run] if denying else [list(run)]:
                again: Lines = [f"WHEN EXCEPTION {name(DENIED)} DO", ["EXCEPTION;"]] if denying else []
                lines += ["BEGIN", self._guarded(part), *again, *_CAUGHT, "END"]
        return lines

    def _guarded(self, steps: Sequence[Step]) -> Lines:
        if not self.guards:
            return [line for step in steps for line in self._step(step)]
        bare = replace(self, guards=False)
        lines: Lines = []
        for writing, run in groupby(steps, key=lambda step: step.only_writes()):
            if writing:
                written = block([line for step in run for line in bare._step(step)])
                lines += [f"IF ({is_writable(self.version)}) THEN", *written]
            else:
                lines += [line for step in run for line in self._step(step)]
        return lines

    def _step(self, step: Step) -> Lines:
        if isinstance(step, If):
            lines: Lines = [f"IF {self.condition(step.condition)} THEN", *block(self.write(step.then))]
            return [*lines, "ELSE", *block(self.write(step.otherwise))] if step.otherwise else lines
        if isinstance(step, ForEach):
            written: Lines = replace(self, item=step.item).write(step.do)
        else:
            written = [*self._simple(step)]
        return [f"IF {self.condition(step.when)} THEN", *block(written)] if step.when else written

    def _simple(self, step: Step) -> Iterator[str | Lines]:
        match step:
            case Insert():
                yield from self._insert(step)
            case Deny() if self.rehearses:
                yield from block([])
            case Deny():
                if self.event is Event.LOGON and self.triggers.sessions is not None:
                    yield from self._noted(step)
                yield f"EXCEPTION {name(DENIED)}"
                yield [f"{message(parse_template(step.message).parts, self.fact)};"]
            case Set():
                space = "USER_SESSION" if step.scope == "session" else "USER_TRANSACTION"
                value = self.value(step.value)
                yield f"{IGNORED} = rdb$set_context('{space}', {text(step.parameter)}, {value});"
            case Call():
                yield from self._call(step)
            case Sql():
                # On a line of its own: a comment at the statement's end would swallow it.
                given = parse_template(step.text(self.dialect.name)).parts
                statement = filled(given, self.fact).strip().removesuffix(";").rstrip()
                yield statement if _COMPOUND.match(statement) else f"{statement}\n;"
            case _:
                raise AssertionError(f"a definition with {step.key} is refused")

    def _noted(self, step: Deny) -> Iterator[str | Lines]:
        """Yield what notes why a login is refused, in the row that the record of sessions has of it."""
        text_ = message(parse_template(step.message).parts, self.fact)
        own = f"(SELECT max(a.id) FROM {ATTEMPTS} a WHERE a.session_id = current_connection)"
        update: Lines = [f"UPDATE {ATTEMPTS} SET refusal = left({text_}, 1000)", f"WHERE id = {own};"]
        yield from block(["IN AUTONOMOUS TRANSACTION DO", update, *_CAUGHT])

    def _insert(self, step: Insert) -> Iterator[str | Lines]:
        table = self.triggers.tables[step.table]
        columns = ", ".join(name(column) for column in step.values)
        types = self.triggers.table_columns[step.table]
        values = [self.value(value, types.get(column, "")) for column, value in step.values.items()]
        if self.outlives:
            yield "IN AUTONOMOUS TRANSACTION DO"
        yield f"INSERT INTO {name(table.name)} ({columns})"
        if len(", ".join(values)) < 100:
            yield f"VALUES ({', '.join(values)});"
        else:
            yield "VALUES ("
            yield [value + ("," if number < len(values) else "") for number, value in enumerate(values, 1)]
            yield ");"

    def _call(self, step: Call) -> Iterator[str | Lines]:
        # Written as text: a static call that no longer fits its routine refuses every login, past any WHEN ANY.
        marks = ", ".join("?" for _ in step.args)
        called = routine(step, self.triggers.schema)
        if step.kind == "procedure":
            command, into = f"EXECUTE PROCEDURE {called}{f'({marks})' if marks else ''}", ""
        else:
            command, into = f"SELECT iif({called}({marks}) IS NULL, 0, 1) FROM rdb$database", f" INTO :{IGNORED}"
        given = f" ({', '.join(map(self.value, step.args))})" if step.args else ""
        yield f"EXECUTE STATEMENT ({text(command)}){given} WITH CALLER PRIVILEGES{into};"

    def fact(self, fact: Fact) -> str:
        """Return the operand for a fact. The portable event needs none: a trigger has but one."""
        if fact is Fact.EVENT:
            return text(self.event)
        spelling = find_spelling(SPELLINGS, fact, self.event, self.item, self.version)
        assert spelling, "xtrig refuses a definition that uses other facts"  # noqa: S101
        return spelling.sql

    def condition(self, given: str) -> str:
        """Return a condition in parentheses."""
        return writer(given, self.triggers, self.fact, self.version).condition()

    def value(self, value: str | bool | int | float | None, column_type: str = "") -> str:
        """Return what a column of a type, or an argument, gets."""
        if isinstance(value, str):
            return writer(value, self.triggers, self.fact, self.version).expression(column_type)
        return "NULL" if value is None else str(value).upper()

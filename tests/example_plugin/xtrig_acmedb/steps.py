"""Steps as AcmeDB statements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from xtrig.model import Deny, If, Insert, Log, Sql, Step
from xtrig.plugin import Event, Fact, Lines, ResolvedSet, find_spelling, parse_template
from xtrig_acmedb.spellings import SPELLINGS
from xtrig_acmedb.words import name, text

EXPRESSIBLE = (Insert, If, Deny, Log, Sql)


@dataclass(frozen=True)
class StepWriter:
    """Writes the steps of one trigger."""

    triggers: ResolvedSet
    event: Event

    def write(self, steps: Iterable[Step]) -> Lines:
        """Return the steps, one statement after the other."""
        return [line for step in steps for line in self._step(step)]

    def _step(self, step: Step) -> Lines:
        if isinstance(step, If):
            otherwise: Lines = ["ELSE", self.write(step.otherwise)] if step.otherwise else []
            return [f"IF {self._filled(step.condition)} THEN", self.write(step.then), *otherwise, "END IF;"]
        lines: Lines = [*self._simple(step)]
        return [f"IF {self._filled(step.when)} THEN", lines, "END IF;"] if step.when else lines

    def _simple(self, step: Step) -> Iterator[str]:
        match step:
            case Insert():
                columns = ", ".join(name(column) for column in step.values)
                values = ", ".join(self._value(value) for value in step.values.values())
                yield f"INSERT INTO {name(self.triggers.tables[step.table].name)} ({columns})"
                yield f"VALUES ({values});"
            case Deny():
                yield f"REFUSE {self._message(step.message)};"
            case Log():
                yield f"WRITE LOG {self._message(step.message)};"
            case Sql():
                statement = step.sql if isinstance(step.sql, str) else step.sql["acmedb"]
                # On a line of its own: a comment at the statement's end would swallow it.
                yield f"{self._filled(statement).strip().removesuffix(';')}\n;"

    def fact(self, fact: Fact) -> str:
        """Return the expression for a fact. The portable event needs none: a trigger has but one."""
        if fact is Fact.EVENT:
            return text(self.event)
        spelling = find_spelling(SPELLINGS, fact, self.event, None, ())
        assert spelling, "xtrig refuses a definition that uses other facts"
        return spelling.sql

    def _filled(self, expression: str) -> str:
        """Return the definition's own SQL with its facts: apart from them, expressions are not translated."""
        return parse_template(expression).fill(self.fact)

    def _value(self, value: str | bool | int | float | None) -> str:
        if isinstance(value, str):
            return self._filled(value)
        return "NULL" if value is None else str(value).upper()

    def _message(self, message: str) -> str:
        """Return a message as an expression: CONCAT() takes NULL for an empty text."""
        parts = [self.fact(each) if isinstance(each, Fact) else text(each) for each in parse_template(message).parts]
        return parts[0] if len(parts) == 1 else f"CONCAT({', '.join(parts)})"

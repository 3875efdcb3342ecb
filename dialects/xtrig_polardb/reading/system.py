"""Oracle-style system triggers for DDL."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from xtrig.model import ForEach, If, Step
from xtrig.plugin import Event, Item, ReadFunction, ReadTable, ReadTrigger, Severity
from xtrig_pgfamily.reading.body import read_body
from xtrig_pgfamily.reading.parser import SyntaxProblem, Unparsed
from xtrig_pgfamily.reading.problems import Problems
from xtrig_pgfamily.reading.scope import Scope
from xtrig_pgfamily.reading.statements import names
from xtrig_pgfamily.reading.tokens import tokens
from xtrig_polardb.reading.plsql import as_plpgsql
from xtrig_polardb.reading.units import Source, Unit, Word
from xtrig_polardb.reading.vocabulary import SYSTEM_TRIGGERS

_EVENTS = {"before": Event.DDL_COMMAND_START, "after": Event.DDL_COMMAND_END}
_VERBS = ("create", "alter", "drop")
_TAGS = re.compile(r"\(?\$\{command_tag\}\)? in \(((?:'[A-Z ]+'(?:, )?)+)\)\Z", re.IGNORECASE)
_OF_ITEMS = ("${object_type}", "${object_schema}", "${object_identity}")


@dataclass(frozen=True, slots=True)
class TriggerReader:
    """Reads one system trigger, which holds its body itself."""

    problems: Problems
    tables: Mapping[tuple[str | None, str], ReadTable]
    unit: Unit
    source: Source

    def read(self) -> tuple[ReadTrigger, ReadFunction] | None:
        """Return the trigger and a function with its body, or None for one that no definition can say."""
        head = [each.word for each in self.unit.words[: self.unit.body]]
        start = head.index("trigger") + 1
        end = next(number for number in range(start, len(head)) if head[number] in (*_EVENTS, "instead"))
        path = names(tokens(self.source.text(self.unit.words[start:end])))
        schema, name = (path[-2] if len(path) > 1 else None), path[-1]
        try:
            return self._read((schema, name), head[end:])
        except (Unparsed, ValidationError, SyntaxProblem) as problem:
            line = self._line(self.unit.words[0])
            message = f"it cannot be said in steps: {' '.join(str(problem).split())}"
            remedy = "a system trigger cannot be kept as it is: write it anew"
            self.problems.add("XT403", Severity.ERROR, f"trigger {name!r}", message, remedy, line)
            return None

    def _read(self, called: tuple[str | None, str], clause: Sequence[str]) -> tuple[ReadTrigger, ReadFunction]:
        if clause[0] == "instead":
            raise Unparsed("it fires instead of a command")
        if clause[-1] != "database" and clause[clause.index("on") + 1] != "database":
            raise Unparsed("it fires for one schema alone")
        event, line = _EVENTS[clause[0]], self._line(self.unit.words[0])
        first = self._line(self.unit.words[self.unit.body])
        scope = Scope(SYSTEM_TRIGGERS, (event,), self.tables, is_ours=True, first_line=first)
        body = read_body(as_plpgsql(self.unit, self.source.encoded), scope)
        tags, steps = _filtered(body.steps, [verb for verb in _VERBS if verb in clause])
        function = ReadFunction(*called, line, body.policies, _for_each(steps, event), fills=tuple(scope.fills))
        return ReadTrigger(called[1], event, called, line, tags), function

    def _line(self, word: Word) -> int:
        return self.source.lines.line(word.start)


def _filtered(steps: tuple[Step, ...], verbs: Sequence[str]) -> tuple[tuple[str, ...], tuple[Step, ...]]:
    """Return the command tags and the steps; verbs that no list of tags goes with become a condition."""
    condition, then = _conditional(steps)
    listed = _TAGS.match(condition) if condition else None
    if listed:
        return tuple(tag.strip("' ") for tag in listed[1].split(",")), then
    if not verbs or len(verbs) == len(_VERBS):
        return (), steps
    wanted = " OR ".join(f"${{command_tag}} LIKE '{verb.upper()} %'" for verb in verbs)
    return (), (If(condition=wanted, then=steps),)


def _conditional(steps: tuple[Step, ...]) -> tuple[str | None, tuple[Step, ...]]:
    """Return the condition around all steps, and the steps without it."""
    (first, *others) = steps
    if others:
        return None, steps
    if isinstance(first, If):
        return (None, steps) if first.otherwise else (first.condition, first.then)
    return first.when, (first.model_copy(update={"when": None}),)


def _for_each(steps: tuple[Step, ...], event: Event) -> tuple[Step, ...]:
    """Return steps that need an object's facts inside for_each: a system trigger fires for each object."""
    text = " ".join(step.model_dump_json() for step in steps)
    if not any(fact in text for fact in _OF_ITEMS):
        return steps
    if event is not Event.DDL_COMMAND_END:
        raise Unparsed("the object is not known before the command")
    return (ForEach(item=Item.DDL_COMMAND, do=steps),)

"""Reading a script for PolarDB: PL/SQL units are read apart, PostgreSQL's parser reads the rest."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from pydantic import ValidationError

from xtrig.model import ForEach, If, Step
from xtrig.plugin import Event, Fact, Imported, Item, ReadFunction, ReadTrigger, Severity
from xtrig_pgfamily.reading.body import read_body
from xtrig_pgfamily.reading.body_scope import Known, Problems, Scope
from xtrig_pgfamily.reading.parser import Lines, Parsed, SyntaxProblem, Unparsed
from xtrig_pgfamily.reading.plsql_units import Source, Unit, Word, as_plpgsql, blank, body_text, scan, units, write
from xtrig_pgfamily.reading.script_reader import ScriptReader
from xtrig_pgfamily.reading.sql_statements import named, names
from xtrig_pgfamily.reading.tokens import tokens
from xtrig_pgfamily.reading.vocabulary import ALSO, DDL, POSTGRESQL, Vocabulary, flat
from xtrig_polardb.reading import oracle_words
from xtrig_polardb.spellings import PLPGSQL, PLSQL, SESSION, SYSTEM
from xtrig_polardb.wrapper import VARIABLES

_TYPES = {"varchar2": "varchar", "nvarchar2": "varchar", "number": "numeric", "clob": "text"}
_POLARDB = Vocabulary(
    "polardb",
    (*flat(SESSION), *flat(PLSQL), *flat(PLPGSQL), *POSTGRESQL.spellings),
    {"after_user_logon": Event.LOGON, "before_user_logoff": Event.LOGOFF, **DDL},
    ALSO,
    ("CASE tg_event WHEN 'after_user_logon' THEN 'logon' WHEN 'before_user_logoff' THEN 'logoff' ELSE tg_event END",),
    _TYPES,
    ("polar_",),
    errors_bind=False,
    has_clauses=False,
)
_ORACLE_ALSO = (*((fact, text) for fact, text in ALSO if text != "user"), *oracle_words.ALSO)
ORACLE_CLAUSES = {"logon": Event.LOGON, "logoff": Event.LOGOFF}
"""The word between AFTER or BEFORE and ON DATABASE."""

VOCABULARIES = {
    "polardb": _POLARDB,
    "polardb-oracle": replace(
        _POLARDB,
        dialect="polardb-oracle",
        events={**ORACLE_CLAUSES, **DDL},
        event_expressions=("CASE WHEN LOWER(tg_event) LIKE '%logoff%' THEN 'logoff' ELSE 'logon' END",),
        also=_ORACLE_ALSO,
        types=oracle_words.TYPES,
        prefixes=oracle_words.PREFIXES,
        is_foreign=True,
        translated=oracle_words.as_postgresql,
    ),
}

_ALSO = (
    # A system trigger fires once for each object, so the tag of the command is that of the object.
    (Fact.COMMAND_TAG, "ora_sysevent || ' ' || ora_dict_obj_type"),
    (Fact.OBJECT_TYPE, "lower(ora_dict_obj_type)"),
    (
        Fact.OBJECT_IDENTITY,
        "case when ora_dict_obj_owner is null then ora_dict_obj_name "
        "else ora_dict_obj_owner || '.' || ora_dict_obj_name end",
    ),
)
_OBJECT_TYPE = re.compile(r"(?<!lower\()(?<!' ' \|\| )(?<!' ', )\bora_dict_obj_type\b", re.IGNORECASE)


def _of_object(text: str) -> str:
    """Return an expression with the type of the object as the fact has it, in small letters."""
    return oracle_words.as_postgresql(_OBJECT_TYPE.sub("upper(lower(ora_dict_obj_type))", text))


SYSTEM_TRIGGERS = Vocabulary(
    "polardb-oracle",
    tuple((fact, sql) for fact, sql in flat(SYSTEM) if fact is not Fact.TAG),
    DDL,
    (*_ORACLE_ALSO, *_ALSO),
    types=oracle_words.TYPES,
    prefixes=oracle_words.PREFIXES,
    is_foreign=True,
    translated=_of_object,
)


class PolarDBScriptReader(ScriptReader):
    """Reads one script."""

    def everything(self, text: str) -> Imported:
        """Return everything that the script creates."""
        source = Source(text.encode(), Lines(text))
        try:
            words = scan(text)
        except SyntaxProblem as problem:
            raise self.problems.refuse(str(problem), problem.line) from None
        found = list(units(words))
        rest = bytearray(source.encoded)
        for unit in found:
            blank(rest, unit.words[0].start, unit.words[-1].end)
        plsql = {word for unit in found for word in unit.words}
        self._to_postgresql(words, plsql, rest, source.lines)
        plain = super().everything(rest.decode())
        helpers = {named(each.node.funcname) for each in self.functions if _is_helper(each)}
        functions = [*plain.functions]
        for unit in found:
            # A wrapper says nothing that its helper does not say.
            functions += (each for each in self._unit(unit, source) if (each.schema, each.name) not in helpers)
        return self.result(functions)

    def is_function(self, statement: Parsed) -> bool:
        """Whether CREATE FUNCTION is about a function that triggers run, or the helper of one."""
        return super().is_function(statement) or _is_helper(statement)

    def _unit(self, unit: Unit, source: Source) -> list[ReadFunction]:
        if unit.is_trigger:
            read = TriggerReader(self.problems, Known(self.tables, self.routines), unit, source).read()
            if read is None:
                return []
            self.triggers[read[0].name] = read[0]
            return [read[1]]
        return self._function(unit, source)

    def _function(self, unit: Unit, source: Source) -> list[ReadFunction]:
        head = [each.word for each in unit.words[: unit.body]]
        if ("return", "event_trigger") not in pairwise(head):
            return []
        line = source.lines.line(unit.words[0].start)
        called, _ = _called(unit, source, head, "function", ("return", "("))
        if called is None:
            raise self.problems.refuse("a function without a name", line)
        events = self.events_of(called[1])
        if not events:
            return [ReadFunction(*called, line, {}, body=body_text(unit, source.encoded))]
        return [self._read(unit, source, called, events)]

    def _read(
        self, unit: Unit, source: Source, called: tuple[str | None, str], events: tuple[Event, ...]
    ) -> ReadFunction:
        who = f"function {called[1]!r}"
        line = source.lines.line(unit.words[0].start)
        head = [each.word for each in unit.words[: unit.body]]
        policies: dict[str, Any] = {"security": "invoker"} if "current_user" in head else {}
        reader = self.reader()
        scope = reader.scope(events, source.lines.line(unit.words[unit.body].start))
        body = body_text(unit, source.encoded)
        is_hand_written = self.is_ours and "-- on_error: " not in body
        read = (
            None
            if is_hand_written
            else reader.body(as_plpgsql(unit, source.encoded, self.vocabulary.types), scope, who)
        )
        if read is None:
            return ReadFunction(*called, line, policies, body=body)
        if self.is_ours:
            policies |= {"lock_timeout": "0ms", "language": "plsql"}
        elif "lock_timeout" not in read.policies:
            reader.added_bounds(["lock_timeout"], who, line)
        return ReadFunction(*called, line, {**policies, **read.policies}, read.steps, fills=tuple(scope.fills))

    def _to_postgresql(self, words: Sequence[Word], units: Collection[Word], rest: bytearray, lines: Lines) -> None:
        """Rewrite in place what PostgreSQL's grammar does not have: event clauses, qualified trigger names, slashes."""
        for position, word in enumerate(words):
            if word in units:
                continue
            following = [each.word for each in words[position : position + 4]]
            if following[1:] and following[1] in ORACLE_CLAUSES and following[2:] == ["on", "database"]:
                for old, new in zip(words[position : position + 4], ("on", following[1], "", ""), strict=True):
                    write(rest, old, new)
            elif following[:2] == ["event", "trigger"] and following[3:] == ["."]:
                blank(rest, words[position + 2].start, words[position + 3].end)
                message = "an event trigger belongs to no schema; that of its name is left out"
                line, who = lines.line(word.start), f"trigger {words[position + 4].word!r}"
                self.problems.add("XT406", Severity.NOTE, who, message, "nothing has to be done", line)
            elif word.word == "/" and position and words[position - 1].word == ";":
                blank(rest, word.start, word.end)


def _is_helper(statement: Parsed) -> bool:
    """Whether CREATE FUNCTION makes a helper: its arguments are the vendor's variables."""
    return [each.function_parameter.name for each in statement.node.parameters] == list(VARIABLES)


_EVENTS = {"before": Event.DDL_COMMAND_START, "after": Event.DDL_COMMAND_END}
_OTHER_EVENTS = frozenset("startup shutdown servererror suspend db_role_change clone unplug".split())
_VERBS = ("create", "alter", "drop")
_TAGS = re.compile(r"\(?\$\{command_tag\}\)? in \(((?:'[A-Z ]+'(?:, )?)+)\)\Z", re.IGNORECASE)
_OF_ITEMS = ("${object_type}", "${object_schema}", "${object_identity}", "${object_name}")


def _called(
    unit: Unit, source: Source, head: Sequence[str], after: str, before: Sequence[str]
) -> tuple[tuple[str | None, str] | None, int]:
    """Return schema and name between two words of a head, None if there are none, and the place of the second word."""
    start = head.index(after) + 1
    end = next((number for number in range(start, len(head)) if head[number] in before), start)
    path = names(tokens(source.text(unit.words[start:end]))) if end > start else []
    return ((path[-2] if len(path) > 1 else None), path[-1]) if path else None, end


@dataclass(frozen=True, slots=True)
class TriggerReader:
    """Reads one system trigger, whose body is part of it."""

    problems: Problems
    known: Known
    unit: Unit
    source: Source

    def read(self) -> tuple[ReadTrigger, ReadFunction] | None:
        """Return the trigger and a function with its body; None, and a finding, if a definition cannot express it."""
        head = [each.word for each in self.unit.words[: self.unit.body]]
        called, end = _called(self.unit, self.source, head, "trigger", (*_EVENTS, "instead"))
        if called is None:
            message = "a trigger without a name, or without BEFORE, AFTER or INSTEAD OF"
            raise self.problems.refuse(message, self._line(self.unit.words[0]))
        try:
            return self._read(called, head[end:])
        except (Unparsed, ValidationError, SyntaxProblem) as problem:
            line = self._line(self.unit.words[0])
            message = f"it cannot be said in steps: {' '.join(str(problem).split())}"
            remedy = "a system trigger cannot be kept as it is: write it anew"
            self.problems.add("XT403", Severity.ERROR, f"trigger {called[1]!r}", message, remedy, line)
            return None

    def _read(self, called: tuple[str | None, str], clause: Sequence[str]) -> tuple[ReadTrigger, ReadFunction]:
        if clause[0] == "instead":
            raise Unparsed("it fires instead of a command")
        if "on" not in clause[:-1]:
            raise Unparsed("it does not say ON DATABASE")
        if clause[-1] != "database" and clause[clause.index("on") + 1] != "database":
            raise Unparsed("it fires for one schema alone")
        others = sorted(_OTHER_EVENTS & set(clause))
        if others:
            raise Unparsed(f"it fires at {others[0].upper()}, which is no event of xtrig's")
        session = next((event for word, event in ORACLE_CLAUSES.items() if word in clause), None)
        event, line = session or _EVENTS[clause[0]], self._line(self.unit.words[0])
        vocabulary = VOCABULARIES["polardb-oracle"] if session else SYSTEM_TRIGGERS
        first = self._line(self.unit.words[self.unit.body])
        scope = Scope(vocabulary, (event,), self.known, not session, first, is_strict=True)
        body = read_body(as_plpgsql(self.unit, self.source.encoded, vocabulary.types), scope)
        for remark in scope.remarks:
            who = f"trigger {called[1]!r}"
            remedy, line = remark.remedy, remark.line
            self.problems.add(remark.code, remark.severity, who, remark.message, remedy, line, *remark.announced)
        if session:
            self._say_form(called[1], event, line)
            function = ReadFunction(*called, line, body.policies, body.steps, fills=tuple(scope.fills))
            return ReadTrigger(called[1], event, called, line), function
        tags, steps = _filtered(body.steps, [verb for verb in _VERBS if verb in clause])
        function = ReadFunction(*called, line, body.policies, _for_each(steps, event), fills=tuple(scope.fills))
        return ReadTrigger(called[1], event, called, line, tags), function

    def _say_form(self, name: str, event: Event, line: int) -> None:
        message = f"it has Oracle's form; PolarDB has CREATE EVENT TRIGGER ... {event.upper()} ON DATABASE"
        remedy = "render the definition: it is written in PolarDB's form"
        self.problems.add("XT409", Severity.NOTE, f"trigger {name!r}", message, remedy, line)

    def _line(self, word: Word) -> int:
        return self.source.lines.line(word.start)


def _filtered(steps: tuple[Step, ...], verbs: Sequence[str]) -> tuple[tuple[str, ...], tuple[Step, ...]]:
    """Return the command tags and the steps; without a list of tags, verbs become a condition."""
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

"""Reading a script, statement by statement."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from xtrig.model import Table
from xtrig.plugin import PREFIX, Event, Imported, ReadFunction, ReadTable, ReadTrigger, Severity
from xtrig_pgfamily.objects.event_trigger import STATES
from xtrig_pgfamily.reading.body_scope import Problems
from xtrig_pgfamily.reading.functions import FunctionReader, clauses_of, is_event_function, is_inferred, read_inferred
from xtrig_pgfamily.reading.guards import outermost, query
from xtrig_pgfamily.reading.parser import (
    Parsed,
    SyntaxProblem,
    Unparsed,
    parse_body,
    parse_one,
    parse_statements,
)
from xtrig_pgfamily.reading.sql_statements import named, read_columns
from xtrig_pgfamily.reading.tables_used import unused_tables
from xtrig_pgfamily.reading.vocabulary import Vocabulary

_ENABLED = {letter: state for state, (letter, _) in STATES.items()}
_QUIET = frozenset(("transaction_stmt", "create_schema_stmt"))
# Statements of a rendered script that every rendering writes again.
_QUIET_OF_OURS = frozenset(("variable_set_stmt", "grant_stmt", "drop_stmt", "do_stmt"))
_MARKED = re.compile(r"COMMENT\s+ON\s+(EVENT\s+TRIGGER|TRIGGER|FUNCTION|TABLE|VIEW|SCHEMA|ROLE)\b", re.IGNORECASE)
"""What xtrig marks by a comment."""


class ScriptReader:
    """Reads one script."""

    def __init__(self, file: str, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.problems = Problems(file)
        self.tables: dict[tuple[str | None, str], ReadTable] = {}
        self.triggers: dict[str, ReadTrigger] = {}
        self.functions: list[Parsed] = []
        self.is_ours = False
        self._run: dict[str, set[Event]] = {}

    def read(self, text: str) -> Imported:
        """Return everything that the script creates and its triggers have to do with."""
        found = self.everything(text)
        if self.is_ours:
            return found
        unused = list(unused_tables(found))
        for table in unused:
            message = "no function of a trigger fills or reads it, so it is left out"
            who, remedy = f"table {table.name!r}", "keep it in a script of its own"
            self.problems.add("XT402", Severity.WARNING, who, message, remedy, table.line)
        tables = tuple(table for table in found.tables if table not in unused)
        return found._replace(tables=tables, findings=tuple(self.problems.found))

    def everything(self, text: str) -> Imported:
        """Return everything that the script creates."""
        statements = self.parsed(text)
        self.is_ours = any(_is_our_mark(statement) for statement in statements)
        for statement in statements:
            self._take(statement)
        for trigger in self.triggers.values():
            self._run.setdefault(trigger.function[1], set()).add(trigger.event)
        return self.result(list(self._read_functions()))

    def parsed(self, text: str) -> list[Parsed]:
        """Return the statements; raises DefinitionError for what is not SQL."""
        try:
            return parse_statements(text)
        except SyntaxProblem as problem:
            raise self.problems.refuse(str(problem), problem.line) from None

    def result(self, functions: Sequence[ReadFunction]) -> Imported:
        """Return the tables, functions, triggers and findings."""
        return Imported(
            tuple(self.tables.values()),
            tuple(functions),
            tuple(self.triggers.values()),
            findings=tuple(self.problems.found),
        )

    def is_function(self, statement: Parsed) -> bool:
        """Whether CREATE FUNCTION is about a function that triggers run."""
        return is_event_function(statement.node)

    def reader(self) -> FunctionReader:
        """Return the reader of functions; the tables have been read before."""
        vocabulary = replace(self.vocabulary, also=()) if self.is_ours else self.vocabulary
        return FunctionReader(vocabulary, self.tables, self.problems, self.is_ours)

    def events_of(self, name: str) -> tuple[Event, ...]:
        """Return the events that run a function, in the order of :class:`Event`."""
        return tuple(event for event in Event if event in self._run.get(name, ()))

    def _read_functions(self) -> Iterator[ReadFunction]:
        read: dict[tuple[str | None, str], ReadFunction] = {}
        inferred = [each for each in self.functions if self.is_ours and is_inferred(clauses_of(each.node).body)]
        for statement in self.functions:
            events = self.events_of(named(statement.node.funcname)[1])
            if statement not in inferred:
                function = self.reader().read(statement, events)
                if function is not None:
                    read[function.schema, function.name] = function
        for statement in inferred:
            self._take_inferred(statement, read)
        yield from read.values()

    def _take_inferred(self, statement: Parsed, read: dict[tuple[str | None, str], ReadFunction]) -> None:
        name = named(statement.node.funcname)[1]
        trigger = next((each for each in self.triggers.values() if each.function[1] == name), None)
        if trigger is None:
            return
        try:
            function = read_inferred(statement, self.reader())
        except (Unparsed, SyntaxProblem, ValidationError, LookupError, StopIteration):
            message, remedy = "its inferred logoff is not as xtrig writes it", "import the script as it was rendered"
            self.problems.add("XT403", Severity.ERROR, f"function {name!r}", message, remedy, statement.line)
            return
        self.tables = {key: table for key, table in self.tables.items() if key[1] != f"{trigger.name}_open"}
        known = read.get((function.schema, function.name))
        if known is not None and (known.steps, known.body) != (function.steps, function.body):
            function = _renamed(function, trigger.name)
        if known is None or function.name != known.name:
            read[function.schema, function.name] = function
        self.triggers[trigger.name] = ReadTrigger(
            trigger.name,
            Event.LOGOFF,
            (function.schema, function.name),
            trigger.line,
            enable=trigger.enable,
            if_unsupported="infer",
        )

    def _take(self, statement: Parsed) -> None:
        match statement.kind:
            case "create_stmt":
                self._take_table(statement)
            case "create_event_trig_stmt":
                self._take_trigger(statement, statement.line)
            case "alter_event_trig_stmt":
                self._take_state(statement, statement.line)
            case "comment_stmt" if _is_our_mark(statement):
                pass
            case "create_function_stmt" if self.is_function(statement):
                self.functions.append(statement)
            case "do_stmt" if self._take_block(statement):
                pass
            case kind if kind in _QUIET or (self.is_ours and kind in _QUIET_OF_OURS):
                pass
            case "drop_stmt" if statement.node.missing_ok:
                pass
            case _:
                self._leave_out(statement)

    def _leave_out(self, statement: Parsed) -> None:
        words = " ".join(statement.text.split())
        shown = words if len(words) <= 60 else f"{words[:57]}..."
        message, remedy = "it is no part of a definition, and left out", "run it yourself"
        if _MARKED.match(statement.text):
            message += ": xtrig knows what it has made by its comment"
            remedy = "write it into the definition after a #; do not run it on anything that the definition makes"
        self.problems.add("XT402", Severity.WARNING, f"statement {shown}", message, remedy, statement.line)

    def _take_table(self, statement: Parsed) -> None:
        relation = statement.node.relation
        if relation.relpersistence == "t":
            self._leave_out(statement)
            return
        who = f"table {relation.relname!r}"
        columns, problems = read_columns(statement, self.vocabulary.types)
        node = statement.node
        clauses = {"UNLOGGED": relation.relpersistence == "u", "INHERITS": bool(node.inh_relations)}
        clauses |= {"PARTITION BY": node.HasField("partspec"), "WITH": bool(node.options)}
        clauses |= {"PARTITION OF": node.HasField("partbound"), "OF": node.HasField("of_typename")}
        problems += [clause for clause, is_there in clauses.items() if is_there]
        if not columns:
            problems.append("all its columns; it is taken as a table that is there already")
        for problem in problems:
            message = f"no word of a definition says {problem}"
            self.problems.add("XT406", Severity.WARNING, who, message, "see whether it is missed", statement.line)
        schema = relation.schemaname or None
        made = ReadTable(
            schema, relation.relname, Table(columns=columns) if columns else Table(create=False), statement.line
        )
        self.tables[schema, relation.relname] = made

    def _take_trigger(self, statement: Parsed, line: int) -> None:
        node = statement.node
        event = self.vocabulary.events.get(node.eventname)
        if event is None:
            message = f"{self.vocabulary.dialect} has no event {node.eventname!r}"
            remedy = "see --from: each dialect has its own words"
            self.problems.add("XT403", Severity.ERROR, f"trigger {node.trigname!r}", message, remedy, line)
            return
        tags = [item.string.sval for each in node.whenclause for item in each.def_elem.arg.list.items]
        self.triggers[node.trigname] = ReadTrigger(node.trigname, event, named(node.funcname), line, tuple(tags))

    def _take_state(self, statement: Parsed, line: int) -> None:
        node = statement.node
        known = self.triggers.get(node.trigname)
        if known is None:
            self._leave_out(statement)
            return
        enable = _ENABLED[node.tgenabled]
        self.triggers[node.trigname] = ReadTrigger(known.name, known.event, known.function, line, known.tags, enable)

    def _take_block(self, statement: Parsed) -> bool:
        """Read the triggers created in a DO block; return whether there is one."""
        bodies = [each.def_elem.arg.string.sval for each in statement.node.args if each.def_elem.defname == "as"]
        body = bodies[0] if bodies else ""  # DO LANGUAGE x: PostgreSQL refuses that when it is run
        try:
            found = [parse_one(text) for text in _trigger_statements(parse_body(body)[1])]
        except (SyntaxProblem, Unparsed):
            return False
        if not any(each.kind == "create_event_trig_stmt" for each in found):
            return False
        for each in found:
            if each.kind == "create_event_trig_stmt":
                self._take_trigger(each, statement.line)
            elif each.kind == "alter_event_trig_stmt":
                self._take_state(each, statement.line)
        return True


def _is_our_mark(statement: Parsed) -> bool:
    return statement.kind == "comment_stmt" and statement.node.comment.startswith(PREFIX)


def _renamed(function: ReadFunction, name: str) -> ReadFunction:
    return ReadFunction(
        function.schema, name, function.line, function.policies, function.steps, function.body, function.fills
    )


def _trigger_statements(tree: Any) -> Iterator[str]:
    """Yield the text of every statement about event triggers in a body, in order."""
    for statement in outermost(tree, "PLpgSQL_stmt_execsql"):
        text = query(statement["sqlstmt"])
        if text.upper().split()[1:3] == ["EVENT", "TRIGGER"]:
            yield text

"""Reading a script, statement by statement."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from xtrig.imported import ObjectName
from xtrig.model import Table
from xtrig.plugin import PREFIX, Event, Imported, ReadFunction, ReadTable, ReadTrigger, Severity, one_line
from xtrig_pgfamily.objects.event_trigger import STATES
from xtrig_pgfamily.reading.body_scope import Known, Problems
from xtrig_pgfamily.reading.created_tables import altered, read_columns
from xtrig_pgfamily.reading.functions import FunctionReader, clauses_of, is_event_function, is_inferred, read_inferred
from xtrig_pgfamily.reading.guards import outermost, query
from xtrig_pgfamily.reading.parser import (
    Parsed,
    SyntaxProblem,
    Tree,
    Unparsed,
    parse_body,
    parse_one,
    parse_statements,
    postgast,
)
from xtrig_pgfamily.reading.psql_lines import without_psql_lines
from xtrig_pgfamily.reading.sql_statements import named, path_set
from xtrig_pgfamily.reading.tables_used import numbered_by_hand, unused_tables
from xtrig_pgfamily.reading.vocabulary import Vocabulary

_ENABLED = {letter: state for state, (letter, _) in STATES.items()}
_STATEMENT = "PLpgSQL_stmt_"
_QUIET = frozenset(("transaction_stmt", "create_schema_stmt"))
_TAKEN = frozenset(
    """
    create_event_trig_stmt alter_event_trig_stmt do_stmt alter_function_stmt alter_table_stmt drop_stmt comment_stmt
    """.split()
)
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
        self._functions_named: dict[str, list[Parsed]] = {}
        """The same by name: a dump of thousands has a statement or two about each."""
        self.routines: dict[ObjectName, Parsed] = {}
        self.is_ours = False
        self.schema: str | None = None
        """The schema of what the script creates without one, if it says so."""
        self._statements: list[Parsed] = []
        self._taken: set[str] = set()
        """The texts of statements that are in the definition, whole."""
        self._sequences: set[str] = set()
        self._of_sequences: list[Parsed] = []
        self._run: dict[str, set[Event]] = {}

    def read(self, text: str) -> Imported:
        """Return everything that the script creates and its triggers have to do with."""
        text, lines = without_psql_lines(text)
        for each in lines:
            who, message = f"line {one_line(each.text)[:60]}", "it is for psql, no statement, and left out"
            self._left_out(who, message, "see whether it is missed", each.line, Severity.NOTE)
        found = self.everything(text)
        if self.is_ours:
            return found._replace(script=text)
        unused = list(unused_tables(found))
        for table in unused:
            message = "no function of a trigger fills or reads it, so it is left out"
            who, remedy = f"table {table.name!r}", "keep it in a script of its own"
            self.problems.add("XT402", Severity.WARNING, who, message, remedy, table.line)
        tables = tuple(self._as_it_is(table, found) for table in found.tables if table not in unused)
        rest = tuple(self._rest(tables))
        return found._replace(tables=tables, findings=tuple(self.problems.found), rest=rest, script=text)

    def _as_it_is(self, table: ReadTable, found: Imported) -> ReadTable:
        """Return a table, as one that is there already if a function numbers its rows."""
        column = numbered_by_hand(table, found)
        if column is None:
            return table
        message = f"a function fills its column {column!r}, which in a definition the server alone numbers"
        remedy = "it is taken as a table that is there already: create it yourself"
        self.problems.add("XT406", Severity.WARNING, f"table {table.name!r}", message, remedy, table.line)
        return table._replace(table=Table(create=False))

    def _rest(self, tables: Sequence[ReadTable]) -> Iterator[str]:
        """Yield the statements that are no part of what was read."""
        run = {trigger.function[1] for trigger in self.triggers.values()}
        made = {(table.schema, table.name) for table in tables if table.table.create}
        for statement in self._statements:
            is_own = False
            if statement.kind == "create_stmt":
                relation = statement.node.relation
                names = {name for schema, name in made if relation.schemaname in ("", schema)}
                is_own = relation.relname in names
            elif statement.kind == "create_function_stmt":
                is_own = self.is_function(statement) and named(statement.node.funcname)[1] in run
            if not is_own and statement.text not in self._taken and statement.kind != "transaction_stmt":
                yield statement.text

    def everything(self, text: str) -> Imported:
        """Return everything that the script creates."""
        text, lines = without_psql_lines(text)
        for each in lines:
            message = "it is for psql, no statement, and left out"
            self._left_out(
                f"line {one_line(each.text)[:60]}", message, "nothing has to be done", each.line, Severity.NOTE
            )
        statements = self.parsed(text)
        self.is_ours = any(_is_our_mark(statement) for statement in statements)
        self._statements = statements
        for statement in statements:
            before = len(self.problems.found)
            self._take(statement)
            if statement.kind in _TAKEN and len(self.problems.found) == before:
                self._taken.add(statement.text)
        for statement in self._of_sequences:
            if statement.node.sequence.relname in self._sequences:
                self._taken.add(statement.text)
            else:
                self._leave_out(statement)
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
        return FunctionReader(vocabulary, Known(self.tables, self.routines), self.problems, self.is_ours)

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
            case "alter_table_stmt" if not self.is_ours and self._take_alteration(statement):
                pass
            case "create_seq_stmt" | "alter_seq_stmt" if not self.is_ours:
                self._of_sequences.append(statement)
            case "alter_event_trig_stmt":
                self._take_state(statement, statement.line)
            case "comment_stmt" if _is_our_mark(statement):
                pass
            case "create_function_stmt":
                self._take_function(statement)
            case "alter_function_stmt" if self._take_clauses(statement):
                pass
            case "variable_set_stmt" | "select_stmt" if not self.is_ours and self._take_path(statement):
                pass
            case "variable_set_stmt" if not self.is_ours:
                message = "it sets the session that runs the script, and is left out"
                self._leave_out(statement, message, "nothing has to be done", Severity.NOTE)
            case "drop_stmt" if not self.is_ours and self._take_back(statement):
                pass
            case "do_stmt" if self._take_block(statement):
                pass
            case kind if kind in _QUIET or (self.is_ours and kind in _QUIET_OF_OURS):
                pass
            case "drop_stmt" if statement.node.missing_ok:
                pass  # it makes room for what the script creates, as apply does
            case _:
                self._leave_out(statement)

    def _leave_out(
        self,
        statement: Parsed,
        message: str = "it is no part of a definition, and left out",
        remedy: str = "run it yourself",
        severity: Severity = Severity.WARNING,
    ) -> None:
        if _MARKED.match(statement.text):
            self._taken.add(statement.text)  # what it is about may be of the definition, and has xtrig's mark
            message += ": xtrig knows what it has made by its comment"
            remedy = "write it into the definition after a #; do not run it on anything that the definition makes"
        elif statement.kind == "alter_owner_stmt":
            message += ": what a definition makes belongs to whoever applies it, whose rights security: definer gives"
            remedy = "apply the definition as that role"
        words = " ".join(statement.text.split())
        shown = words if len(words) <= 60 else f"{words[:57]}..."
        self._left_out(f"statement {shown}", message, remedy, statement.line, severity)

    def _left_out(self, who: str, message: str, remedy: str, line: int, severity: Severity) -> None:
        self.problems.add("XT402", severity, who, message, remedy, line)

    def _take_function(self, statement: Parsed) -> None:
        if self.schema is not None and len(statement.node.funcname) == 1:
            own = statement.node.funcname[0].string.sval
            statement.node.funcname.add().string.sval = own
            statement.node.funcname[0].string.sval = self.schema
        if self.is_function(statement):
            path = self._path_of(statement.node.funcname)
            known = self._functions_named.setdefault(path[1], [])
            is_new = path not in (self._path_of(each.node.funcname) for each in known)
            if is_new or statement.node.replace or self.is_ours:
                known.append(statement)
                self.functions.append(statement)
            else:
                self._second("function", path[1], statement.line)
            return
        schema, name = named(statement.node.funcname)
        self.routines[schema, name] = statement
        self._leave_out(statement)

    def _second(self, kind: str, name: str, line: int) -> None:
        """Say that a script makes something twice, where the server keeps the first."""
        message = f"a second {kind} of that name, which the server does not make; the first one counts"
        self.problems.add("XT406", Severity.WARNING, f"{kind} {name!r}", message, "rename one", line)

    def _take_clauses(self, statement: Parsed) -> bool:
        """Add the clauses of ALTER FUNCTION to the function that the script has created."""
        own = self._functions_named.get(named(statement.node.func.objname)[1], [])
        for each in own:
            for action in statement.node.actions:
                option = each.node.options.add()
                option.CopyFrom(action)
        return bool(own)

    def _take_path(self, statement: Parsed) -> bool:
        """Take the first schema of a search_path that the script sets for what it creates without a schema."""
        path = path_set(statement)
        if path is None:
            return False
        self.schema = next((each for each in path if each not in ("$user", "pg_catalog", "pg_temp", "")), None)
        return True

    def _take_back(self, statement: Parsed) -> bool:
        """Forget what the script creates and drops again; whether there is any."""
        dropped = [_dropped(each) for each in statement.node.objects]
        before = len(self.triggers) + len(self.tables) + len(self.functions)
        match postgast.pg_query_pb2.ObjectType.Name(statement.node.remove_type):
            case "OBJECT_EVENT_TRIGGER":
                self.triggers = {key: each for key, each in self.triggers.items() if (None, key) not in dropped}
            case "OBJECT_TABLE":
                wanted = {(schema or self.schema, name) for schema, name in dropped}
                self.tables = {key: each for key, each in self.tables.items() if key not in wanted}
            case "OBJECT_FUNCTION":
                wanted = {(schema or self.schema, name) for schema, name in dropped}
                kept = [each for each in self.functions if self._path_of(each.node.funcname) not in wanted]
                self.functions = kept
                self._functions_named = {}
                for each in kept:
                    self._functions_named.setdefault(named(each.node.funcname)[1], []).append(each)
        return len(self.triggers) + len(self.tables) + len(self.functions) < before

    def _path_of(self, parts: Any) -> ObjectName:
        schema, name = named(parts)
        return schema or self.schema, name

    def _take_table(self, statement: Parsed) -> None:
        relation = statement.node.relation
        if relation.relpersistence == "t":
            self._leave_out(statement)
            return
        schema = relation.schemaname or self.schema
        if (schema, relation.relname) in self.tables and not self.is_ours:
            self._second("table", relation.relname, statement.line)
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
            remedy, line = "see whether it is missed", statement.line
            self.problems.add("XT406", Severity.WARNING, who, message, remedy, line, "constraint", "rows")
        made = ReadTable(
            schema, relation.relname, Table(columns=columns) if columns else Table(create=False), statement.line
        )
        self.tables[schema, relation.relname] = made

    def _take_alteration(self, statement: Parsed) -> bool:
        """Read what an ALTER TABLE adds to a table of the script; whether a definition expresses it."""
        relation = statement.node.relation
        known = self.tables.get((relation.schemaname or self.schema, relation.relname))
        made = (
            altered(statement, known.table, self.vocabulary.types)
            if known is not None and known.table.columns
            else None
        )
        if known is None or made is None:
            return False
        self.tables[known.schema, known.name] = known._replace(table=made[0])
        self._sequences.update(made[1])
        return True

    def _take_trigger(self, statement: Parsed, line: int) -> None:
        node = statement.node
        event = self.vocabulary.events.get(node.eventname)
        if event is None:
            message = f"{self.vocabulary.dialect} has no event {node.eventname!r}"
            remedy = "see --from: each dialect has its own words"
            self.problems.add("XT403", Severity.ERROR, f"trigger {node.trigname!r}", message, remedy, line)
            return
        if node.trigname in self.triggers and not self.is_ours:
            self._second("trigger", node.trigname, line)
            return
        tags = [item.string.sval for each in node.whenclause for item in each.def_elem.arg.list.items]
        run = self._path_of(node.funcname)
        self.triggers[node.trigname] = ReadTrigger(node.trigname, event, run, line, tuple(tags))

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
            block = parse_body(body)[1]
            found = [parse_one(text) for text in _trigger_statements(block)]
        except (SyntaxProblem, Unparsed):
            return False
        if not any(each.kind == "create_event_trig_stmt" for each in found):
            return False
        for each in found:
            if each.kind == "create_event_trig_stmt":
                self._take_trigger(each, statement.line)
            elif each.kind == "alter_event_trig_stmt":
                self._take_state(each, statement.line)
        if not self.is_ours and _kinds(block) - {"block", "execsql", "return"}:
            message = "only the event triggers in it are read, as if each was created in any case"
            self._leave_out(statement, message, "see what else it does")
        return True


def _dropped(node: Any) -> ObjectName:
    match node.WhichOneof("node"):
        case "string":
            return None, node.string.sval
        case "object_with_args":
            return named(node.object_with_args.objname)
        case _:
            return named(node.list.items)


def _is_our_mark(statement: Parsed) -> bool:
    return statement.kind == "comment_stmt" and statement.node.comment.startswith(PREFIX)


def _renamed(function: ReadFunction, name: str) -> ReadFunction:
    return function._replace(name=name)


def _kinds(tree: Any) -> set[str]:
    """Return the kinds of all statements in a body; a statement of SQL counts if it is about no event trigger."""
    if isinstance(tree, list):
        return {kind for each in tree for kind in _kinds(each)}
    if not isinstance(tree, dict):
        return set()
    found = {kind for fields in tree.values() for kind in _kinds(fields)}
    found |= {key.removeprefix(_STATEMENT) for key in tree if key.startswith(_STATEMENT)}
    if any(not _is_about_triggers(each) for each in _texts_of_sql(tree)):
        found.add("other")
    return found


def _texts_of_sql(tree: Tree) -> Iterator[str]:
    if "PLpgSQL_stmt_execsql" in tree:
        yield query(tree["PLpgSQL_stmt_execsql"]["sqlstmt"])


def _is_about_triggers(text: str) -> bool:
    return text.upper().split()[1:3] == ["EVENT", "TRIGGER"]


def _trigger_statements(tree: Any) -> Iterator[str]:
    """Yield the text of every statement about event triggers in a body, in order."""
    for statement in outermost(tree, "PLpgSQL_stmt_execsql"):
        text = query(statement["sqlstmt"])
        if _is_about_triggers(text):
            yield text

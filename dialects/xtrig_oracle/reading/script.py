"""A script for Oracle to the parts of a definition."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from pydantic import ValidationError

from xtrig.model import ForEach, If, Step, Table
from xtrig.plugin import (
    DefinitionError,
    Event,
    Fact,
    Filled,
    Finding,
    Imported,
    Item,
    Kind,
    Location,
    ReadFunction,
    ReadTable,
    ReadTrigger,
    Severity,
    Token,
    one_line,
)
from xtrig_oracle.printing import Untranslated
from xtrig_oracle.reading import block
from xtrig_oracle.reading.body import BodyReader, Reading
from xtrig_oracle.reading.counterparts import VERBS
from xtrig_oracle.reading.head import Head, NotATrigger, read_head
from xtrig_oracle.reading.portable import written
from xtrig_oracle.reading.recognised import Known, name_of, parsed
from xtrig_oracle.reading.statements import Source, Statement, statements
from xtrig_oracle.reading.tables import Made, read_table
from xtrig_oracle.steps import denies

_WITH_ITEMS = (Event.DDL_COMMAND_END, Event.SQL_DROP)
_OF_OBJECTS = (Fact.OBJECT_TYPE, Fact.OBJECT_SCHEMA, Fact.OBJECT_IDENTITY)
OURS = "-- Rendered by xtrig for Oracle"
_VARIABLE = re.compile(r"&&?[A-Za-z]\w*")
_NO_VARIABLES = re.compile(r"^\s*set\s+def(ine)?\s+off\b", re.IGNORECASE | re.MULTILINE)
_BY_HAND = "write it by hand for the other vendors"
_ADMINISTRATORS = (
    "on Oracle who has ADMINISTER DATABASE TRIGGER is let in all the same; on PostgreSQL nobody is, a superuser neither"
)


class ScriptReader:
    """Reads one script."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.source = Source(text)
        self.is_ours = text.lstrip().startswith(OURS)
        self.defines_nothing = _NO_VARIABLES.search(text) is not None
        self.findings: list[Finding] = []
        self.tables: dict[tuple[str | None, str], Made] = {}
        self.functions: list[ReadFunction] = []
        self.triggers: dict[str, ReadTrigger] = {}
        self.named: set[str] = set()
        """The words of bodies that are kept, which may name tables."""
        self.disabled: dict[str, bool] = {}

    def read(self) -> Imported:
        """Return everything that the script creates and its triggers have to do with.

        Raises DefinitionError for a text or a comment that is not closed.
        """
        found = list(statements(self.source))
        for statement in found:
            for token in statement.words:
                if not token.closed:
                    raise DefinitionError([self._unclosed(token)])
        rest = [each for each in found if not self._take_table(each)]
        for statement in rest:
            self._take(statement)
        for name, is_disabled in self.disabled.items():
            enable = "disabled" if is_disabled else "origin"
            self.triggers[name] = self.triggers[name]._replace(enable=enable)
        tables = tuple(self._used_tables())
        return Imported(tables, tuple(self.functions), tuple(self.triggers.values()), findings=tuple(self.findings))

    def _find(self, code: str, severity: Severity, who: str, message: str, remedy: str, at: int) -> None:
        location = Location(self.file, self.source.line(at))
        # A text in quotes, or a name, may hold lines.
        found = Finding(code, severity, one_line(who), one_line(message), remedy, location=location)
        self.findings.append(found)

    def _unclosed(self, token: Token) -> Finding:
        what = "a comment" if token.kind is Kind.COMMENT else "a text in quotes"
        location = Location(self.file, self.source.line(token.start))
        message, remedy = f"{what} that begins here is not closed", "correct the script"
        return Finding("XT401", Severity.ERROR, "script", message, remedy, location=location)

    def _leave_out(self, statement: Statement, why: str = "it is no part of a definition, and left out") -> None:
        shown = " ".join(token.text for token in statement.words[:12])
        shown = shown if len(shown) <= 60 else f"{shown[:57]}..."
        self._find("XT402", Severity.WARNING, f"statement {shown}", why, "run it yourself", statement.words[0].start)

    def _take_table(self, statement: Statement) -> bool:
        """Take CREATE TABLE, also where a block executes it; return whether it is one."""
        inner = self._executed(statement) if statement.words[0].word in ("begin", "declare") else [statement]
        made: list[Made] = []
        for each in inner:
            if "table" not in each.head[1:4] or each.head[0] != "create":
                return False
            try:
                table = read_table(each.words, is_ours=self.is_ours)
            except (Untranslated, ValidationError, ValueError) as problem:
                message = str(problem).splitlines()[0]
                who, remedy = "statement CREATE TABLE", "correct the script"
                self._find("XT401", Severity.ERROR, who, message, remedy, statement.words[0].start)
                return True
            if table is None:
                return False
            made.append(table)
        for table in made:
            self.tables[table.schema, table.name] = replace_at(table, statement.words[0].start)
        return bool(made)

    def _executed(self, statement: Statement) -> list[Statement]:
        """Return the statements that a block executes at once; none where it does something else, too."""
        try:
            read = block.read_block(statement.words)
        except (block.Unparsed, RecursionError):
            return []
        found: list[Statement] = []
        for node in read.body:
            if isinstance(node, block.Execute) and len(node.command) == 1 and not node.rest:
                found += statements(Source(node.command[0].content))
            elif not self.is_ours:
                return []
        return found

    def _take(self, statement: Statement) -> None:
        head = statement.head
        if head[:2] == ("create", "trigger"):
            self._take_trigger(statement)
        elif head[:2] == ("alter", "trigger") and self._take_state(statement):
            pass
        elif head[0] in ("begin", "declare") and (inner := self._executed(statement)):
            for each in inner:
                if each.head[:2] == ("create", "trigger"):
                    self._leave_out(statement, "a trigger in EXECUTE IMMEDIATE is not read")
                elif not self._take_state(each):
                    self._leave_out(statement)
        elif head[0] in ("commit", "alter") and (head[0] == "commit" or head[1:3] == ("session", "set")):
            pass
        else:
            self._leave_out(statement)

    def _take_state(self, statement: Statement) -> bool:
        words = statement.words
        if statement.head[:2] != ("alter", "trigger") or len(words) < 4:
            return False
        name, last = name_of(words[-2]), words[-1].word
        if last not in ("enable", "disable") or name not in self.triggers:
            return False
        self.disabled[name] = last == "disable"
        return True

    def _used_tables(self) -> Iterator[ReadTable]:
        filled = {(each.schema, each.name) for function in self.functions for each in function.fills}
        names = {name for _, name in filled}
        for (schema, name), made in self.tables.items():
            line = self.source.line(made.at)
            who = f"table {name!r}"
            if name not in names and name not in self.named:
                message, remedy = "no trigger fills or reads it, so it is left out", "keep it in a script of its own"
                self._find("XT402", Severity.WARNING, who, message, remedy, made.at)
                continue
            for problem in made.problems:
                message = f"no word of a definition says {problem}"
                self._find("XT406", Severity.WARNING, who, message, "see whether it is missed", made.at)
            for note in made.notes:
                self._find("XT409", Severity.NOTE, who, note, "see whether that matters", made.at)
            table = Table(columns=made.columns) if made.is_known and made.columns else Table(create=False)
            yield ReadTable(schema, name, table, line)

    def _take_trigger(self, statement: Statement) -> None:
        try:
            head = read_head(statement.words)
        except NotATrigger as problem:
            self._find(
                "XT401",
                Severity.ERROR,
                "script",
                f"CREATE TRIGGER: {problem}",
                "correct the script",
                statement.words[0].start,
            )
            return
        if not head.of_database:
            self._leave_out(statement, f"a trigger on {head.scope} is none of logins or commands, and left out")
        elif head.event is None:
            events = " OR ".join(head.events).upper()
            self._leave_out(
                statement, f"{events} is an event of the instance: a definition has none, and it is left out"
            )
        else:
            _TriggerReader(self, statement, head, head.event).read()


def replace_at(made: Made, at: int) -> Made:
    """Return a table with the place of the statement around it."""
    return replace(made, at=at)


class _TriggerReader:
    """Reads one trigger of the database or of a schema."""

    def __init__(self, script: ScriptReader, statement: Statement, head: Head, event: Event) -> None:
        self.script = script
        self.statement = statement
        self.head = head
        # A definition of xtrig's has DROP alone for sql_drop; its text is the same for ddl_command_end with tags.
        is_drop = script.is_ours and (head.timing, head.events) == ("after", ("drop",))
        self.event = Event.SQL_DROP if is_drop else event
        self.who = f"trigger {head.name!r}"
        self.at = statement.words[0].start
        self.columns = {path: tuple(made.columns) for path, made in script.tables.items()}
        self.read_columns = frozenset(column for names in self.columns.values() for column in names)

    def read(self) -> None:
        """Add the trigger to the script: as steps, or with its text as it stands."""
        if not self.script.defines_nothing:
            for token in self.statement.words:
                if (used := _VARIABLE.search(token.text)) is not None:
                    message = f"{used[0]}: SQL*Plus puts a value in its place, unless it is told SET DEFINE OFF"
                    self._find("XT409", Severity.WARNING, message, "write the value into the script", token.start)
        if self.head.name in self.script.triggers:
            self._find("XT406", Severity.WARNING, "a second trigger of that name", "the last one counts", self.at)
        problems = list(self._of_head())
        body: block.Block | None = None
        try:
            body = block.read_block(self._block())
        except block.Unparsed as problem:
            what = f"it is not read {problem}" if self.statement.is_closed else "it is not closed"
            problems.append((what, "correct the script", problem.at))
        except RecursionError:
            problems.append(("it is nested too deep", _BY_HAND, self.at))
        made: list[tuple[Known, Reading, tuple[Step, ...]]] = []
        if body is not None:
            found, made = self._translated(body)
            problems += found
        if problems:
            self._keep(problems)
        else:
            for known, reading, steps in made:
                is_second = len(made) > 1 and known.event is Event.SQL_DROP
                self._add(known, reading, steps, f"{self.head.name}_drop" if is_second else self.head.name)

    def _find(self, code: str, severity: Severity, message: str, remedy: str, at: int) -> None:
        self.script._find(code, severity, self.who, message, remedy, at)

    def _block(self) -> Sequence[Token]:
        words = self.statement.words[self.head.body :]
        if words[0].word != "call":
            return words
        at = words[0].start
        return (_keyword("begin", at), *words[1:], Token(Kind.END, ";", at), _keyword("end", at))

    def _of_head(self) -> Iterator[tuple[str, str, int]]:
        head = self.head
        if head.timing not in ("before", "after"):
            yield f"{head.timing.upper()} OF, which comes in the place of a command", _BY_HAND, self.at
        if head.others:
            yield f"{head.others}, for which a definition has no word", _BY_HAND, self.at
        sessions = {"logon", "logoff"} & set(head.events)
        if sessions and len(head.events) > 1:
            yield (
                f"{' OR '.join(head.events).upper()}: more than the login is its event",
                "make a trigger of each",
                self.at,
            )
        if head.scope == "schema" and self._owner is None:
            yield "ON SCHEMA of whoever runs the script", "write ON owner.SCHEMA", self.at
        if not sessions and head.verbs and not set(head.verbs) & set(VERBS):
            names = ", ".join(head.verbs).upper()
            yield f"{names}: no DDL trigger of another vendor fires for that", _BY_HAND, self.at

    @property
    def _owner(self) -> str | None:
        return self.head.owner or self.head.schema

    def _translated(
        self, body: block.Block
    ) -> tuple[list[tuple[str, str, int]], list[tuple[Known, Reading, tuple[Step, ...]]]]:
        """Return what stands in the way, or what the trigger becomes: for some DDL triggers two."""
        if self.script.is_ours:
            first = self._reading(body, self._known(self.event, (), in_items=self.event in _WITH_ITEMS))
            return list(first[1].problems), [first]
        first = self._reading(body, self._known(self.event, self.head.verbs if not self.event.is_session else ()))
        if self.event.is_session or not first[1].problems:
            return list(first[1].problems), [first]
        # With the object a command is known only afterwards; a refusal takes it back.
        verbs = [each for each in self.head.verbs or VERBS if each in VERBS]
        others = tuple(each for each in verbs if each != "drop")
        parts = [self._known(Event.DDL_COMMAND_END, others, in_items=True)] if others else []
        parts += [self._known(Event.SQL_DROP, ("drop",), in_items=True)] if "drop" in verbs else []
        made = [self._reading(body, known) for known in parts]
        problems = dict.fromkeys(problem for _, reading, _ in made for problem in reading.problems)
        return list(problems), made

    def _known(self, event: Event, verbs: tuple[str, ...], *, in_items: bool = False) -> Known:
        return Known(event, verbs, in_items, self.script.is_ours, self.head.schema, self.read_columns)

    def _reading(self, body: block.Block, known: Known) -> tuple[Known, Reading, tuple[Step, ...]]:
        reader = BodyReader(known, self.columns, self.head.events if self.script.is_ours else ())
        reading = reader.read(body)
        steps = reading.steps
        if self.head.condition:
            try:
                asked = written(parsed(self.head.condition, known), known)
                steps = (If(condition=asked, then=steps),) if steps else ()
            except (Untranslated, ValueError) as problem:
                what = problem.what if isinstance(problem, Untranslated) else str(problem)
                reading.problems.append((f"WHEN: {what}", _BY_HAND, self.head.condition[0].start))
        is_ours = self.script.is_ours and self.event.is_session
        if is_ours and not reader.is_guarded and any(each.may_write for step in steps for each in step.walk()):
            reading.policies["standby"] = "run"
        refuses = any(map(denies, steps))
        if self.head.scope == "schema" and self.event is Event.LOGON:
            if refuses:
                what = "a refusal at AFTER LOGON ON SCHEMA: Oracle lets the owner of the schema in all the same"
                reading.problems.append((what, "write ON DATABASE, and name the user", self.at))
            reading.policies["on_error"] = "allow"
        if reader.is_autonomous and refuses:
            message = "an autonomous transaction: what it wrote outlives a refusal, elsewhere it does not"
            known.note(message, self.at, is_lost=True)
        return known, reading, self._conditional(known, steps)

    def _conditional(self, known: Known, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        """Return steps for each object, only for the DDL events and the owner that the head says."""
        if not steps:
            return ()
        item = Item.DROPPED_OBJECT if known.event is Event.SQL_DROP else Item.DDL_COMMAND
        if self.script.is_ours:
            return tuple(_over_items(steps, item)) if known.in_items else steps
        if known.in_items:
            steps = (ForEach(item=item, do=steps),)
        verbs = [each for each in known.verbs if each in VERBS]
        asked = " OR ".join(VERBS[each] for each in verbs)
        is_all = known.event is Event.DDL_COMMAND_END and known.in_items and not self.head.verbs
        if asked and not is_all:
            steps = (If(condition=asked, then=steps),)
        if self.head.scope == "schema" and self._owner:
            owner = self._owner.replace("'", "''")
            steps = (If(condition=f"${{login_user}} = '{owner}'", then=steps),)
        return steps

    def _keep(self, problems: Sequence[tuple[str, str, int]]) -> None:
        for what, instead, at in dict.fromkeys(problems):
            message = f"its body is kept as it is, for oracle alone: {' '.join(what.split())}"
            self._find("XT405", Severity.WARNING, message, instead, at or self.at)
        last = self.statement.words[-1]
        text = self.script.source.text[: last.start + len(last.text)]
        for token in reversed(self.head.left_out):
            text = text[: token.start].rstrip(" \t") + text[token.start + len(token.text) :]
        body = text[self.head.start :]
        self.script.named |= {name_of(token) for token in self.statement.words if token.name}
        line = self.script.source.line(self.at)
        self.script.functions.append(ReadFunction(self.head.schema, self.head.name, line, {}, body=body))
        self._trigger(self.head.name, self.event)

    def _trigger(self, name: str, event: Event, tags: tuple[str, ...] = ()) -> None:
        line = self.script.source.line(self.at)
        enable = "disabled" if self.head.is_disabled and not self.script.is_ours else "origin"
        if self.head.is_disabled and self.script.is_ours:
            self.script.disabled.setdefault(name, True)
        self.script.triggers[name] = ReadTrigger(name, event, (self.head.schema, name), line, tags, enable)

    def _add(self, known: Known, reading: Reading, steps: tuple[Step, ...], name: str) -> None:
        line = self.script.source.line(self.at)
        fills = tuple(
            Filled(schema, table, self.script.source.line(at)) for (schema, table), at in known.tables.items()
        )
        policies = {
            key: value
            for key, value in reading.policies.items()
            if known.event is not Event.LOGOFF or key != "on_error"
        }
        self.script.functions.append(ReadFunction(self.head.schema, name, line, policies, steps, fills=fills))
        self._trigger(name, known.event, reading.tags)
        for path, column in reading.identities.items():
            made = self.script.tables[path]
            if column not in made.columns:
                message = f"a sequence fills the column {column!r}, which the table {path[-1]!r} has not"
                self._find("XT406", Severity.WARNING, message, "correct the script", self.at)
                continue
            made.columns[column] = made.columns[column].model_copy(update={"identity": True, "type": "bigint"})
        if not self.script.is_ours:
            self._remark(known, reading, steps)

    def _remark(self, known: Known, reading: Reading, steps: tuple[Step, ...]) -> None:
        for note, (at, is_lost) in known.notes.items():
            severity = Severity.WARNING if is_lost else Severity.NOTE
            self._find("XT409", severity, note, "see whether that matters", at)
        binds = any(map(denies, steps)) or reading.policies.get("on_error") == "deny"
        if known.event is Event.LOGON and binds:
            remedy = "name who must always get in under exempt_roles"
            self._find("XT409", Severity.WARNING, _ADMINISTRATORS, remedy, self.at)
        if self.event.is_session:
            message = "the script bounds no waiting; xtrig's defaults for lock_timeout, timeout and standby are added"
            self._find("XT408", Severity.NOTE, message, "write 0 for a policy that you do not want", self.at)
            return
        lost = [each.upper() for each in self.head.verbs if each not in VERBS]
        if lost:
            message = f"{', '.join(lost)}: no DDL trigger of another vendor fires for that"
            self._find("XT409", Severity.WARNING, message, "take the right to do it away", self.at)
        if known.in_items and self.head.timing == "before":
            message = "BEFORE: it fires after the command, as the object is not known before; a refusal takes it back"
            self._find("XT409", Severity.NOTE, message, "nothing has to be done", self.at)
        message = "Oracle fires it for users, roles and tablespaces, too; PostgreSQL for what belongs to its database"
        self._find("XT409", Severity.NOTE, message, "see whether they are missed", self.at)


def _over_items(steps: Sequence[Step], item: Item) -> Iterator[Step]:
    """Yield steps, those that ask for the object of the command in a loop over such objects."""
    for is_of_items, run in groupby(steps, key=_asks_for_object):
        together = tuple(run)
        yield from (ForEach(item=item, do=together),) if is_of_items else together


def _asks_for_object(step: Step) -> bool:
    texts = (text for each in step.walk() for _, text in each.texts())
    return any(f"${{{fact}}}" in text for text in texts for fact in _OF_OBJECTS)


def _keyword(word: str, at: int) -> Token:
    return Token(Kind.WORD, word, at, True, word, word)

"""A block of PL/SQL to steps and policies, statement by statement; what has no counterpart is listed with its place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from pydantic import ValidationError

from xtrig.expressions import tree
from xtrig.model import Call, Deny, Insert, Log, Set, Step
from xtrig.model import If as IfStep
from xtrig.plugin import Fact, Kind, Token, tokens
from xtrig.sqltokens import significant, split
from xtrig_oracle.ddl import condition, verbs
from xtrig_oracle.printing import Untranslated
from xtrig_oracle.reading import block
from xtrig_oracle.reading.counterparts import OF_SESSION, SETTINGS, WHY_NO_CALL
from xtrig_oracle.reading.portable import CALLS, message, quoted, written
from xtrig_oracle.reading.recognised import KEEP, Known, is_own_row, name_of, parsed, plain_name, select

_PARAMETERS = ("module_name", "action_name", "client_info", "client_id")
_DEAD = frozenset(("no_data_found", "too_many_rows"))
_AGGREGATES = frozenset((("count",), ("max",), ("min",), ("sum",)))
_STANDBY = "physical standby"
_TEXTS = frozenset(("varchar2", "nvarchar2", "varchar"))
_WHOLE = frozenset("integer int smallint pls_integer binary_integer simple_integer natural positive".split())
_VARIABLES = _TEXTS | _WHOLE | {"number", "boolean", "date", "timestamp"}
"""Types whose values a definition has as they are. CHAR pads with blanks, and a scale rounds."""
_SIZE = re.compile(r"(\( \d+( (char|byte))? \))?( with( local)? time zone)?( not null)?( )?")
_SHORTEST_NAME = 30
"""What the longest name was before 12.2, in bytes."""
MAX_PARTS = 100
"""Of how many parts the value of a variable may be."""


@dataclass
class Reading:
    """What was read of a body, and what stands in the way."""

    problems: list[tuple[str, str, int]] = field(default_factory=list)
    """What has no counterpart, what to do, and where it is."""
    steps: tuple[Step, ...] = ()
    policies: dict[str, Any] = field(default_factory=dict)
    identities: dict[tuple[str | None, str], str] = field(default_factory=dict)
    """The columns that sequences number, by their tables."""
    tags: tuple[str, ...] = ()
    """The commands that a script of xtrig's asks for at its beginning."""


class BodyReader:
    """Reads the block of one trigger."""

    def __init__(
        self, known: Known, columns: dict[tuple[str | None, str], tuple[str, ...]], verbs: tuple[str, ...] = ()
    ) -> None:
        self.known = known
        self.verbs = verbs
        """The DDL events of a trigger that xtrig has rendered."""
        self.columns = columns
        """The columns of the tables that the script makes, in their order."""
        self.result = Reading()
        self.is_autonomous = False
        self.messages: dict[str, block.Words | None] = {}
        """The exceptions that are declared, with the message that their handler refuses with."""
        self.catching = 0
        """How many handlers are around a statement that swallow every error."""
        self.passing = 0
        """How many of those let a refusal pass."""
        self.is_bare = False
        """Whether a step that may fail stands outside all such handlers."""
        self.is_sheltered = False
        self.is_guarded = False
        """Whether it asks if the database is a standby."""
        self.condition: tuple[Token, ...] = ()
        """What WHEN of the trigger asks."""

    def read(self, body: block.Block) -> Reading:
        """Return the steps and policies, with what stands in the way of them."""
        steps = self._outermost(body)
        if not steps and not self.result.problems:
            self._problem("a body that does nothing", "leave it out", body.at)
        if self.is_sheltered and self.is_bare:
            self._problem("a handler around a part of the steps", "catch errors in all of them, or in none", body.at)
        self.result.steps = tuple(_path_last(steps))
        self.result.policies["on_error"] = "allow" if self.is_sheltered else "deny"
        return self.result

    def _outermost(self, body: block.Block) -> list[Step]:
        return self._block(body, is_first=True)

    def _problem(self, what: str, instead: str, at: int) -> None:
        self.result.problems.append((what, instead, at))

    def _block(self, body: block.Block, *, is_first: bool = False, is_last: bool = True) -> list[Step]:
        for each in body.declared:
            self._declare(each)
        swallows, passes = self._handlers(body)
        self.catching += swallows
        self.passing += passes
        steps = self._sequence(body.body, is_first=is_first, is_last=is_last)
        self.catching -= swallows
        self.passing -= passes
        self.is_sheltered |= swallows
        return steps

    def _declare(self, declared: block.Declared) -> None:
        match declared.kind:
            case "variable":
                self._type(declared)
                value = self._value(declared.value, declared.at) if declared.value else None
                name = declared.name.lower()
                is_null = not declared.value
                self.known.variables[name] = tree.Literal(declared.at, "null") if is_null else value
            case "exception":
                self.messages[declared.name.lower()] = None
            case "pragma" if declared.name.lower() == "autonomous_transaction":
                self.is_autonomous = True
            case "pragma" if declared.name.lower() == "exception_init":
                pass
            case _:
                self._problem(f"{declared.kind.upper()} in its declarations", KEEP, declared.at)

    def _type(self, declared: block.Declared) -> None:
        """Note what the type of a variable does to its value; a type that is not read is a problem."""
        words = [token.word or token.text for token in declared.type]
        kind, rest = words[0] if words else "", words[1:]
        size = rest[1] if rest[:1] == ["("] else ""
        if words[-2:] == ["%", "type"] and all(token.name or token.text == "." for token in declared.type[:-2]):
            return
        if kind not in _VARIABLES or not _SIZE.fullmatch(" ".join(rest)):
            shown = "".join(f" {token.text}" if token.name else token.text for token in declared.type).strip()
            self._problem(f"the variable {declared.name} of type {shown[:40]}", KEEP, declared.at)
        elif kind in _TEXTS and not size:
            self._problem(f"the variable {declared.name} of type {kind.upper()} without a length", KEEP, declared.at)
        elif kind in _TEXTS and int(size) < _SHORTEST_NAME:
            self.known.note(f"the variable {declared.name}: Oracle refuses a longer value than its type", declared.at)

    def _value(self, words: block.Words, at: int) -> tree.Node | None:
        """Return what a variable gets, which may never be read: its functions must not do anything else."""
        try:
            value = parsed(words, self.known)
        except Untranslated as problem:
            self._problem(problem.what, problem.instead, problem.at or at)
            return None
        for each in value.walk():
            if isinstance(each, tree.Call) and (len(each.name) > 1 or each.name[0] not in CALLS):
                self._problem(f"{'.'.join(each.name)}()", KEEP, each.at or at)
                return None
        return value

    def _handlers(self, body: block.Block) -> tuple[bool, bool]:
        """Read the exception section; return whether it swallows every error, and whether refusals pass it."""
        swallows = passes = False
        for handler in body.handlers:
            does_nothing = all(isinstance(each, block.Invoke) and each.name == ("null",) for each in handler.body)
            again = [each for each in handler.body if isinstance(each, block.Raise) and not each.name]
            if set(handler.names) <= _DEAD and does_nothing:
                continue  # each SELECT INTO that is translated finds exactly one row
            if handler.names == ("others",):
                passes = _passes_refusals(handler.body)
                swallows = does_nothing or passes
                if not swallows and not (again and len(handler.body) == 1):
                    what = "what it does with an error: on_error of a definition is allow or deny, and no step"
                    self._problem(what, "write WHEN OTHERS THEN NULL, or no handler", handler.at)
            elif set(handler.names) <= set(self.messages):
                self._refusing(handler, is_again=bool(again) and len(handler.body) == 1)
            else:
                self._problem(f"a handler of {', '.join(handler.names).upper()}", KEEP, handler.at)
        return swallows, passes or any(set(each.names) <= set(self.messages) for each in body.handlers)

    def _refusing(self, handler: block.Handler, *, is_again: bool) -> None:
        """Note the message of a handler that refuses; one that raises again leaves that to the handler around it."""
        if is_again:
            return
        match handler.body:
            case (block.Invoke(name=("raise_application_error",), arguments=(_, text, *_)),):
                self.messages.update(dict.fromkeys(handler.names, text))
            case _:
                self._problem(f"a handler of {handler.names[0].upper()} that does not refuse", KEEP, handler.at)

    def _sequence(self, nodes: Sequence[block.Node], *, is_first: bool = False, is_last: bool = True) -> list[Step]:
        """Return the steps of some statements; ``is_last``: nothing follows them in the body, so that RETURN may."""
        steps: list[Step] = []
        for number, node in enumerate(nodes):
            rest = nodes[number + 1 :]
            if is_first and not steps and isinstance(node, block.If) and self._exempt(node, rest):
                return self._sequence(rest or node.branches[0][1], is_first=self.known.is_ours)
            if is_first and not number and not rest and isinstance(node, block.If) and self._tagged(node):
                return self._sequence(node.branches[0][1])
            try:
                if isinstance(node, block.Invoke) and node.name == ("return",):
                    if not is_last:
                        raise Untranslated("RETURN out of the middle", "write IF ... ELSE", node.at)
                    return steps
                if isinstance(node, block.If) and _returns(node) and is_last:
                    return [*steps, *self._early(node, rest)]
                steps += self._statement(node, is_last=is_last and not rest)
            except Untranslated as problem:
                self._problem(problem.what, problem.instead, problem.at or node.at)
            except RecursionError:
                self._problem("what is nested too deep", KEEP, node.at)
            except (ValidationError, ValueError) as error:
                what = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
                self._problem(what.removeprefix("Value error, ").partition(";")[0], KEEP, node.at)
        return steps

    def _exempt(self, node: block.If, rest: Sequence[block.Node]) -> bool:
        """Whether an IF leaves out some users; they become exempt_roles."""
        if len(node.branches) != 1:
            return False
        condition, then = node.branches[0]
        leaves = len(then) == 1 and isinstance(then[0], block.Invoke) and then[0].name == ("return",)
        try:
            asked = parsed(condition, self.known)
            wanted: tuple[str, ...] = ("not in",) if self.known.is_ours else ("<>", "!=", "not in")
            wanted = (("=", "in") if leaves else ()) if rest else wanted
            if not isinstance(asked, tree.Operation) or asked.operator not in wanted:
                return False
            user, *others = asked.operands
            names = [plain_name(each) for each in others if isinstance(each, tree.Literal) and each.type]
        except Untranslated:
            return False
        if not (isinstance(user, tree.FactNode) and user.fact is Fact.LOGIN_USER) or len(names) != len(others):
            return False
        self.result.policies["exempt_roles"] = tuple(names)
        return True

    def _tagged(self, node: block.If) -> bool:
        """Whether an IF is the one that xtrig writes for tags; they become those of the trigger."""
        words = node.branches[0][0]
        texts = [token.content for token in words if token.kind is Kind.LITERAL and token.content != " "]
        by_verb = [tag for verb in self.verbs for tag in texts if tag.partition(" ")[0].lower() == verb]
        for tags in (texts, by_verb) if len(node.branches) == 1 else ():
            written = [token.text for token in tokens(condition(tags), plsql=True) if token.kind is not Kind.SPACE]
            is_head = verbs(tags).lower().split(" or ") == list(self.verbs)
            if tags and is_head and written == [token.text for token in words]:
                self.result.tags = tuple(tags)
                return True
        return False

    def _early(self, node: block.If, rest: Sequence[block.Node]) -> list[Step]:
        """Return an IF that leaves the body, and what follows as its ELSE."""
        asked = self._condition(node.branches[0][0])
        before = dict(self.known.variables)
        then = self._sequence(node.branches[0][1])
        self.known.variables = before
        return self._chosen(asked, then, self._sequence(rest))

    def _chosen(self, asked: tree.Node, then: list[Step], otherwise: list[Step]) -> list[Step]:
        if not then and not otherwise:
            return []
        if not then:
            if written(asked, self.known) == "false":
                return otherwise
            asked, then, otherwise = tree.Operation(asked.at, "is not true", (asked,)), otherwise, []
        condition = written(asked, self.known)
        if condition == "false":
            keys = ", ".join(dict.fromkeys(each.key for step in then for each in step.walk()))
            self.known.note(f"what is done where that is so is left out: {keys}", asked.at, is_lost=True)
            return otherwise
        given: dict[str, Any] = {"otherwise": tuple(otherwise)} if otherwise else {}
        return [IfStep(condition=condition, then=tuple(then), **given)]

    def _condition(self, words: block.Words) -> tree.Node:
        asked = parsed(words, self.known)
        written(asked, self.known)
        return asked

    def _statement(self, node: block.Node, *, is_last: bool) -> list[Step]:
        match node:
            case block.Assign():
                value = self._value(node.value, node.at)
                if node.target.lower() not in self.known.variables:
                    raise Untranslated(f"the variable {node.target}, which is not declared", KEEP, node.at)
                self.known.variables[node.target.lower()] = _bounded(value)
                return []
            case block.If():
                return self._if(node, is_last=is_last)
            case block.CaseOf():
                return self._if(_as_if(node), is_last=is_last)
            case block.Block():
                return self._block(node, is_last=is_last)
            case block.Sql():
                return self._sql(node)
            case block.Loop():
                return self._loop(node)
            case block.Raise():
                return [self._raised(node)]
            case block.Execute():
                return self._executed(node)
            case block.Invoke():
                return self._invoked(node)
            case block.Foreign():
                raise Untranslated(f"{node.what}, for which there is no step", KEEP, node.at)
            case _:
                raise Untranslated("a statement without a step", KEEP, node.at)

    def _if(self, node: block.If, *, is_last: bool) -> list[Step]:
        """Return a chain of IF; a variable that its branches set becomes a CASE."""
        if len(node.branches) == 1 and _asks_standby(node.branches[0][0]):
            self.is_guarded = True
            # standby: skip, which a definition has by default.
            return self._sequence(node.branches[0][1], is_last=is_last)
        conditions = [self._condition(condition) if condition else None for condition, _ in node.branches]
        before = dict(self.known.variables)
        done: list[list[Step]] = []
        after: list[dict[str, tree.Node | None]] = []
        for _, statements in node.branches:
            self.known.variables = dict(before)
            done.append(self._sequence(statements, is_last=is_last))
            after.append(self.known.variables)
        self.known.variables = _merged(node.at, conditions, before, after)
        otherwise: list[Step] = [] if conditions[-1] is not None else done[-1]
        for asked, then in reversed(list(zip(conditions, done, strict=True))):
            if asked is not None:
                otherwise = self._chosen(asked, then, otherwise)
        return otherwise

    def _refusal(self, words: block.Words, at: int) -> Step:
        if self.catching and not self.passing:
            what = "a refusal that its own exception handler catches, so that it refuses nobody"
            raise Untranslated(what, "let the error pass the handler", at)
        text = message(_without_cut(parsed(words, self.known)), self.known)
        self.known.note("the number of the error: a definition has none", at)
        return Deny(message=text or " ")

    def _raised(self, node: block.Raise) -> Step:
        words = self.messages.get(node.name)
        if words is None:
            raise Untranslated(f"RAISE {node.name.upper()}".strip() + " without a message", KEEP, node.at)
        return self._refusal(words, node.at)

    def _invoked(self, node: block.Invoke) -> list[Step]:
        name = node.name[1:] if node.name[0] == "sys" else node.name
        arguments = node.arguments
        if name == ("null",):
            return []
        if name == ("commit",):
            if self.is_autonomous and not arguments:
                return []
            raise Untranslated("COMMIT, for which there is no step", "leave it out: the login commits", node.at)
        if name == ("raise_application_error",) and len(arguments) in (2, 3):
            return [self._refusal(arguments[1], node.at)]
        if name in SETTINGS:
            return self._settings(SETTINGS[name], arguments, node.at)
        if name == ("dbms_system", "ksdwrt") and len(arguments) == 2:
            return [Log(message=message(parsed(arguments[1], self.known), self.known))]
        if name in WHY_NO_CALL or name[0].startswith(("dbms_", "utl_")) or name == ("rollback",):
            why = WHY_NO_CALL.get(name, "it is Oracle's")
            raise Untranslated(f"{'.'.join(name).upper()} has no counterpart: {why}", KEEP, node.at)
        return [self._called(name, arguments, node.at)]

    def _called(self, name: tuple[str, ...], arguments: tuple[block.Words, ...], at: int) -> Step:
        schema = name[0] if len(name) == 2 else self.known.schema
        if len(name) > 2 or schema is None:
            raise Untranslated(f"a call of {'.'.join(name)}, whose schema is not known", "write schema.procedure", at)
        path = f"{schema}.{name[-1]}"
        if any(token.text == "=>" for words in arguments for token in words):
            raise Untranslated("arguments with names", "give them in their order", at)
        self._fails()
        self.known.note(f"{path}: a procedure of that name has to be there, and a package is a schema", at)
        values = tuple(written(parsed(words, self.known), self.known) for words in arguments)
        return Call(routine=path, args=values, kind="procedure")

    def _settings(self, names: tuple[str, ...], arguments: tuple[block.Words, ...], at: int) -> list[Step]:
        steps: list[Step] = []
        given = [_positional(words, names) for words in arguments]
        for position, words in sorted(given, key=lambda each: each[0] if each[0] >= 0 else given.index(each)):
            number = position if position >= 0 else len(steps)
            if number >= len(names):
                raise Untranslated("more arguments than are known", KEEP, at)
            value = parsed(words, self.known)
            if not (_is_null(value) and number):
                steps.append(
                    Set(parameter=names[number], value=None if _is_null(value) else written(value, self.known))
                )
        return steps

    def _executed(self, node: block.Execute) -> list[Step]:
        command = parsed(node.command, self.known)
        if not isinstance(command, tree.Literal) or node.rest:
            raise Untranslated("EXECUTE IMMEDIATE of a text that is put together", KEEP, node.at)
        words = significant(tokens(command.text, plsql=True))
        if [token.word for token in words[:3]] != ["alter", "session", "set"] or len(words) < 6:
            shown = " ".join(command.text.split())[:50]
            raise Untranslated(f"EXECUTE IMMEDIATE '{shown}', for which there is no step", KEEP, node.at)
        steps: list[Step] = []
        rest = words[3:]
        while rest:
            if len(rest) < 3 or rest[1].text != "=":
                raise Untranslated("ALTER SESSION SET, which is not read", KEEP, node.at)
            steps.append(self._altered(rest[0].word, rest[2], node.at))
            rest = rest[3:]
        return steps

    def _altered(self, parameter: str, value: Token, at: int) -> Step:
        setting = OF_SESSION.get(parameter)
        if setting is None:
            what = f"ALTER SESSION SET {parameter.upper()}: no other vendor has that parameter"
            raise Untranslated(what, "find the setting that does it there, and write a step set", at)
        text = value.content if value.kind is Kind.LITERAL else name_of(value)
        if parameter == "time_zone" and not (value.kind is Kind.LITERAL and "/" in text):
            # To PostgreSQL an offset is one of POSIX, with the other sign.
            raise Untranslated(f"TIME_ZONE = {text!r}", "name a zone such as Asia/Seoul", at)
        return Set(parameter=setting, value=quoted(text))

    def _fails(self) -> None:
        """Note that a step may fail, and that what was read from tables is another thing after it."""
        self.is_bare |= not self.catching
        for name, value in self.known.variables.items():
            if value is not None and any(_is_counted(each) for each in value.walk()):
                self.known.variables[name] = None

    def _sql(self, node: block.Sql) -> list[Step]:
        first = node.words[0].word
        if first == "insert":
            return [self._insert(node)]
        if first == "select":
            self._select_into(node)
            return []
        raise Untranslated(f"{first.upper()}, for which there is no step", KEEP, node.at)

    def _select_into(self, node: block.Sql) -> None:
        into = place(node.words, "into")
        source = place(node.words, "from", into)
        targets = [part[0].name.lower() for part in split(node.words[into + 1 : source]) if len(part) == 1]
        words = (*node.words[:into], *node.words[source:])
        query = select(words, self.known)
        is_sure = [each.name for each in query.tables] == [("dual",)] and not query.others
        values: list[tree.Node] = list(query.columns)
        if is_own_row(query.tables, query.others) or is_sure:
            pass
        elif (
            len(query.columns) == 1 and isinstance(query.columns[0], tree.Call) and query.columns[0].name in _AGGREGATES
        ):
            opening = Token(Kind.OPEN, "(", words[0].start)
            values = [parsed((opening, *words, Token(Kind.CLOSE, ")", words[-1].start)), self.known)]
        else:
            raise Untranslated("SELECT INTO of a row that need not be there", "ask with COUNT or MAX", node.at)
        if len(targets) != len(values) or not set(targets) <= set(self.known.variables):
            raise Untranslated("SELECT INTO of other things than variables", KEEP, node.at)
        self.known.variables |= zip(targets, values, strict=True)

    def _loop(self, node: block.Loop) -> list[Step]:
        query = select(node.query, self.known)
        listed = split(node.query[1 : place(node.query, "from")])
        is_plain = all(len(part) == 1 or (len(part) == 3 and part[1].text == ".") for part in listed)
        if not (is_own_row(query.tables, query.others) and is_plain):
            raise Untranslated("a loop, but over the session's own row in V$SESSION", KEEP, node.at)
        rows, self.known.rows = self.known.rows, self.known.rows | {node.name.lower()}
        steps = self._sequence(node.body, is_last=False)
        self.known.rows = rows
        return steps

    def _insert(self, node: block.Sql) -> Step:
        reader = _Insert(node, self.known, self.columns)
        path, columns, values, condition = reader.parts()
        self.known.tables.setdefault(path, node.at)
        made: dict[str, Any] = {}
        for column, value in zip(columns, values, strict=True):
            if _is_sequence(value) and path in self.columns:
                self.result.identities[path] = column
                self.known.note(f"the column {column}: numbered by the server, and no more by a sequence", node.at)
                continue
            try:
                found = value if isinstance(value, tree.Node) else parsed(value, self.known)
                made[column] = None if _is_null(found) else written(found, self.known)
            except Untranslated as problem:
                self._problem(problem.what, problem.instead, problem.at or node.at)
                made[column] = None
        self._fails()
        given = {} if condition is None else {"when": written(condition, self.known)}
        return Insert(table=path[1], values=made, **given)


class _Insert:
    """Reads INSERT INTO table (columns) VALUES (...), and with a SELECT of one row."""

    def __init__(self, node: block.Sql, known: Known, columns: dict[tuple[str | None, str], tuple[str, ...]]) -> None:
        self.node = node
        self.known = known
        self.columns = columns

    def parts(self) -> tuple[tuple[str | None, str], Sequence[str], Sequence[Any], tree.Node | None]:
        """Return the table, its columns, a value for each, and a condition."""
        words, at = self.node.words, 2
        path = [name_of(words[at])] if len(words) > at and words[1].word == "into" else []
        while path and at + 2 < len(words) and words[at + 1].text == ".":
            path.append(name_of(words[at + 2]))
            at += 2
        if len(path) not in (1, 2) or not path[-1]:
            raise Untranslated("INSERT, which is not read", KEEP, self.node.at)
        table = (path[0] if len(path) == 2 else self.known.schema, path[-1])
        columns: Sequence[str] | None = None
        rest = words[at + 1 :]
        if rest and rest[0].text == "(":
            end = place(rest, ")", 1)
            columns = [name_of(part[0]) for part in split(rest[1:end]) if len(part) == 1]
            rest = rest[end + 1 :]
        columns = columns if columns is not None else self.columns.get(table)
        if columns is None:
            what = f"INSERT without columns, and the script does not make {table[1]}"
            raise Untranslated(what, "name the columns", self.node.at)
        values, condition = self._values(rest)
        if len(values) != len(columns):
            raise Untranslated("INSERT with another number of values than columns", KEEP, self.node.at)
        return table, columns, values, condition

    def _values(self, rest: block.Words) -> tuple[Sequence[Any], tree.Node | None]:
        if rest and rest[0].word == "values" and len(rest) > 2 and rest[1].text == "(":
            end = place(rest, ")", 2)
            if end == len(rest) - 1:
                return split(rest[2:end]), None
        elif rest and rest[0].word == "select":
            query = select(rest, self.known)
            is_dual = [each.name for each in query.tables] == [("dual",)] and len(query.others) < 2
            if is_dual:
                return query.columns, query.others[0] if query.others else None
            if is_own_row(query.tables, query.others):
                return query.columns, None
            raise Untranslated("INSERT of the rows of a query", KEEP, self.node.at)
        raise Untranslated("INSERT with RETURNING or other clauses", KEEP, self.node.at)


def place(words: Sequence[Token], wanted: str, start: int = 0) -> int:
    """Return where a word, or a sign, stands outside parentheses. Raises :class:`Untranslated`."""
    depth = 0
    for number in range(start, len(words)):
        token = words[number]
        if not depth and (token.word or token.text) == wanted:
            return number
        depth += (token.kind is Kind.OPEN) - (token.kind is Kind.CLOSE)
    at = words[0].start if words else 0
    raise Untranslated(f"{wanted.upper()} is missing", KEEP, at)


def _is_sequence(value: object) -> bool:
    return isinstance(value, tuple) and bool(value) and value[-1].word == "nextval"


def _is_null(node: tree.Node) -> bool:
    return isinstance(node, tree.Literal) and (not node.text or (node.text == "null" and not node.type))


def _is_counted(node: tree.Node) -> bool:
    return isinstance(node, tree.Query) or (isinstance(node, tree.FactNode) and node.fact is Fact.USER_SESSIONS)


def _positional(words: block.Words, names: tuple[str, ...]) -> tuple[int, block.Words]:
    """Return the place of an argument with a name, and its value; -1 for one without."""
    if len(words) < 3 or words[1].text != "=>":
        return -1, words
    if words[0].word not in _PARAMETERS:
        raise Untranslated(f"the argument {words[0].text}", KEEP, words[0].start)
    return int(words[0].word == "action_name" and len(names) > 1), words[2:]


def _returns(node: block.If) -> bool:
    """Whether an IF without ELSE leaves the body at its end."""
    if len(node.branches) != 1 or not node.branches[0][1]:
        return False
    last = node.branches[0][1][-1]
    return isinstance(last, block.Invoke) and last.name == ("return",)


def _as_if(node: block.CaseOf) -> block.If:
    """Return CASE as IF; one that compares asks with ``=``."""
    if not node.compared:
        return block.If(node.at, node.branches)
    sign = Token(Kind.OPERATOR, "=", node.at)
    branches = [
        ((*node.compared, sign, *condition) if condition else (), statements) for condition, statements in node.branches
    ]
    return block.If(node.at, tuple(branches))


def _asks_standby(condition: block.Words) -> bool:
    """Whether a condition is that the database is no standby."""
    texts = [token.content.lower() for token in condition if token.kind is Kind.LITERAL]
    return texts in (["userenv", "database_role", _STANDBY], ["userenv", "database_role", "primary"]) and (
        [token.text for token in condition if token.kind is Kind.OPERATOR] == (["<>"] if _STANDBY in texts else ["="])
    )


def _passes_refusals(body: Sequence[block.Node]) -> bool:
    """Whether a handler raises again what RAISE_APPLICATION_ERROR raised, and no other error."""
    match body:
        case (block.If(branches=((condition, (block.Raise(name=""),)), *rest)),):
            does_nothing = all(
                not other and all(isinstance(each, block.Invoke) and each.name == ("null",) for each in statements)
                for other, statements in rest
            )
            words = [token.word or token.text for token in condition]
            return does_nothing and words[:1] == ["sqlcode"] and words[1:2] in (["="], ["in"], ["between"])
        case _:
            return False


def _without_cut(node: tree.Node) -> tree.Node:
    """Return a message without the call that cuts it to the longest that Oracle takes."""
    is_cut = isinstance(node, tree.Call) and node.name in (("substrb",), ("substr",)) and len(node.arguments) == 3
    return node.arguments[0] if is_cut and isinstance(node, tree.Call) else node


def _merged(
    at: int,
    conditions: Sequence[tree.Node | None],
    before: dict[str, tree.Node | None],
    after: Sequence[dict[str, tree.Node | None]],
) -> dict[str, tree.Node | None]:
    """Return the variables after a chain of IF: each that its branches set is a CASE of the values there."""
    merged: dict[str, tree.Node | None] = {}
    for name, old in before.items():
        values = [each[name] for each in after]
        if all(value is old for value in values):
            merged[name] = old
            continue
        whens = tuple(each for each in conditions if each is not None)
        results = values if conditions[-1] is None else [*values, old]
        known = tuple(each for each in results if each is not None)
        merged[name] = _bounded(tree.Case(at, None, whens, known)) if len(known) == len(results) else None
    return merged


def _path_last(steps: Sequence[Step]) -> list[Step]:
    """Return steps with those that set the search_path last: names in later ones would be looked up in it."""
    if any(isinstance(each, Call) for step in steps for each in step.walk()):
        return list(steps)
    inside = [_reordered(step) for step in steps]
    return sorted(inside, key=lambda step: any(_sets_path(each) for each in step.walk()))


def _reordered(step: Step) -> Step:
    if not isinstance(step, IfStep):
        return step
    given: dict[str, Any] = {"otherwise": tuple(_path_last(step.otherwise))} if step.otherwise else {}
    return IfStep(condition=step.condition, then=tuple(_path_last(step.then)), **given)


def _sets_path(step: object) -> bool:
    return isinstance(step, Set) and step.parameter == OF_SESSION["current_schema"]


def _bounded(value: tree.Node | None) -> tree.Node | None:
    """Return the value of a variable, or None for one that has grown too large to be put in its place."""
    parts = () if value is None else islice(value.walk(), MAX_PARTS + 1)
    return None if sum(1 for _ in parts) > MAX_PARTS else value

"""Steps as PL/SQL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from xtrig.expressions.parser import Unread, read
from xtrig.expressions.tree import Literal
from xtrig.model import Call, Deny, ForEach, If, Insert, Set, Sql, Step
from xtrig.plugin import Event, Fact, Item, Lines, ResolvedSet, Spelling, find_spelling, literal, parse_template
from xtrig_oracle.expressions import Writer, Written
from xtrig_oracle.printing import Untranslated
from xtrig_oracle.settings import OF_SESSION, PROCEDURES
from xtrig_oracle.spellings import SPELLINGS, context
from xtrig_oracle.words import folded, name, qualified, text

DENIED, DENIAL, HELD = "denied", "denial", "held"
"""The exception that leaves the steps, the text of the refusal, and whether a condition with a sub-select holds."""
DECLARED = {
    f"RAISE {DENIED};": f"{DENIED} EXCEPTION;",
    f"{DENIAL} ": f"{DENIAL} VARCHAR2(2048 BYTE);",
    f"{HELD} ": f"{HELD} PLS_INTEGER;",
}
"""What has to be declared where a text stands in a body."""
ERROR = -20000
"""The first number that is free for users: PL/SQL Language Reference, RAISE_APPLICATION_ERROR."""
_LONGEST = 2048
_WIDTH = 110
NOT_STANDBY = f"{context('DATABASE_ROLE')} <> 'PHYSICAL STANDBY'"


class Lacking(Exception):
    """A fact that Oracle does not have here: xtrig refuses such a set."""


def denies(step: Step) -> bool:
    """Whether a step may refuse."""
    return any(isinstance(each, Deny) for each in step.walk())


@dataclass(frozen=True, slots=True)
class StepWriter:
    """Writes the steps of one trigger.

    ``catches`` is whether an error goes no further than the steps between two refusals, and ``guards`` whether steps
    that write stand behind a condition.
    """

    triggers: ResolvedSet
    event: Event
    catches: bool = False
    guards: bool = False
    item: Item | None = None

    def write(self, steps: Sequence[Step]) -> Lines:
        """Return the steps, one statement after the other. Raises :class:`Untranslated`.

        What comes before a refusal stands in a block of its own: an error in it must not keep it from being asked.
        """
        if not (self.catches and any(map(denies, steps))) or all(
            isinstance(step, Deny) and step.when is None for step in steps
        ):
            return self._guarded(steps)
        lines: Lines = []
        for denying, run in groupby(steps, key=denies):
            for part in [[step] for step in run] if denying else [list(run)]:
                again: Lines = [f"WHEN {DENIED} THEN", ["RAISE;"]] if denying else []
                lines += ["BEGIN", self._guarded(part), "EXCEPTION", [*again, "WHEN OTHERS THEN", ["NULL;"]], "END;"]
        return lines

    def _guarded(self, steps: Sequence[Step]) -> Lines:
        if not self.guards:
            return [line for step in steps for line in self.step(step)]
        bare = replace(self, guards=False)
        lines: Lines = []
        for writing, run in groupby(steps, key=lambda step: step.only_writes()):
            together = list(run)
            if writing:
                lines += [f"IF {NOT_STANDBY} THEN", bare._guarded(together), "END IF;"]
            else:
                lines += [line for step in together for line in self.step(step)]
        return lines

    def step(self, step: Step) -> Lines:
        """Return one step. Raises :class:`Untranslated` for one that PL/SQL in a trigger does not have."""
        if isinstance(step, If):
            otherwise: Lines = ["ELSE", self.write(step.otherwise)] if step.otherwise else []
            return [*self._if(step.condition), self.write(step.then), *otherwise, "END IF;"]
        lines = list(self._simple(step))
        return lines if step.when is None else [*self._if(step.when), lines, "END IF;"]

    def alone(self, step: Step) -> None:
        """Write a step without those inside it, to see whether it can be. Raises as :meth:`step` does."""
        if isinstance(step, If):
            self._if(step.condition)
        elif isinstance(step, ForEach):
            self._if(step.when or "1 = 1")
        else:
            self.step(step)

    def _if(self, condition: str) -> Lines:
        written = self.writer.expression(condition)
        if not written.is_sql:
            return [f"IF {written.sql} THEN"]
        # PL/SQL has no sub-select in a condition (PLS-00405).
        ask = f"SELECT CASE WHEN {written.sql} THEN 1 ELSE 0 END INTO {HELD} FROM DUAL;"
        return [ask, f"IF {HELD} = 1 THEN"]

    def _simple(self, step: Step) -> Iterator[str | Lines]:
        match step:
            case Insert():
                yield from self._insert(step)
            case Deny():
                yield from self._deny(step)
            case Set():
                yield self._set(step)
            case Call():
                yield self._call(step)
            case ForEach():
                # A trigger fires once for each object, so there is nothing to loop over.
                yield from replace(self, item=step.item).write(step.do)
            case Sql():
                yield _terminated(parse_template(step.text("oracle")).fill(lambda fact: self._spelt(fact).sql))
            case _:
                kind = step.key.replace("_", " ")
                instead = {
                    "log": "write it to a table: nothing that is documented writes to the server's log",
                    "create_temp_table": "create a global temporary table beforehand",
                }.get(step.key, "do it when the user is made: it is a command, which would commit")
                raise Untranslated(f"{kind}: a trigger of Oracle's has no such statement", instead)

    def _insert(self, step: Insert) -> Iterator[str | Lines]:
        table = self.triggers.tables[step.table]
        types = {column: each.type for column, each in table.table.columns.items()}
        values = [self.writer.value(value, types.get(column, "")).sql for column, value in step.values.items()]
        yield from _listed(f"INSERT INTO {qualified(table.schema, table.name)} (", list(map(name, step.values)), ")")
        yield from _listed("VALUES (", values, ");")

    def _deny(self, step: Deny) -> Iterator[str]:
        written = self.writer.message(step.message)
        message = written.sql
        if parse_template(step.message).placeholders or len(step.message.encode()) > _LONGEST:
            message = f"SUBSTRB({message}, 1, {_LONGEST})"
        raised = f"RAISE {DENIED};" if self.catches else f"RAISE_APPLICATION_ERROR({ERROR}, {message});"
        if written.is_sql:
            yield f"SELECT {message} INTO {DENIAL} FROM DUAL;"
            yield raised if self.catches else f"RAISE_APPLICATION_ERROR({ERROR}, {DENIAL});"
            return
        if self.catches:
            yield f"{DENIAL} := {message};"
        yield raised

    def _set(self, step: Set) -> str:
        parameter = step.parameter.lower()
        if step.scope == "transaction":
            raise Untranslated(f"set {step.parameter} for a transaction", "set it for the session")
        if parameter in PROCEDURES:
            value = self._in_plsql(self.writer.value(step.value), f"set {step.parameter}")
            return f"{PROCEDURES[parameter].format(value)};"
        if parameter not in OF_SESSION:
            known = ", ".join((*PROCEDURES, *OF_SESSION))
            instead = f"call a procedure of your own that sets it; translated are {known}"
            raise Untranslated(f"set {step.parameter}: Oracle has no such parameter of a session", instead)
        value = _constant(step)
        written = name(value) if parameter == "search_path" else literal(value, backslash_escapes=False)
        return f"EXECUTE IMMEDIATE {text(f'ALTER SESSION SET {OF_SESSION[parameter]} = {written}')};"

    def _call(self, step: Call) -> str:
        if step.kind == "function":
            raise Untranslated(
                "a call of a function, whose type is not known", "call a procedure, and write kind: procedure"
            )
        schema, _, routine = step.routine.partition(".")
        arguments = [self._in_plsql(self.writer.value(each), f"call {step.routine}") for each in step.args]
        listed = f"({', '.join(arguments)})" if arguments else ""
        return f"{qualified(schema, routine)}{listed};"

    def _in_plsql(self, written: Written, what: str) -> str:
        if written.is_sql:
            raise Untranslated(f"{what} with a sub-select", "leave it to a procedure: PL/SQL has none in an argument")
        return written.sql

    @property
    def writer(self) -> Writer:
        """What writes the expressions of these steps."""
        types = {
            table: {column: each.type for column, each in made.table.columns.items()}
            for table, made in self.triggers.tables.items()
        }
        return Writer(self._spelt, types, self.triggers.table_schemas)

    def _spelt(self, fact: Fact) -> Spelling:
        if fact is Fact.EVENT:
            return Spelling(text(self.event))
        found = find_spelling(SPELLINGS, fact, self.event, self.item, ())
        if found is None:
            raise Lacking(fact)
        return found


def _listed(head: str, parts: Sequence[str], tail: str) -> Lines:
    """Return a list on one line, or each part on its own: SQL*Plus takes lines of up to 2,499 characters."""
    line = f"{head}{', '.join(parts)}{tail}"
    if len(line) <= _WIDTH:
        return [line]
    return [head, [*(f"{part}," for part in parts[:-1]), parts[-1]], tail]


def _constant(step: Set) -> str:
    try:
        node = read(step.value) if isinstance(step.value, str) else None
    except Unread:
        node = None
    is_one = isinstance(node, Literal) and not node.type and node.text and str(step.value).lstrip()[:1] == "'"
    if not (is_one and isinstance(node, Literal)) or ("," in node.text and step.parameter.lower() == "search_path"):
        raise Untranslated(f"set {step.parameter} to a computed value, or to several", "write one text in quotes")
    return node.text


def _terminated(statement: str) -> str:
    """Return a user's statement with exactly the terminator it may lack."""
    stripped = statement.rstrip()
    if stripped.endswith(";"):
        return stripped
    # A terminator behind a trailing comment would be part of it.
    return stripped + ("\n;" if "--" in stripped.rpartition("\n")[2] else ";")


def exempt(roles: Sequence[str]) -> str:
    """Return what is true for everybody but some users, whose names are as Oracle keeps names."""
    return f"{context('SESSION_USER')} NOT IN ({', '.join(text(folded(role)) for role in roles)})"

"""What the expressions of a definition say: their names, and the types of their values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from xtrig.dialect import Translation
from xtrig.errors import suggest
from xtrig.expressions.kinds import BOOLEAN, NUMBER, TEXT, assignable, kind_of, reads_as
from xtrig.expressions.meaning import Meaning, Words
from xtrig.expressions.parser import Unread, read
from xtrig.expressions.tree import Column, FactNode, Node
from xtrig.facts import FactCall
from xtrig.findings import Check, Finding, Path
from xtrig.model import If, Insert, Step
from xtrig.model.steps import MESSAGES
from xtrig.resolve import ResolvedFunction, walk


class Placed(NamedTuple):
    """An expression that was read, and where it stands."""

    function: ResolvedFunction
    step: Step
    path: Path
    """Its path below the definition: its last parts are ``when``, ``if``, or ``values`` and a column."""
    text: str
    meaning: Meaning

    def line_at(self, position: int) -> int:
        """Return the line of a character of the text, from 1."""
        return self.text.count("\n", 0, position) + 1


def expressions(translation: Translation) -> Iterator[Placed]:
    """Yield every expression of the steps that can be read; what cannot is a vendor's own text."""
    triggers = translation.triggers
    columns = triggers.table_columns
    words = translation.dialect.words(translation.version) or Words(())
    for function, step, path, text in _texts(translation):
        node = _read(text)
        if node is not None:
            yield Placed(function, step, path, text, Meaning(node, columns, triggers.table_schemas, words))


def vendor_texts(translation: Translation) -> Iterator[tuple[ResolvedFunction, Path, str]]:
    """Yield the expressions that cannot be read: the vendor alone knows what they say."""
    for function, _, path, text in _texts(translation):
        if _read(text) is None:
            yield function, path, text


def _texts(translation: Translation) -> Iterator[tuple[ResolvedFunction, Step, Path, str]]:
    for function in translation.triggers.functions:
        for visit in walk(function):
            for key, text in visit.step.texts():
                if key[-1] in MESSAGES or (key[-1] == visit.step.key and not isinstance(visit.step, If)):
                    continue  # a message, or a statement
                yield function, visit.step, (*visit.path, *key), text


@lru_cache(maxsize=512)
def _read(text: str) -> Node | None:
    try:
        return read(text)
    except Unread:
        return None


class TableNotDefined(Check[Translation], code="XT230", waivable=True):
    """A table in an expression that is not of the definition, without its schema.

    A rendered function looks names up in the vendor's own schema alone, since everything else in a search path could be
    anybody's. A table of the definition is found by its name, and rendered with its schema. Another table without its
    schema is not found: the expression fails each time, and a `deny` that stands on it refuses nobody under
    `on_error: allow`.

    Remedy: Write `schema.table`, or declare the table under `tables:`, with `create: false` if it exists already.
    Source: PostgreSQL manual, Writing SECURITY DEFINER Functions Safely. Seen on 17 and 18:
    `tests/server/test_expressions.py`.
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        is_known = translation.dialect.words(translation.version) is not None
        for each in expressions(translation) if is_known and translation.dialect.has_schemas else ():
            for table in each.meaning.foreign_tables:
                name = table.name[0]
                message = (
                    f"table {name!r}: the definition has none of that name, and without its schema it is not found"
                )
                known = suggest(name, each.meaning.tables, "tables") if each.meaning.tables else "none is defined"
                spelled = next((own for own in each.meaning.tables if own.lower() == name.lower()), None)
                remedy = f"write schema.{name}, or declare it under tables: ({known})"
                yield self.finding(
                    each.function.subject,
                    message,
                    f'write "{spelled}" in double quotes, with its capitals' if spelled else remedy,
                    each.path,
                    text_line=each.line_at(table.at),
                )


class ColumnNotThere(Check[Translation], code="XT231", waivable=True):
    """A column in a sub-select that the tables there do not have.

    The definition says what columns its tables have. An expression that asks for another fails each time it runs. A
    table with `create: false` and no columns is not checked, nor is one of somebody else.

    Remedy: Correct the name, or declare the column.
    Source: [The model](../model/index.md).
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        for each in expressions(translation):
            for column, known in each.meaning.strange_columns:
                name = ".".join(column.name)
                message = f"column {name!r}: no table there has it"
                remedy = suggest(column.name[-1], known, "columns")
                line = each.line_at(column.at)
                yield self.finding(each.function.subject, message, remedy, each.path, text_line=line)


class NameAmbiguous(Check[Translation], code="XT237", waivable=True):
    """A column in a sub-select that has the name of a variable of the function.

    A function has variables of its own: `found` and `tg_event` in PL/pgSQL, and those that a vendor's triggers bring.
    PL/pgSQL refuses a plain name in a sub-select that is a column there, too, whichever is meant: the expression fails
    each time it runs, and with `on_error: allow` only the server's log shows it.

    Remedy: Write the table before a column: `log.found`. Where the fact of that variable is asked for beside the
    column, give the column another name.
    Source: PostgreSQL manual, PL/pgSQL under the Hood, Variable Substitution. Seen on 18:
    `tests/server/test_expressions.py`.
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        dialect, version = translation.dialect, translation.version
        triggers = {id(each.function): each for each in translation.triggers.triggers} if dialect.variables else {}
        for each in expressions(translation) if triggers else ():
            for node in each.meaning.node.walk():
                if isinstance(node, Column) and len(node.name) == 1:
                    names, remedy = {node.name[0]}, "write the table before it"
                elif isinstance(node, FactNode) and id(each.function) in triggers:
                    fact = node.fact.fact if isinstance(node.fact, FactCall) else node.fact
                    spelling = dialect.written(fact, triggers[id(each.function)], None, version)
                    names = set(re.findall(r"\w+", spelling.sql)) if spelling is not None else set()
                    remedy = "give the column another name"
                else:
                    continue
                for name in sorted(names & each.meaning.columns_at(node) & set(dialect.variables)):
                    message = f"the name {name!r} is a column there, and a variable of the function on {dialect.title}"
                    line = each.line_at(node.at)
                    yield self.finding(each.function.subject, message, remedy, each.path, text_line=line)


class NameNotKnown(Check[Translation], code="XT232", waivable=True):
    """A function or a word in an expression that the vendor does not have.

    `NVL` and `SYSDATE` are Oracle's, `GETDATE()` is SQL Server's: PostgreSQL has neither, so that the expression fails
    each time it runs, and with `on_error: allow` only the server's log shows it. A function of your own is not found
    without its schema either.

    Remedy: The message names what is written instead. Write a function of your own with its schema. What one
    vendor alone has goes into a `sql` step or a `body`, which can have a text for each vendor:
    `sql: {postgresql: ..., polardb: ...}`.
    Source: The functions of PostgreSQL 18.4. Seen on 17 and 18: `tests/server/test_expressions.py`.
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        words = translation.dialect.words(translation.version)
        for each in expressions(translation) if words is not None else ():
            title, meaning = translation.dialect.title, each.meaning
            for call in meaning.calls:
                if len(call.name) > 1 and call.name[0] not in meaning.words.schemas:
                    continue
                name, count = call.name[-1], len(call.arguments)
                arity = meaning.words.arities.get(name)
                if arity is not None and count not in arity and not call.is_form:
                    message = f"{name}() with {count} arguments: {title} has none"
                elif not meaning.words.has_function(name):
                    message = f"function {name}(): {title} has none of that name"
                else:
                    continue
                yield self._strange(each, call.at, message, name, f"write schema.{name} for a function of your own")
            for column in meaning.strange_names:
                message = f"the name {column.name[0]!r}: {title} has no value of that name here"
                yield self._strange(each, column.at, message, column.name[0], "put a text in single quotes")

    def _strange(self, each: Placed, at: int, message: str, name: str, otherwise: str) -> Finding:
        remedy = each.meaning.words.instead.get(name)
        said = f"write {remedy}" if remedy else otherwise
        return self.finding(each.function.subject, message, said, each.path, text_line=each.line_at(at))


def _assignment(kind: str, wanted: str | None, declared: str, words: Words) -> str:
    """Return how a column comes to take a value of a kind."""
    if maker := words.makers.get(wanted or ""):
        return f"write {maker}"
    if kind == TEXT or {kind, wanted} == {NUMBER, BOOLEAN}:
        return f"cast it: CAST(... AS {declared})"
    return "give the column a type that takes it, such as text"


class TypesDiffer(Check[Translation], code="XT233", waivable=True):
    """Values in an expression that do not go together, or that their column cannot take.

    `${client_ip}` is a text: it is in no network, and a column of type `inet` does not take it. A text is no number,
    and a condition is true or false. Such an expression fails each time it runs, and a `deny` that stands on it refuses
    nobody under `on_error: allow`.

    Only types that are known from the definition are looked at: those of facts, literals, columns of its tables, and of
    functions that are the same everywhere.

    Remedy: Write what the message says. `CAST(${client_ip} AS inet)` makes a text an address; for a client in a network
    there is `${client_in('10.0.0.0/8')}`.
    Source: PostgreSQL manual, Type Conversion; the casts of 18.4: from text there is no assignment cast. Seen on 17 and
    18: `tests/server/test_expressions.py`.
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        for each in expressions(translation):
            clashes = list(each.meaning.clashes())
            if each.path[-1] in ("when", "if"):
                clashes += each.meaning.not_a_condition(each.meaning.node, str(each.path[-1]))
            for clash in dict.fromkeys(clashes):
                line = each.line_at(clash.at)
                yield self.finding(each.function.subject, clash.message, clash.remedy, each.path, text_line=line)
            if isinstance(each.step, Insert) and each.path[-2] == "values":
                yield from self._assigned(each, each.step)
        yield from self._constants(translation)

    def _assigned(self, each: Placed, insert: Insert) -> Iterator[Finding]:
        column = str(each.path[-1])
        declared = each.meaning.tables[insert.table].get(column, "")
        wanted, kind = kind_of(declared), each.meaning.kind(each.meaning.node)
        if not assignable(kind, wanted) or not reads_as(each.meaning.node, wanted):
            message = f"column {column!r} is {declared}, and does not take {f'a {kind}' if kind else 'this text'}"
            remedy = _assignment(kind, wanted, declared, each.meaning.words) if kind else "correct it"
            yield self.finding(each.function.subject, message, remedy, each.path)

    def _constants(self, translation: Translation) -> Iterator[Finding]:
        """Look at numbers and booleans of YAML, which are no expressions."""
        for function in translation.triggers.functions:
            for visit in walk(function):
                for name, value in visit.step.values.items() if isinstance(visit.step, Insert) else ():
                    if isinstance(value, str) or value is None or not isinstance(visit.step, Insert):
                        continue
                    column = translation.triggers.tables[visit.step.table].table.columns.get(name)
                    kind = BOOLEAN if isinstance(value, bool) else "number"
                    if column is not None and not assignable(kind, kind_of(column.type)):
                        message = f"column {name!r} is {column.type}, and does not take a {kind}"
                        path = (*visit.path, "values", name)
                        yield self.finding(function.subject, message, "put it in quotes, or correct it", path)

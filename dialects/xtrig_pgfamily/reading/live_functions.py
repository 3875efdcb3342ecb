"""Functions of a live database, read by the reader of scripts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from xtrig.plugin import Event, Filled, Finding, ReadFunction, ReadTable, ReadTrigger, Severity
from xtrig_pgfamily.reading.functions import FunctionReader, clauses_of, is_inferred, lines_before_body
from xtrig_pgfamily.reading.parser import Parsed, Unparsed, parse_one
from xtrig_pgfamily.reading.script_reader import ScriptReader
from xtrig_pgfamily.reading.sql_statements import named, names
from xtrig_pgfamily.reading.tokens import tokens
from xtrig_pgfamily.reading.vocabulary import POSTGRESQL
from xtrig_pgfamily.words import qualified

Name = tuple[str, str]
"""A schema and a name."""


def parsed_function(definition: str) -> Parsed:
    """Parse the text of pg_get_functiondef(); line 1 is the first line of the body. Raises Unparsed."""
    statement = parse_one(definition)
    return replace(statement, line=1 - lines_before_body(statement.text, clauses_of(statement.node).body))


class LiveScript(ScriptReader):
    """Reads functions one by one; the bodies of those in ``kept`` (qualified names) are not translated."""

    def __init__(
        self,
        triggers: Iterable[ReadTrigger],
        tables: Mapping[tuple[str | None, str], ReadTable],
        kept: AbstractSet[str],
        *,
        is_ours: bool,
    ) -> None:
        super().__init__("", POSTGRESQL)
        self.triggers = {each.name: each for each in triggers}
        self.tables = dict(tables)
        self.is_ours = is_ours
        self._kept = kept

    def read_functions(self, statements: Sequence[Parsed]) -> list[ReadFunction]:
        """Return the functions of a definition; an inferred logoff changes the trigger that runs it."""
        inferred = [each for each in statements if self._is_inferred(each)]
        read: dict[tuple[str | None, str], ReadFunction] = {}
        for statement in statements:
            if statement not in inferred:
                self._take_live(statement, read)
        for statement in inferred:
            self._take_inferred(statement, read)
        return list(read.values())

    def findings(self) -> Iterator[Finding]:
        """Yield the findings; an error in a body becomes a warning, as the body is kept."""
        for each in self.problems.found:
            if each.severity is Severity.ERROR:
                message = f"its body is kept as it is, for {self.vocabulary.dialect} alone: {each.message}"
                yield replace(each, severity=Severity.WARNING, message=message, remedy="correct the function")
            else:
                yield each

    def reader(self) -> FunctionReader:
        """Return the reader of functions."""
        return replace(super().reader(), kept=self._kept)

    def _is_inferred(self, statement: Parsed) -> bool:
        is_kept = called(statement) in self._kept
        return self.is_ours and not is_kept and is_inferred(clauses_of(statement.node).body)

    def _take_live(self, statement: Parsed, read: dict[tuple[str | None, str], ReadFunction]) -> None:
        name = named(statement.node.funcname)
        run = {each.event for each in self.triggers.values() if each.function == name}
        function = self.reader().read(statement, tuple(event for event in Event if event in run))
        if function is not None and function.body is not None:
            # Byte for byte: the reader of scripts strips white space at the end.
            function = function._replace(body=clauses_of(statement.node).body)
        if function is not None:
            read[name] = function

    def _take_inferred(self, statement: Parsed, read: dict[tuple[str | None, str], ReadFunction]) -> None:
        before = len(self.problems.found)
        super()._take_inferred(statement, read)
        if any(each.severity is Severity.ERROR for each in self.problems.found[before:]):
            # It was changed by hand, so its steps cannot be read back; the body can be kept.
            del self.problems.found[before:]
            name = named(statement.node.funcname)[1]
            message = "its inferred logoff is not as xtrig writes it, so it is kept as it is, a logon function"
            remedy = "look at what was changed, or apply its definition again"
            self.problems.add("XT405", Severity.WARNING, f"function {name!r}", message, remedy, 0)
            self._kept = self._kept | {called(statement)}
            self._take_live(statement, read)


def called(statement: Parsed) -> str:
    """Return a function's qualified name in SQL."""
    schema, name = named(statement.node.funcname)
    return qualified(schema or "public", name)


def filled_by(body: str) -> Iterator[Filled]:
    """Yield the tables after INSERT INTO in a body."""
    try:
        found = tokens(body)
    except Unparsed:
        return
    for number in range(len(found) - 2):
        if [each.word for each in found[number : number + 2]] != ["insert", "into"]:
            continue
        end = number + 3
        while end + 1 < len(found) and found[end].word == ".":
            end += 2
        parts = names(found[number + 2 : end])
        if parts:
            yield Filled(parts[-2] if len(parts) > 1 else None, parts[-1], 0)

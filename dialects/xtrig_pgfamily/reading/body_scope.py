"""The state of reading a body: its variables, the tables of the script, the findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from xtrig.imported import ObjectName
from xtrig.plugin import (
    DefinitionError,
    Difference,
    Event,
    Fact,
    Filled,
    Finding,
    Item,
    Location,
    ReadTable,
    Severity,
    literal,
    one_line,
)
from xtrig_pgfamily.builtin import is_function
from xtrig_pgfamily.plpgsql.function import TIMEOUTS
from xtrig_pgfamily.reading.parser import Parsed, Tree, Unparsed
from xtrig_pgfamily.reading.resolved import resolved
from xtrig_pgfamily.reading.routines import needs_path
from xtrig_pgfamily.reading.tokens import Tokens, fact_token, reduce, string, template, tokens, words
from xtrig_pgfamily.reading.variables import Variables
from xtrig_pgfamily.reading.vocabulary import Vocabulary

_ITEMS = frozenset(map(str, Item))
_PINNED = ("pg_catalog", "pg_temp", "")
_SET_BY_FUNCTIONS = ("search_path", "synchronous_commit", *TIMEOUTS.values())


@dataclass
class Problems:
    """Collects findings about one file."""

    file: str
    found: list[Finding] = field(default_factory=list)

    def add(
        self, code: str, severity: Severity, who: str, message: str, remedy: str, line: int, *announced: Difference
    ) -> None:
        """Add a finding."""
        location, announces = Location(self.file, line), frozenset(announced)
        # A name in quotes may hold lines.
        said = (one_line(who), one_line(message), remedy)
        self.found.append(Finding(code, severity, *said, location=location, announces=announces))

    def refuse(self, message: str, line: int) -> DefinitionError:
        """Return the error for a script that is not SQL."""
        self.add("XT401", Severity.ERROR, "script", message, "correct the script", line)
        return DefinitionError(self.found)


@dataclass(frozen=True, slots=True)
class Remark:
    """A future finding about a body."""

    code: str
    severity: Severity
    message: str
    remedy: str
    line: int
    announced: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What the script creates, and where a body finds names without a schema."""

    tables: Mapping[ObjectName, ReadTable]
    routines: Mapping[ObjectName, Parsed] = field(default_factory=dict)
    path: tuple[str, ...] | None = None
    """The search_path of the function; None: it has none of its own."""

    def schema(self, kind: str, name: str) -> tuple[str, str | None]:
        """Return the schema of a table or routine without one, and what to say if it is not certain.

        Raises :class:`Unparsed` if it is in no schema that is known.
        """
        listed = [schema or "public" for schema, made in self._made(kind) if made == name]
        if self.path is not None:
            own = [each for each in self.path if each not in _PINNED]
            for schema in own:
                if schema in listed:
                    return schema, None
            if not own:
                raise Unparsed(f"the {kind} {name} is in no schema of the search_path, {', '.join(self.path)}")
            plain = [each for each in own if each != "$user"] or ["public"]
            return plain[0], None if len(own) == 1 and own == plain else f"taken for {plain[0]}.{name}"
        if len(set(listed)) == 1:
            said = f"taken for {listed[0]}.{name}, which the script creates"
            return listed[0], None if listed[0] == "public" else said
        if listed and "public" not in listed:
            raise Unparsed(f"the {kind} {name} is in {' and '.join(sorted(set(listed)))}")
        return "public", None if listed else f"taken for public.{name}"

    def _made(self, kind: str) -> Iterable[ObjectName]:
        return self.tables if kind == "table" else self.routines


@dataclass
class Scope:
    """The state of reading one body."""

    vocabulary: Vocabulary
    events: tuple[Event, ...]
    known: Known
    is_ours: bool
    first_line: int
    is_definer: bool = False
    """Whether it has the rights of its owner."""
    is_strict: bool = False
    """Whether every name has to be found, in a script of xtrig's too."""
    variables: Variables = field(default_factory=Variables)
    records: dict[str, Item] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)
    fills: list[Filled] = field(default_factory=list)
    returns: str = "void"
    """What the function returns: nothing if it is a trigger's."""
    denial_block: str | None = None
    here: int = 1
    """The current line of the body."""
    guarded: bool = False
    """Whether a guard against writing on a standby was read."""
    temporary: set[str] = field(default_factory=set)
    """The temporary tables that the body has made."""

    @property
    def is_lenient(self) -> bool:
        """Whether a name that is not found stays as it is."""
        return self.is_ours and not self.is_strict

    @property
    def constants(self) -> Mapping[str, Fact]:
        """The constants that stand for a fact in a rendered script, where no text is an argument of format()."""
        if not self.is_ours:
            return {}
        event = {literal(str(self.events[0])): Fact.EVENT} if len(self.events) == 1 else {}
        return {**self.vocabulary.numbers, **event}

    def declare(self, datums: Sequence[Tree], body: str) -> None:
        """Add the declared variables, with what they are initialised with."""
        for variable, default in self.variables.declare(datums, body):
            self.here = variable.line
            self.variables.assign(variable.name, None if default is None else self.read(default))

    def assign(self, variable: str, found: Tokens) -> None:
        """Set what a variable holds; raises :class:`Unparsed` if it cannot be read where it is used."""
        self.variables.assign(variable, found)

    def read(self, text: str) -> Tokens:
        """Return an expression or statement with its variables replaced, its names found and its facts recognised.

        Raises :class:`Unparsed` for what has no reading.
        """
        recognised = self.vocabulary.recognised(resolved(self.vocabulary.translated(text), self))
        is_literal = self.is_ours and len(self.events) == 1
        if not is_literal and all(not event.is_session for event in self.events):
            recognised = reduce(recognised, (fact_token(Fact.NATIVE_EVENT).word,), fact_token(Fact.EVENT))
        self._notice(tokens(text))
        self._check_words(recognised)
        return recognised

    def value_of(self, variable: str) -> Tokens | None:
        """Return what a variable holds, None for what is none; raises Unparsed if that is not known."""
        return self.variables.value_of(variable)

    def record(self, variable: str) -> str | None:
        """Return the word for a record that a loop fills."""
        return str(self.records[variable]) if variable in self.records else None

    def is_vendors(self, word: str) -> bool:
        """Whether it is a variable that the vendor gives to functions of triggers."""
        return self.vocabulary.has_word(word)

    def schema_of_table(self, table: str) -> str | None:
        """Return the schema of a table without one; None for a system catalog and for a temporary table."""
        if table.startswith("pg_") or table in self.temporary or self.is_lenient:
            return None
        return self._schema("table", table)

    def check_setting(self, parameter: str) -> None:
        """Raise :class:`Unparsed` if the rendered function has another value of a parameter than the script's."""
        name = parameter.lower()
        is_same = self.is_lenient or (name == "search_path" and self.is_pinned)
        if name in _SET_BY_FUNCTIONS and not is_same:
            raise Unparsed(f"it reads {name}, which the rendered function sets")

    def names_by_path(self) -> None:
        """Note that a name is written with its schema, or without, as the search_path is."""
        if not self.is_ours and not self.is_pinned:
            message = "a name that is written as a text has its schema, which the script's search_path may leave out"
            remedy = "tell programs that look for it"
            self.remark("XT409", Severity.NOTE, message, remedy, self.here, "rows", "notices", "refusal")

    @property
    def is_pinned(self) -> bool:
        """Whether it has the search_path that a rendered function has, and no schema of others in it."""
        return self.known.path is not None and set(self.known.path) <= set(_PINNED)

    def schema_of_routine(self, routine: str) -> str | None:
        """Return the schema of a function without one; None if it is built in."""
        is_made = any(name == routine for _, name in self.known.routines)
        if is_function(routine):
            if is_made and not self.is_lenient:
                raise Unparsed(f"the script creates a {routine}(), and there is a built-in one")
            return None
        if self.is_lenient or self.vocabulary.has_word(routine):
            return None
        if self.vocabulary.is_foreign and not is_made:
            raise Unparsed(f"{routine}() is no function of PostgreSQL's, and the script does not create it")
        return self._schema("routine", routine)

    def check_called(self, schema: str, routine: str) -> None:
        """Raise :class:`Unparsed` for a routine that needs its caller's path; say so of one that is not known."""
        if self.is_lenient or schema == "pg_catalog" or self.is_pinned:
            return
        made = self.known.routines.get((schema, routine)) or self.known.routines.get((None, routine))
        if made is None:
            message = f"{schema}.{routine} runs with search_path = pg_catalog, pg_temp, and not with that of the script"
            remedy = "see that it finds its names: qualify them, or give it a search_path"
            self.remark("XT409", Severity.WARNING, message, remedy, self.here)
        elif needs_path(made):
            raise Unparsed(f"{schema}.{routine} finds its names by the path that its caller has")

    def expression(self, text: str) -> str:
        """Return an expression as a definition writes it."""
        return template(self.read(text))

    def literal_event(self, found: Tokens) -> Tokens:
        """Return ``${event}`` for the literal name of the event in a rendered function of a single event."""
        text = string(found)
        if self.is_ours and len(self.events) == 1 and text == self.events[0]:
            return (fact_token(Fact.EVENT),)
        return found

    def remark(
        self, code: str, severity: Severity, message: str, remedy: str, line: int, *announced: Difference
    ) -> None:
        """Add a remark; ``line`` is a line of the body."""
        self.remarks.append(Remark(code, severity, message, remedy, self.line(line), announced))

    def line(self, line: int) -> int:
        """Return a line of the body as a line of the file."""
        return self.first_line + line - 1

    def _schema(self, kind: str, name: str) -> str:
        schema, doubt = self.known.schema(kind, name)
        if doubt is not None:
            severity = Severity.NOTE if kind == "table" else Severity.WARNING
            remedy = "correct the schema if it is another"
            self.remark("XT409", severity, f"the {kind} {name} is {doubt}", remedy, self.here, "not found")
        return schema

    def _check_words(self, found: Tokens) -> None:
        for number, token in enumerate(found[:-2] if not self.is_lenient else ()):
            if token.word in _ITEMS and found[number + 1].word == ".":
                field_ = found[number + 2].text
                raise Unparsed(f"the field {field_} of a {token.word.replace('_', ' ')} is no fact here")
        for number, token in enumerate(found):
            is_part = "." in (
                found[number - 1].word if number else "",
                found[number + 1].word if found[number + 1 :] else "",
            )
            if self.vocabulary.prefixes and token.word.startswith(self.vocabulary.prefixes) and not is_part:
                raise Unparsed(f"{token.word} is no session fact")

    def _notice(self, found: Tokens) -> None:
        text = words(found)
        is_ddl = any(not event.is_session for event in self.events)
        begun = ("now ( )", "current_timestamp", "transaction_timestamp ( )")
        if is_ddl and not self.is_ours and any(spelling in text for spelling in begun):
            message = "the script records when the transaction began, ${now} when the step runs"
            self.remark("XT409", Severity.NOTE, message, "use an sql step if that matters", self.here)
        if "current_time" in text.split() and "time zone" not in text:
            message = "current_time is that of the client's TimeZone, which any client can choose"
            self.remark("XT409", Severity.WARNING, message, "write ${hour_utc} for the hour", self.here)

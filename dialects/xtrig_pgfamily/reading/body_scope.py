"""The state of reading a body: its variables, the tables of the script, the findings."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from xtrig.plugin import (
    FACTS,
    DefinitionError,
    Event,
    Fact,
    Filled,
    Finding,
    Item,
    Location,
    ReadTable,
    Severity,
    literal,
)
from xtrig_pgfamily.reading.parser import Tree, Unparsed, with_schemas
from xtrig_pgfamily.reading.tokens import (
    Token,
    Tokens,
    fact_token,
    reduce,
    string,
    substituted,
    template,
    tokens,
    unwrapped,
    words,
)
from xtrig_pgfamily.reading.vocabulary import Vocabulary


@dataclass
class Problems:
    """Collects findings about one file."""

    file: str
    found: list[Finding] = field(default_factory=list)

    def add(self, code: str, severity: Severity, who: str, message: str, remedy: str, line: int) -> None:
        """Add a finding."""
        self.found.append(Finding(code, severity, who, message, remedy, location=Location(self.file, line)))

    def refuse(self, message: str, line: int) -> DefinitionError:
        """Return the error for a script that is not SQL."""
        self.add("XT401", Severity.ERROR, "script", message, "correct the script", line)
        return DefinitionError(self.found)


_TYPES = {"int4": "integer", "int8": "bigint", "int2": "smallint", "bool": "boolean"}
_SIMPLE = frozenset((*_TYPES, "text", "oid", "name", "timestamptz", "numeric", "date", "inet"))
# Functions with the same result everywhere in one call of a function.
_STABLE = frozenset(
    """
    extract date_part lower upper coalesce nullif host inet_client_addr inet_client_port current_database to_char
    current_setting pg_is_in_recovery pg_backend_pid pg_event_trigger_table_rewrite_oid split_part replace cast
    pg_event_trigger_table_rewrite_reason has_database_privilege pg_has_role quote_ident quote_literal now
    """.split()
)
_NAME = re.compile(r"[a-z_][a-z0-9_]*\Z")
_NAMES_TABLES = re.compile(r"\b(from|join|into|update)\b", re.IGNORECASE)
_PREDEFINED = frozenset(("found", "sqlstate", "sqlerrm"))


@dataclass(frozen=True, slots=True)
class Remark:
    """A future finding about a body."""

    code: str
    severity: Severity
    message: str
    remedy: str
    line: int


@dataclass
class Scope:
    """The state of reading one body."""

    vocabulary: Vocabulary
    events: tuple[Event, ...]
    tables: Mapping[tuple[str | None, str], ReadTable]
    is_ours: bool
    first_line: int
    types: dict[str, str] = field(default_factory=dict)
    values: dict[str, Tokens] = field(default_factory=dict)
    records: dict[str, Item] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)
    fills: list[Filled] = field(default_factory=list)
    returns: str = "void"
    """What the function returns: nothing if it is a trigger's."""
    denial_block: str | None = None
    here: int = 1
    """The current line of the body."""
    counted: str | None = None
    """The variable that has the result of a query on role memberships."""
    guarded: bool = False
    """Whether a guard against writing on a standby was read."""
    default_schema: str | None = None
    """The schema of unqualified names, if the function's own search_path has one."""

    @property
    def constants(self) -> Mapping[str, Fact]:
        """The constants that stand for a fact in a rendered script, where no text is an argument of format()."""
        if not self.is_ours:
            return {}
        event = {literal(str(self.events[0])): Fact.EVENT} if len(self.events) == 1 else {}
        return {**self.vocabulary.numbers, **event}

    def declare(self, datums: Sequence[Tree]) -> None:
        """Add the declared variables, with the values of constant or stable initialisers."""
        for datum in datums:
            if not datum:
                continue
            kind, fields = next(iter(datum.items()))
            name = fields.get("refname", "")
            is_own = kind in ("PLpgSQL_var", "PLpgSQL_rec") and name not in _PREDEFINED
            if is_own and (name in self.types or not _NAME.match(name)):
                raise Unparsed(f"the variable {name} is declared twice, or in quotes")
            if kind == "PLpgSQL_var" and name not in ("tg_event", "tg_tag"):
                self.types[name] = fields["datatype"]["PLpgSQL_type"]["typname"].lower()
                self.here = fields.get("lineno", 1)
                default = fields.get("default_val")
                if default:
                    self.assign(name, self.read(default["PLpgSQL_expr"]["query"]))
            elif kind == "PLpgSQL_rec":
                self.types[name] = "record"

    def assign(self, name: str, found: Tokens) -> None:
        """Set the value of a variable; raises :class:`Unparsed` if replacing it by its value changes the meaning."""
        kind = self.types.get(name, "")
        if name in self.values:
            raise Unparsed(f"the variable {name} has more than one value")
        if kind not in _SIMPLE:
            raise Unparsed(f"the variable {name} is of type {kind or 'unknown'}")
        unstable = [
            token.word
            for token, after in pairwise(found)
            if after.word == "("
            and token.word.isidentifier()
            and token.word not in (*_STABLE, "in", "and", "or", "not")
        ]
        if unstable and "select" not in {token.word for token in found}:
            raise Unparsed(f"the variable {name} holds what {unstable[0]}() gave once")
        self.values[name] = _operand(found, kind)

    def recognised(self, text: str) -> Tokens:
        """Return an expression with its facts recognised and all else as it is."""
        return self.vocabulary.recognised(tokens(text))

    def read(self, text: str) -> Tokens:
        """Return an expression with its variables replaced and its facts recognised.

        Raises :class:`Unparsed` for a variable without a known value.
        """
        if _NAMES_TABLES.search(text):
            text = with_schemas(text, self._schema_of)
        found = tuple(substituted(tokens(text), self._value))
        for record, item in self.records.items():
            found = tuple(self._of_item(found, record, item))
        recognised = self.vocabulary.recognised(found)
        is_literal = self.is_ours and len(self.events) == 1
        if not is_literal and all(not event.is_session for event in self.events):
            recognised = reduce(recognised, (fact_token(Fact.NATIVE_EVENT).word,), fact_token(Fact.EVENT))
        self._notice(tokens(text))
        self._check_words(recognised)
        return recognised

    def expression(self, text: str) -> str:
        """Return an expression as a definition writes it."""
        return template(self.read(text))

    def literal_event(self, found: Tokens) -> Tokens:
        """Return ``${event}`` for the literal name of the event in a rendered function of a single event."""
        text = string(found)
        if self.is_ours and len(self.events) == 1 and text == self.events[0]:
            return (fact_token(Fact.EVENT),)
        return found

    def remark(self, code: str, severity: Severity, message: str, remedy: str, line: int) -> None:
        """Add a remark; ``line`` is a line of the body."""
        self.remarks.append(Remark(code, severity, message, remedy, self.line(line)))

    def line(self, line: int) -> int:
        """Return a line of the body as a line of the file."""
        return self.first_line + line - 1

    def _schema_of(self, table: str) -> str | None:
        """Return the schema of an unqualified table; None for a system catalog."""
        if table.startswith("pg_"):
            return None
        made = next((each for (_, name), each in self.tables.items() if name == table), None)
        schema = self.default_schema or (made and made.schema) or "public"
        if made is None and not self.is_ours:
            message = f"the table {table} is taken for {schema}.{table}"
            self.remark("XT409", Severity.NOTE, message, "correct the schema if it is another", self.here)
        return schema

    def _value(self, word: str) -> Tokens | None:
        if word in self.values:
            return self.values[word]
        if word in self.records:
            return None
        if word in self.types or word in _PREDEFINED:
            # plpgsql keeps what a CASE compares in a variable of its own.
            what = "what CASE compares" if word.lower().startswith("__case__") else f"the value of the variable {word}"
            raise Unparsed(f"{what} is not known beforehand")
        return None

    @staticmethod
    def _of_item(found: Tokens, record: str, item: Item) -> list[Token]:
        listed = list(found)
        for position, token in enumerate(listed[:-1]):
            if token.word == record and listed[position + 1].word == ".":
                listed[position] = replace(token, word=str(item))
        return listed

    def _check_words(self, found: Tokens) -> None:
        quoted = next((token.text for token in found if token.text[:1] == '"' and token.text[1:-1] in self.types), None)
        if quoted is not None:
            raise Unparsed(f"{quoted} may be a variable or a column")
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


def _operand(found: Tokens, kind: str) -> Tokens:
    """Return a variable's value as one operand of the variable's type."""
    bare = unwrapped(found)
    found = found if bare[0].word == "select" else bare
    text = words(found)
    sql_type = _TYPES.get(kind, kind)
    if len(found) == 1:
        fact = found[0].fact
        known = FACTS[fact].type if fact else {"true": "boolean", "false": "boolean"}.get(text, "")
        is_constant = string(found) is not None and kind in ("text", "name")
        if known == sql_type or is_constant or (text.isdigit() and sql_type in ("integer", "bigint", "oid")):
            return found
    if kind == "bool" and text == "pg_is_in_recovery ( )":
        return found
    return (
        Token("cast", "CAST"),
        Token("(", "(", False),
        replace(found[0], gap=False),
        *found[1:],
        Token("as", "AS"),
        Token(sql_type, sql_type),
        Token(")", ")", False),
    )

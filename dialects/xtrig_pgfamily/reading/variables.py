"""The variables of a body, by what they hold: an assignment becomes the expression that is read where it is used.

An expression in the place of a variable is evaluated later, so a value is given up (:class:`Unparsed`) as soon as
something ran in between that could change it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from xtrig.plugin import FACTS, Fact
from xtrig_pgfamily.reading.parser import Tree, Unparsed
from xtrig_pgfamily.reading.tokens import Token, Tokens, placed_tokens, string, tokens, unwrapped, words

_TYPES = {"int4": "integer", "int8": "bigint", "int2": "smallint", "bool": "boolean"}
_SIMPLE = frozenset((*_TYPES, "text", "varchar", "oid", "name", "timestamptz", "numeric", "date", "inet"))
# Functions with the same result everywhere in one call of a function.
_STABLE = frozenset(
    """
    extract date_part lower upper coalesce nullif host inet_client_addr inet_client_port current_database to_char
    current_setting pg_is_in_recovery pg_backend_pid pg_event_trigger_table_rewrite_oid split_part replace cast
    pg_event_trigger_table_rewrite_reason has_database_privilege pg_has_role quote_ident quote_literal now
    concat concat_ws format left right length trim btrim ltrim rtrim substr substring strpos position array_length
    date_trunc timezone greatest least abs string_agg count min max sum bool_or bool_and exists any all array
    regexp_replace md5 array_agg to_hex trunc round pg_stat_get_activity pg_get_userbyid
    numeric timestamptz timestamp varchar
    """.split()
)
_NO_CALL = frozenset("in and or not when then else case where select is like between ( , = values".split())
# What a SET, a SET ROLE or a called routine changes, and what a statement changes.
_OF_SETTINGS = frozenset(("current_setting", "pg_has_role", "has_database_privilege"))
_FACTS_OF_SETTINGS = frozenset((Fact.APPLICATION, Fact.CURRENT_USER))
_FACTS_OF_ROWS = frozenset((Fact.MEMBER_OF, Fact.USER_SESSIONS))
_PREDEFINED = frozenset(("found", "sqlstate", "sqlerrm"))
_ARGUMENTS = ("tg_event", "tg_tag")
_CANNOT_FAIL = frozenset(
    "|| ( ) , = <> < > <= >= and or not is null true false coalesce nullif lower upper concat case when then else end "
    "pg_is_in_recovery now".split()
)
_LONGEST = 600
"""How many tokens a value may have: values in values grow fast."""
_OF_A_NAME = 63
_SHORT = frozenset((Fact.LOGIN_USER, Fact.CURRENT_USER, Fact.DATABASE, Fact.CLIENT_IP, Fact.TAG, Fact.EVENT))
"""Facts of at most 63 characters."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable: its type, as the declaration has it, and whether it may be NULL."""

    name: str
    type: str
    length: int | None = None
    """Of a ``varchar``."""
    is_required: bool = False
    line: int = 1

    @property
    def sql(self) -> str:
        """The type for a cast."""
        return _TYPES.get(self.type, self.type)


@dataclass(slots=True, eq=False)
class Held:
    """What a variable holds, and since which effect."""

    found: Tokens
    effect: int
    uses: int = 0


@dataclass
class Variables:
    """The variables of one body, at one point of it."""

    declared: dict[str, Variable] = field(default_factory=dict)
    held: dict[str, Held] = field(default_factory=dict)
    everything: list[Held] = field(default_factory=list)
    """Every value that was ever assigned."""
    effects: int = 0
    """How many statements before this point could change what an expression gives."""
    read: list[Held] = field(default_factory=list)
    """The values that were read, in order."""

    def declare(self, datums: Sequence[Tree], body: str) -> Iterator[tuple[Variable, str | None]]:
        """Yield each declared variable with the text of its initialiser; the caller assigns it."""
        for datum in datums:
            if not datum:
                continue
            kind, fields = next(iter(datum.items()))
            name = fields.get("refname", "")
            if kind == "PLpgSQL_rec" and name not in _PREDEFINED:
                record = Variable(name, "record", line=fields.get("lineno", 1))
                declared = _type_text(_declared(record, body))
                if declared != "record":  # the parser takes every type that it does not know for one
                    raise Unparsed(f"the variable {name} is of type {declared}, which is not built in")
                self._new(record)
            if kind != "PLpgSQL_var" or name in _ARGUMENTS:
                continue
            line = fields.get("lineno", 1)
            if name in _PREDEFINED or name.startswith("__Case__"):
                self.declared[name] = Variable(name, "predefined", line=line)
                continue
            type_name = fields["datatype"]["PLpgSQL_type"]["typname"].lower()
            variable = Variable(name, type_name, None, bool(fields.get("notnull")), line)
            variable = _as_declared(variable, body)
            self._new(variable)
            if "cursor_explicit_expr" in fields:
                raise Unparsed(f"the cursor {name}")
            default = fields.get("default_val")
            yield variable, default["PLpgSQL_expr"]["query"] if default else None

    def _new(self, variable: Variable) -> None:
        if variable.name in self.declared:
            raise Unparsed(f"the variable {variable.name} is declared twice")
        self.declared[variable.name] = variable

    def assign(self, name: str, found: Tokens | None) -> None:
        """Set what a variable holds; None is its NULL before anything is assigned.

        Raises :class:`Unparsed` if an expression in its place could mean something else.
        """
        variable = self.declared.get(name)
        kind = variable.type if variable else "unknown"
        if variable is None or _bare(kind) not in _SIMPLE:
            if found is None:
                return  # it matters only where it is used
            raise Unparsed(f"the variable {name} is of type {kind}")
        made = tokens("NULL") if found is None else found
        unstable = next(_calls_of_others(made), None)
        if unstable is not None:
            raise Unparsed(f"the variable {name} holds what {unstable}() gave once")
        if len(made) > _LONGEST:
            raise Unparsed(f"the value of the variable {name} is put together of {len(made)} words")
        if variable.is_required and not (found is not None and _is_constant(unwrapped(found))):
            raise Unparsed(f"the variable {name} is NOT NULL, which its value may be")
        if variable.length is not None and found is not None and not _fits(unwrapped(found), variable.length):
            raise Unparsed(f"the variable {name} has no more than {variable.length} characters")
        self._hold(name, Held(_operand(made, variable), self.effects))

    def value_of(self, name: str) -> Tokens | None:
        """Return what a variable holds; None for what is no variable."""
        held = self.held.get(name)
        if held is None:
            if name in self.declared:
                # plpgsql keeps what a CASE compares in a variable of its own.
                is_case = name.startswith("__Case__")
                what = "what CASE compares" if is_case else f"the value of the variable {name}"
                raise Unparsed(f"{what} is not known beforehand")
            return None
        if held.effect != self.effects and _may_change(held):
            raise Unparsed(f"what the variable {name} holds may have changed since it was set")
        held.uses += 1
        self.read.append(held)
        return held.found

    def merged(self, condition: Tokens, then: dict[str, Held], otherwise: dict[str, Held]) -> None:
        """Continue after a branch: a variable set in one holds a CASE."""
        self.held = dict(otherwise)
        for name, held in then.items():
            other = otherwise.get(name)
            if other is held:
                continue
            if other is None or name not in self.declared:
                self.held.pop(name, None)
                continue
            made = _case(condition, held.found, other.found)
            if len(made) > _LONGEST:
                raise Unparsed(f"the value of the variable {name} is put together of {len(made)} words")
            held.uses, other.uses = held.uses + 1, other.uses + 1
            self._hold(name, Held(made, min(held.effect, other.effect)))

    def after_loop(self, before: dict[str, Held], effects: int, read: Sequence[Held]) -> None:
        """Check that a loop set no variable of outside, and changed none that it reads."""
        if any(self.held.get(name) is not held for name, held in before.items()):
            raise Unparsed("a variable is set in a loop")
        if self.effects != effects and any(_may_change(each) for each in read):
            raise Unparsed("what a variable holds may change while the loop runs")

    def check_unused(self) -> None:
        """Raise Unparsed for a value that is never used, and whose evaluation could have failed."""
        for each in self.everything:
            if not each.uses and not _cannot_fail(each.found):
                raise Unparsed(f"a variable is set to {words(each.found)[:60]}, which could fail, and not used")

    def has_several_moments(self) -> bool:
        """Whether a variable that held one moment is read more than once."""
        return any(each.uses > 1 and any(token.fact is Fact.NOW for token in each.found) for each in self.everything)

    def _hold(self, name: str, held: Held) -> None:
        self.held[name] = held
        self.everything.append(held)


def _as_declared(variable: Variable, body: str) -> Variable:
    """Return the variable with the modifier of its type, which the parser of plpgsql does not tell."""
    kind = _declared(variable, body)
    if any(token.word == "collate" for token in kind):
        raise Unparsed(f"the variable {variable.name} has a collation of its own")
    if not any(token.word == "(" for token in kind):
        return variable
    if variable.type == "varchar":
        length = next((token.word for token in kind if token.word.isdigit()), "0")
        return replace(variable, length=int(length))
    return replace(variable, type=_type_text(kind))


def _declared(variable: Variable, body: str) -> list[Token]:
    """Return the tokens of a variable's type."""
    lines = body.splitlines(keepends=True)
    start = len("".join(lines[: variable.line - 1]).encode())
    found = [each.token for each in placed_tokens(body) if each.start >= start]
    place = next((n for n, token in enumerate(found) if token.word.strip('"') == variable.name), len(found))
    kind: list[Token] = []
    for token in found[place + 1 :]:
        if token.word in (":=", "=", "default", ";", "not"):
            break
        if token.word != "constant":
            kind.append(token)
    return kind


def _type_text(kind: Sequence[Token]) -> str:
    return "".join(f"{' ' if token.gap else ''}{token.word}" for token in kind).strip()


def _bare(kind: str) -> str:
    return kind.partition("(")[0].strip()


def _calls_of_others(found: Tokens) -> Iterator[str]:
    for number, token in enumerate(found[:-1]):
        word = token.word
        if found[number + 1].word == "(" and word.isidentifier() and word not in _NO_CALL and word not in _STABLE:
            yield word


def _is_constant(found: Tokens) -> bool:
    return string(found) is not None or (len(found) == 1 and found[0].word.isdigit())


def _fits(found: Tokens, length: int) -> bool:
    text = string(found)
    if text is not None:
        return len(text) <= length
    return len(found) == 1 and found[0].fact in _SHORT and length >= _OF_A_NAME


def _cannot_fail(found: Tokens) -> bool:
    rest = list(found)
    for number in range(len(rest) - 3):
        if [token.word for token in rest[number : number + 4]] == ["cast", "(", "null", "as"]:
            rest[number : number + 4] = rest[number + 1 : number + 2] * 4
            rest[number + 4] = rest[number]  # the type
    return all(map(_is_harmless, rest))


def _is_harmless(token: Token) -> bool:
    is_constant = string((token,)) is not None or token.word.isdigit()
    return token.fact is not None or token.word in _CANNOT_FAIL or is_constant


def _may_change(held: Held) -> bool:
    facts = {token.fact for token in held.found if token.fact is not None}
    listed = {token.word for token in held.found}
    is_asking = "select" in listed or bool(listed & _OF_SETTINGS)
    return is_asking or bool(facts & (_FACTS_OF_SETTINGS | _FACTS_OF_ROWS))


def _case(condition: Tokens, then: Tokens, otherwise: Tokens) -> Tokens:
    return (
        *(Token("(", "("), Token("case", "CASE", False), Token("when", "WHEN")),
        *(replace(condition[0], gap=True), *condition[1:]),
        *(Token("then", "THEN"), replace(then[0], gap=True), *then[1:]),
        *(Token("else", "ELSE"), replace(otherwise[0], gap=True), *otherwise[1:]),
        *(Token("end", "END"), Token(")", ")", False)),
    )


def _spaced(found: Tokens) -> Tokens:
    return (replace(found[0], gap=True), *found[1:])


def _operand(found: Tokens, variable: Variable) -> Tokens:
    """Return a value as one operand of the variable's type."""
    bare = unwrapped(found)
    found = found if bare[0].word == "select" else bare
    text = words(found)
    is_text = variable.type in ("text", "varchar", "name")
    if len(found) == 1:
        fact = found[0].fact
        known = FACTS[fact].type if fact else {"true": "boolean", "false": "boolean"}.get(text, "")
        is_constant = string(found) is not None and is_text
        is_number = text.isdigit() and variable.sql in ("integer", "bigint", "oid")
        if known == variable.sql or (known == "text" and is_text) or is_constant or is_number:
            return found
    if variable.type == "bool" and text == "pg_is_in_recovery ( )":
        return found
    return (
        Token("cast", "CAST"),
        Token("(", "(", False),
        replace(found[0], gap=False),
        *found[1:],
        Token("as", "AS"),
        *_spaced(tokens(variable.sql)),
        Token(")", ")", False),
    )

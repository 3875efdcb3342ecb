"""Expressions of Oracle's as trees of the portable language: facts in the place of Oracle's own words.

The reader of the portable language reads them; then each variable is replaced by its value, and each word, parameter
of a context and query of Oracle's own views by the fact that it asks for. Places are those of the script.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from xtrig.expressions.parser import Unread, read
from xtrig.expressions.tree import Call, Case, Cast, Column, FactNode, Literal, Node, Operation, Query, Table
from xtrig.plugin import Event, Fact, FactCall, Kind, Token, literal
from xtrig_oracle.printing import Untranslated, check_words, is_pattern_of_names
from xtrig_oracle.reading.counterparts import USERENV, V_SESSION, WHY_NOT, WORDS
from xtrig_oracle.words import folded

KEEP = "write the step by hand for each vendor"
IDENTITY = "the object's name: Oracle keeps it in capitals, and a name in quotes reads otherwise"
TEXT = "text"
"""The type of a literal in quotes, which tells it from NULL."""
V_SESSIONS = frozenset((("v$session",), ("sys", "v$session"), ("sys", "v_$session"), ("v_$session",)))
_ROLES = frozenset((("dba_role_privs",), ("sys", "dba_role_privs")))
OF_EVENT = frozenset(("ora_sysevent", "ora_dict_obj_type", "ora_dict_obj_owner", "ora_dict_obj_name"))


@dataclass
class Known:
    """What a trigger's expressions may name, and what was found in them."""

    event: Event
    verbs: tuple[str, ...] = ()
    """The DDL events of the trigger, in lower case; empty for all of them."""
    in_items: bool = False
    """Whether it is written in a for_each, where the object is known."""
    is_ours: bool = False
    """Whether xtrig has rendered the script, where each word of Oracle's is a fact."""
    schema: str | None = None
    """The schema of the trigger, in which its tables are."""
    columns: frozenset[str] = frozenset()
    """The columns of the tables that the script makes, which hide variables of their names."""
    variables: dict[str, Node | None] = field(default_factory=dict)
    """The value of each variable; None where it is not known."""
    rows: frozenset[str] = frozenset()
    """The names of loops over the session's own row in V$SESSION; "" for where its columns have no name before them."""
    tables: dict[tuple[str | None, str], int] = field(default_factory=dict)
    """The tables that are named, and where."""
    notes: dict[str, tuple[int, bool]] = field(default_factory=dict)
    """What is otherwise elsewhere, where, and whether something is lost."""

    def note(self, message: str, at: int, *, is_lost: bool = False) -> None:
        """Remember what somebody has to know; ``is_lost`` for something that the definition does not do."""
        self.notes.setdefault(message, (at, is_lost))


def name_of(token: Token) -> str:
    """Return the name that a definition has for an identifier: a name in capitals is one without quotes."""
    return token.name.lower() if token.kind is not Kind.IDENTIFIER or token.name == token.name.upper() else token.name


def parsed(words: Sequence[Token], known: Known) -> Node:
    """Return the tree of an expression. Raises :class:`Untranslated` with its place in the script."""
    return _Recogniser(words, known).result()


def select(words: Sequence[Token], known: Known) -> Query:
    """Return a SELECT, its parts recognised, without taking it for what it asks for. Raises :class:`Untranslated`."""
    at = words[0].start
    return _Recogniser((Token(Kind.OPEN, "(", at), *words, Token(Kind.CLOSE, ")", at)), known).select()


def plain_name(node: Literal) -> str:
    """Return a name as Oracle keeps it, or a pattern for such names, as a definition has it."""
    if node.text == node.text.upper() and is_pattern_of_names(node.text):
        return node.text.lower()
    if not node.text or "\0" in node.text:
        raise Untranslated(f"a comparison of a name with {node.text!r}, which is none", KEEP, node.at)
    if folded(node.text) != node.text or (node.text == node.text.lower() and is_pattern_of_names(node.text)):
        raise Untranslated(f"{node.text!r}, which no name of Oracle's without quotes is", KEEP, node.at)
    return node.text


class _Recogniser:
    def __init__(self, words: Sequence[Token], known: Known) -> None:
        self.words = words
        self.known = known
        self.places: list[tuple[int, int]] = []
        self.depth = 0

    def result(self) -> Node:
        return self.node(self._read())

    def select(self) -> Query:
        found = self._read()
        if not isinstance(found, Query):
            raise Untranslated("SELECT, which is not read", KEEP, self._place(0))
        return self._parts(found)

    def _read(self) -> Node:
        check_words(self.words)
        self.said = self._plain()
        try:
            return read(self.said)
        except Unread as error:
            raise Untranslated(f"it is not read {error}", KEEP, self._place(error.at)) from None
        except ValueError as error:  # ${...}, which means nothing to Oracle
            raise Untranslated(str(error).partition(";")[0], KEEP, self._place(0)) from None

    def _plain(self) -> str:
        """Return the tokens as a text that the reader of the portable language knows."""
        pieces: list[str] = []
        size = 0
        for token in self.words:
            piece = token.text
            if token.kind is Kind.LITERAL:
                if not token.closed:
                    raise Untranslated("a text that is not closed", "close it", token.start)
                piece = literal(_content(token), backslash_escapes=False)
            elif token.kind is Kind.IDENTIFIER and name_of(token) != token.name:
                piece = f'"{name_of(token)}"'
            self.places.append((size, token.start))
            pieces.append(piece)
            size += len(piece) + 1
        return " ".join(pieces)

    def _place(self, at: int) -> int:
        found = [place for start, place in self.places if start <= at]
        return found[-1] if found else self.words[0].start if self.words else 0

    def node(self, node: Node) -> Node:
        """Return a part, recognised."""
        at = self._place(node.at)
        match node:
            case Literal():
                is_quoted = self.said[node.at : node.at + 1] == "'"
                return Literal(at, node.text, TEXT if is_quoted else node.type)
            case FactNode():
                raise Untranslated("${...} in a script", KEEP, at)
            case Column():
                return self._column(replace(node, at=at))
            case Call():
                return self._call(replace(node, at=at, arguments=tuple(map(self.node, node.arguments))))
            case Operation():
                return self._as_fact(Operation(at, node.operator, tuple(map(self.node, node.operands))))
            case Case():
                compared = self.node(node.compared) if node.compared else None
                return Case(at, compared, tuple(map(self.node, node.conditions)), tuple(map(self.node, node.results)))
            case Cast():
                return Cast(at, self.node(node.operand), node.type)
            case Query():
                return self._query(node, at)
            case _:
                return node

    def _as_fact(self, node: Operation) -> Node:
        """Return the fact that texts put together are: the command's tag, or the name of its object."""
        match node:
            case Operation(
                operator="||",
                operands=(
                    Operation(operator="||", operands=(Column(name=("ora_sysevent",)), Literal(text=" "))),
                    Column(name=("ora_dict_obj_type",)),
                ),
            ):
                return FactNode(node.at, Fact.COMMAND_TAG)
            case Operation(
                operator="||",
                operands=(
                    Case(
                        compared=None,
                        conditions=(Operation(operator="is not null", operands=(FactNode(fact=Fact.OBJECT_SCHEMA),)),),
                        results=(
                            Operation(operator="||", operands=(FactNode(fact=Fact.OBJECT_SCHEMA), Literal(text="."))),
                        ),
                    ),
                    Column(name=("ora_dict_obj_name",)),
                ),
            ):
                self.known.note(IDENTITY, node.at)
                return FactNode(node.at, Fact.OBJECT_IDENTITY)
            case _:
                return node

    def _column(self, node: Column) -> Node:
        word = node.name[-1]
        row = node.name[0] if len(node.name) == 2 else ""
        if len(node.name) < 3 and row in self.known.rows and not (self.depth and not row):
            if word in V_SESSION:
                return FactNode(node.at, V_SESSION[word])
            if row or word in WHY_NOT:
                raise unknown(word, node.at)
        if len(node.name) == 1:
            if word in self.known.variables and not (self.depth and word in self.known.columns):
                value = self.known.variables[word]
                if value is None:
                    raise Untranslated(f"the variable {word}, whose value is not known here", KEEP, node.at)
                return value
            if word in WORDS:
                return FactNode(node.at, WORDS[word])
            if word == "ora_dict_obj_owner" and self.known.in_items:
                return FactNode(node.at, Fact.OBJECT_SCHEMA)
            if word in OF_EVENT:
                return node
        if word in ("nextval", "currval"):
            raise Untranslated("a sequence", "make the column one that the server numbers: identity: true", node.at)
        if self.depth:
            return node
        raise unknown(".".join(node.name), node.at)

    def _call(self, node: Call) -> Node:
        if node.name in (("sys_context",), ("userenv",)):
            texts = [each.text.lower() for each in node.arguments if isinstance(each, Literal)]
            if node.name == ("userenv",):
                texts = ["userenv", *texts]
            if texts[:1] == ["userenv"] and len(texts) == 2 and texts[1] in USERENV:
                return FactNode(node.at, USERENV[texts[1]])
            if self.depth and texts == ["userenv", "sid"]:
                return node  # what V$SESSION is asked with
            raise unknown(texts[1] if len(texts) > 1 else node.name[0], node.at)
        match node:
            case Call(name=("lower",), arguments=(Column(name=("ora_dict_obj_type",)),)) if self.known.in_items:
                return FactNode(node.at, Fact.OBJECT_TYPE)
            case Call(name=("extract",), arguments=(Literal(text="hour"), Call(name=("sys_extract_utc",)) as utc)):
                if utc.arguments == (FactNode(utc.arguments[0].at, Fact.NOW),):
                    return FactNode(node.at, Fact.HOUR_UTC)
        return node

    def _parts(self, node: Query) -> Query:
        """Return a query with its parts recognised; its own columns are those of its tables."""
        own = any(each.name in V_SESSIONS for each in node.tables)
        rows = self.known.rows
        self.known.rows = rows - {""} | (
            {"", *(each.alias for each in node.tables)} if own and not self.depth else set()
        )
        is_sure = own or [each.name for each in node.tables] == [("dual",)]
        self.depth += not is_sure
        columns = tuple(map(self.node, node.columns))
        self.depth += is_sure
        self.known.rows = rows - {""}
        others = tuple(map(self.node, node.others))
        self.depth -= 1
        self.known.rows = rows
        tables = tuple(self._table(each) for each in node.tables)
        return Query(self._place(node.at), columns, tables, others, node.is_whole)

    def _query(self, node: Query, at: int) -> Node:
        self.depth += 1
        made = self._parts(node)
        self.depth -= 1
        if [each.name for each in made.tables] == [("dual",)] and not made.others and len(made.columns) == 1:
            return made.columns[0]
        return asked(made, self.known)

    def _table(self, node: Table) -> Table:
        at = self._place(node.at)
        *schema, word = node.name
        if not is_view(node):
            self.known.tables.setdefault((schema[0] if schema else self.known.schema, word), at)
        return replace(node, at=at)


def is_view(node: Table) -> bool:
    """Whether a table of a query is a view of Oracle's own."""
    return len(node.name) > 2 or node.name[-1].startswith(("v$", "v_$", "gv$", "dba_", "all_", "user_", "dual"))


def asked(node: Query, known: Known) -> Node:
    """Return the fact that a query of a view of Oracle's asks for; another query as it is."""
    names = [each.name for each in node.tables]
    if any(each in V_SESSIONS for each in names):
        return _sessions(node)
    if any(each in _ROLES for each in names):
        return _member(node, known)
    if names == [("v$mystat",)]:
        return Call(node.at, ("userenv",), (Literal(node.at, "sid", TEXT),))
    return node


def _member(node: Query, known: Known) -> Node:
    asked_for = dict(_equal(each) for each in flat_and(node.others)) if node.others else {}
    role, grantee = asked_for.get("granted_role"), asked_for.get("grantee")
    by_user = isinstance(grantee, FactNode) and grantee.fact is Fact.LOGIN_USER
    if not (
        _is_count(node) and by_user and isinstance(role, Literal) and set(asked_for) == {"granted_role", "grantee"}
    ):
        raise Untranslated("DBA_ROLE_PRIVS, but for whether the user has a role", KEEP, node.at)
    known.note("the role: a membership by way of other roles counts, too", node.at)
    member = FactNode(node.at, FactCall(Fact.MEMBER_OF, plain_name(role)))
    return Case(node.at, None, (member,), (Literal(node.at, "1", "integer"), Literal(node.at, "0", "integer")))


def _sessions(node: Query) -> Node:
    """Return how many sessions the user has, which is what a count of V$SESSION is asked for."""
    conditions = dict(_equal(each) for each in flat_and(node.others)) if node.others else {}
    user = conditions.get("username")
    by_user = isinstance(user, FactNode) and user.fact is Fact.LOGIN_USER
    of_users = conditions.get("type", Literal(0, "USER", TEXT))
    is_plain = isinstance(of_users, Literal) and of_users.text == "USER" and set(conditions) <= {"username", "type"}
    if not (_is_count(node) and by_user and is_plain):
        raise Untranslated("V$SESSION, but for the number of sessions of the user", KEEP, node.at)
    return FactNode(node.at, Fact.USER_SESSIONS)


def _is_count(node: Query) -> bool:
    return (
        len(node.tables) == len(node.columns) == 1
        and isinstance(node.columns[0], Call)
        and node.columns[0] == Call(node.columns[0].at, ("count",), node.columns[0].arguments)
    )


def flat_and(nodes: Sequence[Node]) -> list[Node]:
    """Return the parts of an AND."""
    found: list[Node] = []
    for node in nodes:
        is_and = isinstance(node, Operation) and node.operator == "and"
        found += flat_and(node.parts) if is_and else [node]
    return found


def _equal(node: Node) -> tuple[str, Node]:
    """Return the column and the value of ``column = value``; "" and the node for another condition."""
    if isinstance(node, Operation) and node.operator == "=":
        left, right = node.operands
        if isinstance(left, Column):
            return left.name[-1], right
        if isinstance(right, Column):
            return right.name[-1], left
    return "", node


def is_own_row(tables: Sequence[Table], conditions: Sequence[Node]) -> bool:
    """Whether a query, its parts recognised, is of the session's own row in V$SESSION."""
    if [each.name in V_SESSIONS for each in tables] != [True]:
        return False
    found = False
    for each in flat_and(conditions):
        column, value = _equal(each)
        is_id = column == "audsid" and isinstance(value, FactNode) and value.fact is Fact.SESSION_ID
        is_sid = column == "sid" and isinstance(value, Call) and value.name in (("userenv",), ("sys_context",))
        is_first = isinstance(each, Operation) and each.operands[0] == Column(each.operands[0].at, ("rownum",))
        if not (is_id or is_sid or is_first):
            return False
        found |= is_id or is_sid
    return found


def unknown(word: str, at: int) -> Untranslated:
    """Return why a word of Oracle's is nothing in a definition."""
    why = WHY_NOT.get(word.lower())
    return Untranslated(f"{word.upper()} has no counterpart" + (f": {why}" if why else ""), KEEP, at)


def _content(token: Token) -> str:
    """Return the text of a literal; in q'[...]' no quote is doubled."""
    if token.text[:1] in "qQ" or token.text[:2].lower() == "nq":
        start = token.text.index("'")
        return token.text[start + 2 : -2]
    return token.content

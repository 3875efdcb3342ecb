"""Names of tables and functions that stand in a passage without a schema."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from xtrig.sqltokens import Kind, Token, tokens
from xtrig_pgfamily.bodies.blocks import Tokens, significant
from xtrig_pgfamily.bodies.commands import is_update, text_at
from xtrig_pgfamily.bodies.passages import Passage, Role
from xtrig_pgfamily.builtin import is_function
from xtrig_pgfamily.language import Language

_NO_QUERY = ("revoke", "grant", "fetch", "move", "copy", "alter", "drop", "comment", "raise", "close", "open", "lock")
_NO_FROM = ("extract", "substring", "trim", "overlay", "position", "both", "leading", "trailing")
_ENDS_FROM = frozenset(
    "where group order having limit union except intersect window offset fetch for loop returning set then".split()
)
# Functions that are called without parentheses; in double quotes they are names of tables.
_VALUES = frozenset(
    "current_catalog current_date current_role current_schema current_time current_timestamp current_user localtime "
    "localtimestamp session_user system_user user".split()
)
_BEFORE_NAME = ("only", "lateral", "table")


def unqualified(passage: Passage, language: Language) -> Iterator[Token]:
    """Yield each name of a table or function that the passage uses without its schema and that isn't built in."""
    tokens = passage.tokens
    if passage.command not in _NO_QUERY:
        known = set(_common_tables(tokens))
        for place in _places(tokens):
            token = _bare(tokens, place)
            if token is not None and not _is_found(tokens, place) and token.name not in known | {"dual"}:
                yield token
    called = _called(passage, language)
    if called is not None and not is_function(called.name):
        yield called


def qualified(text: str) -> Iterator[tuple[str, str]]:
    """Yield schema and name of what a text of SQL or PL/pgSQL may use: relations, functions, operators, types."""
    words = significant(tokens(text))
    relations = set(_places(words))
    for place, (schema, dot, token) in enumerate(zip(words, words[1:], words[2:], strict=False)):
        if dot.text != "." or not schema.name:
            continue
        begin = place - 2 * (text_at(words, place - 1) == ".")  # database.schema.name
        before, after = text_at(words, begin - 1), text_at(words, place + 3)
        is_type = before in ("::", "as") or after.startswith("'")
        if token.name and (begin in relations or after == "(" or is_type or before in _BEFORE_NAME):
            yield schema.name, token.name
        elif not token.name and before == "(" and text_at(words, place - 2) == "operator":
            yield schema.name, token.text


def mentioned(text: str) -> Iterator[tuple[str, str]]:
    """Yield each pair of names with a dot between, of which some are schema and name: of types declared, too.

    So are those in the literals of EXECUTE, and in literals that are cast to the name of something.
    """
    words = significant(tokens(text))
    is_executed = False
    for place, token in enumerate(words):
        is_executed = token.word == "execute" or (is_executed and token.kind is not Kind.END)
        after = text_at(words, place + 1), text_at(words, place + 2)
        if token.name and after[0] == "." and place + 2 < len(words):
            yield token.name, words[place + 2].name or words[place + 2].text
        elif token.content and (is_executed or (after[0] == "::" and after[1].startswith("reg"))):
            yield from mentioned(token.content)


def made(passages: Iterable[Passage]) -> set[str]:
    """Return the names that the text itself makes: temporary tables, variables, routines."""
    found: set[str] = set()
    for passage in passages:
        words = [token.word for token in passage.tokens]
        if passage.role is Role.DECLARATION:
            found |= {token.name for token in passage.tokens[:2]}
        elif words[:1] == ["create"] and {"temp", "temporary"} & set(words[:3]):
            found |= {token.name for token in passage.tokens[3:8]}
    return found


def _is_found(tokens: Tokens, place: int) -> bool:
    """Whether the table, view or function named there is found without a schema.

    The names of all tables and views of pg_catalog begin with ``pg_``; a function follows neither INTO nor UPDATE.
    """
    before = text_at(tokens, place - 1)
    while text_at(tokens, place) in _BEFORE_NAME:
        place += 1
    name = tokens[place].name
    if before not in ("into", "update", "truncate"):
        if text_at(tokens, place + 1) == "(":
            return is_function(name)
        if tokens[place].word in _VALUES:
            return True
    return name.startswith("pg_")


def _called(passage: Passage, language: Language) -> Token | None:
    """Return the function of PERFORM, CALL or of a PL/SQL call."""
    if passage.role is not Role.STATEMENT:
        return None
    place = 1 if passage.command in ("perform", "call") else 0
    if place == 0 and language is not Language.PLSQL:
        return None
    token = passage.tokens[place] if place < len(passage.tokens) else None
    is_call = token is not None and token.name != "" and text_at(passage.tokens, place + 1) == "("
    return token if is_call else None


def _places(tokens: Tokens) -> Iterator[int]:
    """Yield where the name of a table or a function that gives rows may stand."""
    openers: list[str] = []
    for place, token in enumerate(tokens):
        if token.kind is Kind.OPEN:
            openers.append(text_at(tokens, place - 1))
        elif token.kind is Kind.CLOSE:
            openers = openers[:-1]
        elif (
            token.word == "join"
            or (token.word == "into" and text_at(tokens, place - 1) in ("insert", "merge"))
            or is_update(tokens, place)
            or (place == 0 and token.word == "truncate")
            or (token.word == "using" and text_at(tokens, 0) in ("merge", "delete"))
        ):
            yield place + 1
        elif token.word == "from" and _is_clause(tokens, place, openers):
            yield from _list(tokens, place + 1)


def _is_clause(tokens: Tokens, place: int, openers: list[str]) -> bool:
    is_comparison = text_at(tokens, place - 1) == "distinct" and text_at(tokens, place - 2) in ("is", "not")
    return not is_comparison and (not openers or openers[-1] not in _NO_FROM)


def _list(tokens: Tokens, start: int) -> Iterator[int]:
    yield start
    depth = 0
    for place in range(start, len(tokens)):
        token = tokens[place]
        depth += (token.kind is Kind.OPEN) - (token.kind is Kind.CLOSE)
        if depth < 0 or (depth == 0 and (token.word in _ENDS_FROM or token.text == ";")):
            return
        if depth == 0 and token.kind is Kind.COMMA:
            yield place + 1


def _bare(tokens: Tokens, place: int) -> Token | None:
    while text_at(tokens, place) in _BEFORE_NAME:
        place += 1
    if place >= len(tokens) or not tokens[place].name or text_at(tokens, place + 1) == ".":
        return None
    return tokens[place]


def _common_tables(tokens: Tokens) -> Iterator[str]:
    """Yield the names that WITH gives."""
    for place, token in enumerate(tokens):
        if token.word == "as" and text_at(tokens, place + 1) in ("(", "not", "materialized"):
            before = place - 1
            if text_at(tokens, before) == ")":
                while before > 0 and tokens[before].kind is not Kind.OPEN:
                    before -= 1
                before -= 1
            if before >= 0:
                yield tokens[before].name

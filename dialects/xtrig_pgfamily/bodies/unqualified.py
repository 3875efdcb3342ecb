"""Names of tables and functions that stand in a passage without a schema."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from xtrig.sqltokens import Kind, Token, Tokens, text_at
from xtrig_pgfamily.bodies.passages import Passage, Role
from xtrig_pgfamily.bodies.relations import BEFORE_NAME, relations
from xtrig_pgfamily.builtin import is_function
from xtrig_pgfamily.language import Language

_NO_QUERY = ("revoke", "grant", "fetch", "move", "copy", "alter", "drop", "comment", "raise", "close", "open", "lock")
# Functions that are called without parentheses; in double quotes they are names of tables.
_VALUES = frozenset(
    "current_catalog current_date current_role current_schema current_time current_timestamp current_user localtime "
    "localtimestamp session_user system_user user".split()
)


def unqualified(passage: Passage, language: Language) -> Iterator[Token]:
    """Yield each name of a table or function that the passage uses without its schema and that isn't built in."""
    tokens = passage.tokens
    if passage.command not in _NO_QUERY:
        known = set(_common_tables(tokens))
        for place in relations(tokens):
            token = _bare(tokens, place)
            if token is not None and not _is_found(tokens, place) and token.name not in known | {"dual"}:
                yield token
    called = _called(passage, language)
    if called is not None and not is_function(called.name):
        yield called


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
    while text_at(tokens, place) in BEFORE_NAME:
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


def _bare(tokens: Tokens, place: int) -> Token | None:
    while text_at(tokens, place) in BEFORE_NAME:
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

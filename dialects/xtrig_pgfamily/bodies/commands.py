"""What the tokens of a passage do: calls of built-in functions, settings, writes, changes of the schema."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from xtrig.sqltokens import QUOTED, Kind, Token, Tokens, group, split, text_at
from xtrig_pgfamily.bodies.passages import Passage, Role
from xtrig_pgfamily.bodies.relations import is_update

BUILT_IN_SCHEMA = "pg_catalog"


class Setting(NamedTuple):
    """A parameter that a passage sets, and to what; ``*`` is what is computed.

    ``value`` are the words after the parameter without commas, or the second argument of a call.
    """

    token: Token
    parameter: str
    value: tuple[str, ...]
    is_local: bool
    """Whether it ends with the transaction."""
    is_call: bool = False
    """Whether set_config() sets it."""


def calls(tokens: Tokens, names: Iterable[str]) -> Iterator[int]:
    """Yield where a built-in function of that name is called: bare, or with the schema of built-ins."""
    wanted = frozenset(names)
    for place, token in enumerate(tokens):
        is_bare = text_at(tokens, place - 1) != "." or text_at(tokens, place - 2) == BUILT_IN_SCHEMA
        if is_bare and token.name in wanted and text_at(tokens, place + 1) == "(":
            yield place


def settings(tokens: Tokens) -> Iterator[Setting]:
    """Yield what SET and RESET change if the tokens are one of them, and what set_config() does in them.

    An UPDATE of pg_settings does what set_config() does, by a rule of that view.
    """
    first = text_at(tokens, 0)
    if first in ("set", "reset"):
        place = 2 if text_at(tokens, 1) in ("local", "session") and len(tokens) > 2 else 1
        parameter = tokens[place].name.lower() if place < len(tokens) else ""
        place_of_value = place + 1 + (text_at(tokens, place + 1) in ("=", "to"))
        value = tuple(_value(token) for token in tokens[place_of_value:] if token.kind is not Kind.COMMA)
        yield Setting(tokens[0], parameter or "*", value, text_at(tokens, 1) == "local")
    for place, token in enumerate(tokens):
        if token.name == "pg_settings" and is_update(tokens, _begin(tokens, place)):
            yield Setting(token, "*", ("*",), False, True)
    for place in calls(tokens, ("set_config",)):
        arguments = split(group(tokens, place + 1), ",")
        named, given = (_literal(each) for each in (*arguments, (), ())[:2])
        is_local = len(arguments) == 3 and text_at(arguments[2], 0) in ("true", "'t'")
        yield Setting(tokens[place], named.lower(), (given,), is_local, True)


def _begin(tokens: Tokens, place: int) -> int:
    """Return where the command that a table's name follows begins."""
    while place > 0 and (text_at(tokens, place - 1) in (".", "only", BUILT_IN_SCHEMA)):
        place -= 1
    return max(place - 1, 0)


def _literal(tokens: Tokens) -> str:
    """Return what a literal without escapes says; ``*`` for everything else."""
    if len(tokens) != 1 or tokens[0].kind not in (Kind.LITERAL, Kind.ESCAPE, Kind.DOLLAR):
        return "*"
    is_plain = tokens[0].text[:1] not in "uU" and (tokens[0].kind is not Kind.ESCAPE or "\\" not in tokens[0].text)
    return tokens[0].content if is_plain else "*"


def _value(token: Token) -> str:
    return token.content if token.kind in QUOTED else token.name or token.text


DDL = frozenset(("create", "alter", "drop", "comment", "security", "grant", "revoke", "refresh", "reindex", "import"))
"""First words of commands that change the catalog and that a function may run."""
_WRITING = DDL | frozenset(
    ("insert", "update", "delete", "merge", "truncate", "notify", "analyze", "cluster", "vacuum")
)
_PAIRS = (("insert", "into"), ("delete", "from"), ("merge", "into"))
_ROW_LOCKS = (("for", "update"), ("for", "share"), ("for", "no", "key", "update"), ("for", "key", "share"))
# Each of them refused a login on a standby of 17 and 18; advisory locks, set_config() and RAISE did not.
_WRITING_FUNCTIONS = (
    *("nextval", "setval", "pg_notify", "pg_logical_emit_message", "pg_current_xact_id", "txid_current"),
    *("lo_create", "lo_creat", "lo_unlink", "lo_from_bytea", "lo_put", "lo_import"),
)
_STANDBY_WORDS = ("pg_is_in_recovery", "transaction_read_only", "in_hot_standby")


def is_temporary(passage: Passage) -> bool:
    """Whether it makes or changes something that only the session sees."""
    words = [token.name for token in passage.tokens[:6]]
    return "temp" in words[:3] or "temporary" in words[:3] or "pg_temp" in words


def written(passage: Passage) -> str:
    """Return how to call the write that it does; empty if none is seen."""
    tokens = passage.tokens
    if passage.command in _WRITING:
        return changed(passage) or _called(tokens, 2)
    for place in range(len(tokens)):
        for words in (*_PAIRS, *_ROW_LOCKS):
            if words == tuple(token.word for token in tokens[place : place + len(words)]):
                return " ".join(words).upper()
        if is_update(tokens, place):
            return "UPDATE"
    return next((f"{tokens[place].name}()" for place in calls(tokens, _WRITING_FUNCTIONS)), "")


def changed(passage: Passage) -> str:
    """Return how to call the DDL, GRANT or REVOKE that it is; empty if it is none."""
    if passage.command not in DDL:
        return ""
    if passage.command == "create" and is_temporary(passage):
        return "CREATE TEMP TABLE"
    is_right = passage.command in ("grant", "revoke", "comment")
    return _called(passage.tokens, 1 if is_right else 2)


def tests_standby(passage: Passage, variables: frozenset[str]) -> bool:
    """Whether a condition before it asks for a standby or a read-only session, itself or by one of the variables."""
    return any(
        _is_standby_word(condition, place) or condition[place].name in variables
        for condition in passage.behind
        for place in range(len(condition))
    )


def standby_variables(texts: Iterable[Passage]) -> frozenset[str]:
    """Return the variables that hold whether the server is a standby or the session read-only."""
    return frozenset(_standby_variables(texts)) - {""}


def _standby_variables(texts: Iterable[Passage]) -> Iterator[str]:
    for passage in texts:
        tokens = passage.tokens
        if not any(_is_standby_word(tokens, place) for place in range(len(tokens))):
            continue
        if passage.role is Role.DECLARATION or text_at(tokens, 1) in (":=", "="):
            yield tokens[0].name
        yield from (tokens[place + 1].name for place in range(len(tokens) - 1) if tokens[place].word == "into")


def _is_standby_word(tokens: Tokens, place: int) -> bool:
    token = tokens[place]
    return token.name in _STANDBY_WORDS or (token.kind in QUOTED and token.content.lower() in _STANDBY_WORDS)


def _called(tokens: Tokens, number: int) -> str:
    words = [token.text.upper() for token in tokens[:number] if token.kind is Kind.WORD]
    return " ".join(words)

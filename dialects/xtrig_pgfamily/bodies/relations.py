"""Where a text of SQL or PL/pgSQL names relations, and what it names with a schema."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.sqltokens import Kind, Tokens, significant, text_at, tokens

_NO_FROM = ("extract", "substring", "trim", "overlay", "position", "both", "leading", "trailing")
_ENDS_FROM = frozenset(
    "where group order having limit union except intersect window offset fetch for loop returning set then".split()
)
BEFORE_NAME = ("only", "lateral", "table")
"""Words that may stand between FROM and the name."""
_LOOK_AHEAD = 8


def qualified(text: str) -> Iterator[tuple[str, str]]:
    """Yield schema and name of what a text of SQL or PL/pgSQL may use: relations, functions, operators, types."""
    words = significant(tokens(text))
    used = set(relations(words))
    for place, (schema, dot, token) in enumerate(zip(words, words[1:], words[2:], strict=False)):
        if dot.text != "." or not schema.name:
            continue
        begin = place - 2 * (text_at(words, place - 1) == ".")  # database.schema.name
        before, after = text_at(words, begin - 1), text_at(words, place + 3)
        is_type = before in ("::", "as") or after.startswith("'")
        if token.name and (begin in used or after == "(" or is_type or before in BEFORE_NAME):
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


def relations(tokens: Tokens) -> Iterator[int]:
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


def is_update(tokens: Tokens, place: int) -> bool:
    """Whether UPDATE stands there as a command: neither a lock nor the DO UPDATE of an insert."""
    if tokens[place].word != "update" or text_at(tokens, place - 1) in ("do", "for", "key", "or", "before", "after"):
        return False
    return "set" in [token.word for token in tokens[place + 2 : place + _LOOK_AHEAD]]

"""Dynamic SQL: commands put together from pieces, and which piece is a value that could become code."""

from __future__ import annotations

import re
from collections.abc import Iterator

from xtrig.facts import FACTS, Fact
from xtrig.findings import Check, Finding, Severity
from xtrig.sqltokens import PLACEHOLDER, QUOTED, Kind, Token, Tokens, group, split, text_at
from xtrig_pgfamily.bodies.blocks import Node
from xtrig_pgfamily.bodies.commands import calls
from xtrig_pgfamily.bodies.passages import Passage, Role, passages
from xtrig_pgfamily.bodies.reading import Reading
from xtrig_pgfamily.language import Language

_QUOTING = ("quote_ident", "quote_literal", "quote_nullable")
_HARMLESS_TYPES = frozenset(
    """
    smallint integer int bigint int2 int4 int8 oid numeric boolean bool real number pls_integer
    regclass regproc regprocedure regrole regnamespace regtype
    """.split()
)
# The server made them, and quoted what needs it.
_HARMLESS = frozenset(
    """
    tg_tag tg_event command_tag object_type object_identity table_oid table_pages
    pg_backend_pid inet_client_port inet_server_port
    """.split()
)
_HARMLESS_FACTS = frozenset(
    (Fact.TABLE, Fact.TAG, Fact.COMMAND_TAG, Fact.EVENT, Fact.NATIVE_EVENT, Fact.OBJECT_TYPE, Fact.OBJECT_IDENTITY)
)
_FORMATS = re.compile(r"%(?:%|(?:([0-9]+)\$)?-?[0-9]*([sIL]))")
_JOINING = ("concat", "concat_ws", "coalesce")


def commands(texts: tuple[Passage, ...]) -> Iterator[Tokens]:
    """Yield the expressions that EXECUTE runs, those assigned to the variables it runs, too."""
    variables = set()
    for passage in texts:
        if passage.role is Role.STATEMENT and passage.command == "execute":
            expression = _command(passage.tokens)
            yield expression
            if len(expression) == 1:
                variables.add(expression[0].name)
    for passage in texts:
        if passage.tokens and passage.tokens[0].name in variables - {""}:
            yield _assigned(passage.tokens)


def executed(statement: Tokens, body: tuple[Node, ...]) -> Iterator[tuple[Token, bool]]:
    """Yield the literal with which the command of an EXECUTE begins, and whether it is all of the command.

    A command in a variable is what ``body`` assigns to it.
    """
    expression = _command(statement)
    found = [expression]
    if len(expression) == 1 and expression[0].name:
        named = [each.tokens for each in passages(body) if each.tokens and each.tokens[0].name == expression[0].name]
        found = [_assigned(each) for each in named]
    for each in found:
        start = next((n for n, token in enumerate(each) if token.content or not _opens_command(token)), len(each))
        if start < len(each) and each[start].content:
            yield each[start], len(each) == 1


def _opens_command(token: Token) -> bool:
    return token.kind is Kind.OPEN or token.word in ("format", *_JOINING)


def numbers(texts: tuple[Passage, ...]) -> frozenset[str]:
    """Return the variables whose type holds nothing but numbers and the like."""
    declared = [passage.tokens for passage in texts if passage.role is Role.DECLARATION]
    return frozenset(
        tokens[0].name for tokens in declared if any(token.name in _HARMLESS_TYPES for token in tokens[1:3])
    )


def unquoted(expression: Tokens, harmless: frozenset[str]) -> Iterator[Token]:
    """Yield the first token of each value that becomes part of a command as it is."""
    expression = _bare(expression)
    parts = split(expression, "||")
    if len(parts) == 1:
        yield from _formatted(expression, harmless)
        return
    for part in parts:
        if part and not _is_harmless(part, harmless):
            found = list(unquoted(part, harmless)) if _is_nested(part) else [part[0]]
            yield from found


def _command(tokens: Tokens) -> Tokens:
    start = 2 if text_at(tokens, 1) == "immediate" else 1
    for end in range(start, len(tokens)):
        if tokens[end].word in ("into", "using"):
            return tokens[start:end]
    return tokens[start:]


def _assigned(tokens: Tokens) -> Tokens:
    for place, token in enumerate(tokens[:6]):
        if token.text in (":=", "=") or token.word == "default":
            return tokens[place + 1 :]
    return ()


def _bare(tokens: Tokens) -> Tokens:
    while text_at(tokens, 0) == "(" and len(group(tokens, 0)) == len(tokens) - 2:
        tokens = tokens[1:-1]
    return tokens


def _is_nested(part: Tokens) -> bool:
    return len(_bare(part)) < len(part) or _function(part) in ("format", *_JOINING)


def _function(tokens: Tokens) -> str:
    """Return the function that the tokens are nothing but a call of."""
    for place in calls(tokens, (*_QUOTING, "format", *_JOINING)):
        if place in (0, 2) and place + 3 + len(group(tokens, place + 1)) == len(tokens):
            return tokens[place].name
    return ""


def _arguments(tokens: Tokens) -> list[Tokens]:
    return split(group(tokens, next(place for place, token in enumerate(tokens) if token.text == "(")), ",")


def _formatted(expression: Tokens, harmless: frozenset[str]) -> Iterator[Token]:
    function = _function(expression)
    if function in _JOINING:
        for argument in _arguments(expression):
            if not _is_harmless(argument, harmless):
                yield from unquoted(argument, harmless) if _is_nested(argument) else argument[:1]
    if function != "format":
        return
    text, *values = _arguments(expression)
    yield from unquoted(text, harmless) if len(text) > 1 else ()
    for number in _plain_values(text):
        if number < len(values) and values[number] and not _is_harmless(values[number], harmless):
            yield values[number][0]


def _plain_values(text: Tokens) -> Iterator[int]:
    """Yield the numbers of the values that %s takes as they are."""
    following = 0
    for match in _FORMATS.finditer("".join(token.content for token in text)):
        if match[2]:
            number = int(match[1]) - 1 if match[1] else following
            following = number + 1
            if match[2] == "s":
                yield number


def _is_harmless(part: Tokens, harmless: frozenset[str]) -> bool:
    part = _bare(part)
    if all(token.kind in (*QUOTED, Kind.DOLLAR, Kind.NUMBER) for token in part) or _function(part) in _QUOTING:
        return True
    if _function(part) in (*_JOINING, "format"):
        return not list(_formatted(part, harmless))
    if any(token.text == "::" and text_at(part, place + 1) in _HARMLESS_TYPES for place, token in enumerate(part)):
        return True
    if part[0].word == "cast" and any(token.name in _HARMLESS_TYPES for token in part):
        return True
    if part[0].kind is Kind.PLACEHOLDER:
        return _is_harmless_fact(part[0])
    names = [token.name for token in part if token.name]
    is_name = all(token.name or token.text in (".", "(", ")") for token in part)
    return is_name and bool(names) and (names[-1] in _HARMLESS or names[0] in harmless or names[0] == "dbms_assert")


def _is_harmless_fact(token: Token) -> bool:
    match = PLACEHOLDER.match(token.text)
    name = match[1].strip() if match and match[1] else ""
    fact = Fact(name) if name in list(Fact) else None
    return fact is None or fact in _HARMLESS_FACTS or FACTS[fact].type != "text"


class UnquotedValue(Check[Reading], code="XT306", severity=Severity.WARNING):
    """Dynamic SQL that takes a value unquoted.

    A value that is joined to the text of a command becomes part of the command. Role names hold any character, and a
    client chooses its `application_name`: what stands in them runs with the rights of the function's owner.

    Found are `||`, `concat()` and `%s` of `format()`, in the command itself and in the variable that holds it. Numbers,
    casts such as `::regclass`, `quote_ident()` and its like, `tg_tag` and `object_identity` are fine.

    Remedy: Use `%I` for names and `%L` for values, or pass values with `USING`:

    ```sql
    EXECUTE format('GRANT day_worker TO %I', session_user);
    ```

    Source: Run on PostgreSQL 18: the login of a role named `alice, alice` made `alice` a member. PostgreSQL manual,
    PL/pgSQL, Executing Dynamic Commands.
    """

    def find(self, reading: Reading) -> Iterator[Finding]:
        harmless = numbers(reading.passages)
        found = {
            token.start: token
            for command in commands(reading.passages)
            for token in unquoted(command, harmless)
            if token
        }
        for token in found.values():
            message = f"dynamic SQL takes {token.text} as it is: a role or client named for it runs its own command"
            yield reading.finding(self, token, message, _remedy(reading))


def _remedy(reading: Reading) -> str:
    if reading.language is Language.PLSQL:
        return "wrap it in pg_catalog.quote_ident() or pg_catalog.quote_literal()"
    return "use EXECUTE format() with %I for names and %L for values"

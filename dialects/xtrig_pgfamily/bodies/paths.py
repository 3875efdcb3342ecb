"""Where a hand-written text changes how later names and literals in it are understood, and whether something follows.

What can run afterwards is asked of the nested statements: another branch cannot, the same loop can. A block that ends
in an error takes the change back with it, so its handlers come before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from xtrig.handwritten import HandWritten
from xtrig.sqltokens import QUOTED, Kind, Token, Tokens, group, significant, text_at, tokens
from xtrig_pgfamily.bodies.blocks import Block, Choice, Loop, Node, Simple, read_body, read_statements
from xtrig_pgfamily.bodies.commands import BUILT_IN_SCHEMA, Setting, calls, settings
from xtrig_pgfamily.bodies.dynamic import executed
from xtrig_pgfamily.checks.settings import NAMES_CHANGE, following
from xtrig_pgfamily.words import listed_names

PINNED = frozenset((BUILT_IN_SCHEMA, "pg_temp", ""))
"""What a search_path may hold in which nobody else creates anything; an empty name is no schema."""
_IDLE = ("", "null", "set", "reset")
_LEAVES = ("return", "exit", "continue")
_WRITES = frozenset(("insert", "update", "delete", "merge"))


class PathChange(NamedTuple):
    """A search_path that a text sets, or a parameter that does as much, while something else is still to run."""

    token: Token
    names: tuple[str, ...] | None
    """The schemas; None where they are known at run time alone, or are the user's to choose."""


def path_changes(nodes: tuple[Node, ...], is_followed: bool = False) -> Iterator[PathChange]:
    """Yield the changes after which something runs that depends on them; ``is_followed``: also after the text."""
    yield from _changes(nodes, nodes, is_followed)


def looked_up(text: HandWritten) -> Iterator[tuple[str, str]]:
    """Yield schema and name of what the words of a text may mean in the schemas that it looks in, operators too."""
    schemas = sorted(_looked_in(text))
    texts = [text.text] if schemas else []
    while texts:
        for token in significant(tokens(texts.pop())):
            word = token.name or (token.text if token.kind is Kind.OPERATOR else "")
            yield from ((schema, word) for schema in schemas if word)
            texts += [token.content] if token.content else []


def _looked_in(text: HandWritten) -> frozenset[str]:
    """Return the schemas in which a text or its function looks for names, but those that hold nothing of others."""
    given = text.function.settings or {}
    paths = [fixed(value) for parameter, value in given.items() if parameter.lower() == "search_path"]
    read = read_body if text.is_body else read_statements
    nodes = read(tokens(text.text, placeholders=not text.is_body))
    paths += [each.names for each in path_changes(nodes, steps_follow(text))]
    return frozenset(name for names in paths for name in names or ()) - PINNED


def steps_follow(text: HandWritten) -> bool:
    """Whether something else of a rendered function comes after an ``sql:`` step.

    Where errors are caught, deferred constraints are checked after it, and their triggers run with the owner's rights.
    """
    if text.is_body:
        return False
    is_checked = any(event.is_session for event in text.events) and text.function.policies.on_error == "allow"
    return is_checked or bool(following(text.function, text.path))


def fixed(path: str) -> tuple[str, ...] | None:
    """Return the schemas of a search_path, None if a name in it stands for another one at each login."""
    names = listed_names(path)
    return None if "$user" in names else names


def is_pinned(names: tuple[str, ...] | None, *, is_session: bool) -> bool:
    """Whether nobody else can put anything into the schemas of a path.

    Where pg_temp is not named, PostgreSQL looks for relations and types there first; a session that begins has nothing
    in it.
    """
    return names is not None and PINNED.issuperset(names) and has_temporary_last(names, is_session=is_session)


def has_temporary_last(names: tuple[str, ...], *, is_session: bool) -> bool:
    """Whether no temporary table or type of the user's is found in place of another."""
    return names[-1:] == ("pg_temp",) or (is_session and "pg_temp" not in names)


def _changes(nodes: tuple[Node, ...], whole: tuple[Node, ...], is_followed: bool) -> Iterator[PathChange]:
    for number, node in enumerate(nodes):
        after = _goes_on(nodes[number + 1 :], is_followed)
        match node:
            case Simple(tokens=words):
                yield from _of_statement(words, whole, after)
            case Choice(head=head, clauses=clauses):
                for words in (head, *(clause.condition for clause in clauses)):
                    yield from _of_words(words)
                for clause in clauses:
                    yield from _changes(clause.body, whole, after)
            case Loop(head=head, body=body):
                yield from _of_words(head)
                yield from _changes(body, whole, True)
            case Block(declarations=declarations, body=body, handlers=handlers):
                for words in declarations:
                    yield from _of_words(words)
                yield from _changes(body, whole, after)
                for handler in handlers:
                    yield from _changes(handler.body, whole, after)


def _of_statement(words: Tokens, whole: tuple[Node, ...], is_followed: bool) -> Iterator[PathChange]:
    first = words[0].word if words else ""
    if first == "do":
        for token in words[1:]:
            if token.content:
                inner = tuple(each._replace(start=token.start) for each in significant(tokens(token.content)))
                yield from path_changes(read_body(inner), is_followed)
    elif first == "execute":
        for text, is_whole in executed(words, whole):
            inner = tuple(each._replace(start=text.start) for each in significant(tokens(text.content)))
            for change in _of_words(inner) if is_followed or _goes_on_in(inner) else ():
                yield change if is_whole else change._replace(names=None)
    if is_followed or _goes_on_in(words):
        yield from _of_words(words)


def _of_words(words: Tokens) -> Iterator[PathChange]:
    for setting in settings(words):
        if setting.parameter in NAMES_CHANGE:
            if setting.parameter == "standard_conforming_strings" and setting.value[-1:] == ("on",):
                continue
            yield PathChange(setting.token, _names(setting))


def _names(setting: Setting) -> tuple[str, ...] | None:
    if setting.token.word == "reset" or setting.parameter not in ("search_path", "schema"):
        return None
    if setting.is_call:
        return None if setting.value == ("*",) else fixed(setting.value[0])
    is_computed = not setting.value or not {"$user", "default", "%"}.isdisjoint(setting.value)
    return None if is_computed else setting.value


def _goes_on(rest: tuple[Node, ...], is_followed: bool) -> bool:
    """Whether a name is looked up later: by one of the statements, or by what is after them."""
    for node in rest:
        if isinstance(node, Simple):
            first = node.tokens[0].word if node.tokens else ""
            if first in _LEAVES and len(node.tokens) == 1:
                return is_followed and first != "return"
            if _is_idle(node.tokens):
                continue
        return True
    return is_followed


def _is_idle(words: Tokens) -> bool:
    first = words[0].word if words else ""
    if first in _IDLE and text_at(words, 1) not in (":=", "=", ".", "["):
        return not words or first != ""
    is_literal = [token.kind in (*QUOTED, Kind.NUMBER) or token.word in ("true", "false") for token in words]
    if first == "raise":
        return is_literal[2:] == [True]
    # A call that names its schema looks nothing up but the types of its literals, which are built in.
    is_builtin = [token.text.lower() for token in words[1:5]] == [BUILT_IN_SCHEMA, ".", "set_config", "("]
    return first == "perform" and is_builtin and is_literal[5::2] == [True] * 3 and len(words) == 11


def _goes_on_in(words: Tokens) -> bool:
    """Whether the statement that changes it may itself run more text: what it writes to, or calls besides."""
    if _WRITES.intersection(token.word for token in words):
        return True
    within = [range(place, place + 2 + len(group(words, place + 1))) for place in calls(words, ("set_config",))]
    called = [place for place in range(len(words)) if text_at(words, place + 1) == "("]
    strange = [each for each in called if text_at(words, each - 1) == "." and not any(each in part for part in within)]
    return bool(within and strange)

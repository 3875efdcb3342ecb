"""Concatenated texts: messages of RAISE, and commands of EXECUTE."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from xtrig.plugin import Fact
from xtrig_pgfamily.reading.parser import Unparsed
from xtrig_pgfamily.reading.tokens import Tokens, call, fact_token, split, string, words

_RAISE_PLACEHOLDER = re.compile(r"%%|%")
_FORMAT_PLACEHOLDER = re.compile(r"%%|%[sIL]")
# A message needs no cast to text.
_AS_TEXT = {f"{fact_token(Fact.TABLE_OID).word} :: regclass": Fact.TABLE}
_QUOTE = "quote_ident"
ARGUMENT = "xtrig_argument_"
"""The prefix of the words that replace expressions in a command."""

Part = str | Tokens
"""A piece of plain text, or an expression."""


def escaped(text: str) -> str:
    """Return plain text as part of a message of a definition."""
    return text.replace("${", "$${")


def raised(text: str, arguments: Sequence[Tokens], meant: Mapping[str, Fact]) -> str:
    """Return the message of ``RAISE 'text', arguments``; see :func:`message`."""
    return _message(_placed(text, _RAISE_PLACEHOLDER, arguments), meant)


def message(found: Tokens, meant: Mapping[str, Fact]) -> str:
    """Return a text expression as a message; raises :class:`Unparsed` if it is more than text and facts.

    ``meant``: the constants among the arguments of format() that stand for a fact.
    """
    return _message(parts(found), meant)


def parts(found: Tokens) -> list[Part]:
    """Return a text expression as its pieces: literals, concatenations and format()."""
    arguments = call(found, "format")
    if arguments is not None:
        text = string(arguments[0])
        if text is None:
            raise Unparsed("format() of a text that is not written out")
        return _placed(text, _FORMAT_PLACEHOLDER, arguments[1:])
    pieces = split(found, "||")
    if len(pieces) > 1:
        return [part for piece in pieces for part in parts(piece)]
    text = string(found)
    return [found if text is None else text]


def command(found: Tokens, name: Callable[[str], str]) -> tuple[str, dict[str, Tokens]]:
    """Return the text of a concatenated command, with a word for each expression, and the expressions by word.

    A constant is written into the text; ``name`` quotes it as an identifier.
    """
    arguments: dict[str, Tokens] = {}
    text = ""
    for part in parts(found):
        if isinstance(part, str):
            text += part
            continue
        quoted = call(part, _QUOTE)
        inner = quoted[0] if quoted else part
        constant = string(inner)
        if constant is not None:
            text += name(constant)
        else:
            word = f"{ARGUMENT}{len(arguments)}_"
            arguments[word] = inner
            text += word
    return text, arguments


def _placed(text: str, placeholder: re.Pattern[str], arguments: Sequence[Tokens]) -> list[Part]:
    """Return the parts of a text, with the arguments in place of its placeholders."""
    waiting = list(arguments)
    found: list[Part] = []
    start = 0
    for match in placeholder.finditer(text):
        found.append(text[start : match.start()] + ("%" if match[0] == "%%" else ""))
        start = match.end()
        if match[0] != "%%":
            if not waiting:
                raise Unparsed(f"{text!r} has more placeholders than arguments")
            found.append(waiting.pop(0))
    found.append(text[start:])
    if waiting:
        raise Unparsed(f"{text!r} has fewer placeholders than arguments")
    return found


def _message(found: Iterable[Part], meant: Mapping[str, Fact]) -> str:
    text = ""
    for part in found:
        text += escaped(part) if isinstance(part, str) else _said(part, meant)
    if not text:
        raise Unparsed("a message is empty")
    return text


def _said(found: Tokens, meant: Mapping[str, Fact]) -> str:
    if len(found) == 1 and found[0].word in meant:
        return fact_token(meant[found[0].word]).text
    constant = string(found)
    if constant is not None:
        return escaped(constant)
    if len(found) == 1 and found[0].fact:
        return found[0].text
    if len(found) == 1 and found[0].word.isdigit():
        return found[0].word
    fact = _AS_TEXT.get(words(found))
    if fact is None:
        raise Unparsed(f"a message holds {words(found)!r}, which is no session fact")
    return fact_token(fact).text

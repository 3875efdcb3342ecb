"""PL/SQL units in a script, of a fork that takes Oracle's language: finding them, translating bodies to plpgsql.

There is no parser of PL/SQL that could be shipped. PostgreSQL's scanner reads its tokens, and a unit ends with its
outermost block. A translated body keeps its lines, so that one reader serves both languages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from xtrig_pgfamily.reading.parser import COMMENTS, Lines, SyntaxProblem, postgast

_OPENING = frozenset(("begin", "case", "if", "loop"))


@dataclass(frozen=True, slots=True)
class Word:
    """A token with its place in bytes."""

    word: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Unit:
    """A function or a system trigger: all its tokens, from CREATE to the last semicolon."""

    words: tuple[Word, ...]
    body: int
    """The token after IS, or the DECLARE or BEGIN of a trigger."""
    last: int
    """The token END of the outermost block."""

    @property
    def is_trigger(self) -> bool:
        """Whether it is a system trigger."""
        return "trigger" in (each.word for each in self.words[1:4])


@dataclass(frozen=True, slots=True)
class Source:
    """A script in bytes, with its lines."""

    encoded: bytes
    lines: Lines

    def text(self, words: Sequence[Word]) -> str:
        """Return the text from the first of some tokens to the last."""
        return self.encoded[words[0].start : words[-1].end].decode()


def scan(text: str) -> list[Word]:
    """Return the tokens of ``text`` without comments; raises SyntaxProblem."""
    encoded = text.encode()
    try:
        scanned = postgast.scan(text).tokens
    except postgast.PgQueryError as error:
        raise SyntaxProblem(error.message, Lines(text).line(max(error.cursorpos - 1, 0))) from None
    return [
        Word(_word(encoded[each.start : each.end].decode()), each.start, each.end)
        for each in scanned
        if each.token not in COMMENTS
    ]


def units(words: Sequence[Word]) -> Iterator[Unit]:
    """Yield the PL/SQL units of a script, in order."""
    position = 0
    while position < len(words):
        is_first = position == 0 or words[position - 1].word in (";", "/")
        body = _body(words, position) if is_first and words[position].word == "create" else None
        last = None if body is None else _end(words, body)
        if body is None or last is None:
            position += 1
            continue
        stop = next((n for n in range(last, len(words)) if words[n].word == ";"), len(words) - 1)
        yield Unit(tuple(words[position : stop + 1]), body - position, last - position)
        position = stop + 1


def _body(words: Sequence[Word], start: int) -> int | None:
    """Return where the body of a PL/SQL unit that begins at ``start`` begins, or None for another statement."""
    named = [each.word for each in words[start + 1 : start + 4]]
    kind = named[2:] if named[:2] == ["or", "replace"] else named[:1]
    if kind not in (["function"], ["trigger"]):
        return None
    for position in range(start + 1, len(words)):
        word = words[position].word
        if word == ";" or word in ("language", "execute", "returns"):
            return None
        if kind == ["function"] and word in ("is", "as"):
            return position + 1
        if kind == ["trigger"] and word in ("declare", "begin"):
            return position
    return None


def _end(words: Sequence[Word], start: int) -> int | None:
    """Return the position of the END of the outermost block."""
    depth = 0
    position = start
    while position < len(words):
        word = words[position].word
        if word == "end":
            depth -= 1
            if depth == 0:
                return position
            if position + 1 < len(words) and words[position + 1].word in _OPENING:
                position += 1
        elif word in _OPENING:
            depth += 1
        position += 1
    return None


def _word(text: str) -> str:
    return text if text[:1] in "'\"" else text.lower()


_STATEMENT_STARTS = frozenset((";", "begin", "then", "else", "loop"))
_STATEMENTS = frozenset(
    """
    begin case close commit continue declare delete else elsif end execute exception exit fetch for forall goto if
    insert loop merge null open pipe raise return rollback savepoint select set update when while with perform
    """.split()
)


def body_text(unit: Unit, source: bytes) -> str:
    """Return the text of a unit's body as it stands, to its last END."""
    return source[unit.words[unit.body].start : unit.words[unit.last].end].decode()


def as_plpgsql(unit: Unit, source: bytes, types: Mapping[str, str]) -> str:
    """Return a unit's body as plpgsql on the same lines; ``types`` are those of the declarations, by the vendor's."""
    words = unit.words[unit.body : unit.last + 1]
    first = next((n for n, word in enumerate(words) if word.word == "begin"), 0)
    pieces = [] if words[0].word == "declare" else ["DECLARE "]
    end = words[0].start
    for position, word in enumerate(words):
        pieces.append(source[end : word.start].decode())
        text = source[word.start : word.end].decode()
        before = words[position - 1].word if position else ""
        if before == "execute" and word.word == "immediate":
            text = ""
        elif 0 < position < first and word.word in types and before not in (";", "declare"):
            text = types[word.word]
        elif before in _STATEMENT_STARTS and _is_call(words, position):
            text = f"CALL {text}"
        pieces.append(text)
        end = word.end
    return "".join(pieces)


def _is_call(words: tuple[Word, ...], position: int) -> bool:
    if words[position].word in _STATEMENTS:
        return False
    while position + 2 < len(words) and words[position + 1].word == ".":
        position += 2
    return position + 1 < len(words) and words[position + 1].word == "("


def write(text: bytearray, word: Word, new: str) -> None:
    """Put a word that is no longer in the place of another."""
    text[word.start : word.end] = new.encode().ljust(word.end - word.start)


def blank(text: bytearray, start: int, end: int) -> None:
    """Overwrite with spaces; lines stay."""
    text[start:end] = bytes(byte if byte == 10 else 32 for byte in text[start:end])

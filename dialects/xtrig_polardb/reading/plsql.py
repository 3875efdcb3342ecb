"""PL/SQL to the plpgsql that means the same, line for line, so that one reader does for both."""

from __future__ import annotations

from xtrig_polardb.reading.units import Unit, Word

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


def as_plpgsql(unit: Unit, source: bytes) -> str:
    """Return a unit's body as plpgsql on the same lines."""
    words = unit.words[unit.body : unit.last + 1]
    pieces = [] if words[0].word == "declare" else ["DECLARE "]
    end = words[0].start
    for position, word in enumerate(words):
        pieces.append(source[end : word.start].decode())
        text = source[word.start : word.end].decode()
        before = words[position - 1].word if position else ""
        if before == "execute" and word.word == "immediate":
            text = ""
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

"""Any text can be cut into tokens, and where PostgreSQL's scanner can cut it, it cuts at the same places."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st
from pglast import scan
from pglast.parser import ParseError

from tests.properties.strategies import expressions, texts
from xtrig.sqltokens import QUOTED, Kind, Token, tokens
from xtrig_pgfamily.bodies.blocks import read_body, read_statements

TRIES = settings.default.max_examples * 10
_WORDS = st.sampled_from(
    """
    begin end if then else elsif case when loop for while declare exception procedure is as others do
    a b ; ; ; ( ) , << >> := = $$ ' " -- /* */ execute 'x' $$b;$$
    """.split()
)
bodies = st.lists(st.one_of(_WORDS, _WORDS, expressions), max_size=30).map(" ".join)
fragments = st.one_of(expressions, texts, bodies)


def theirs(text: str) -> list[str] | None:
    """Return the tokens of PostgreSQL, or None where it refuses the text."""
    try:
        return [text[token.start : token.end + 1] for token in scan(text)]
    except ParseError:
        return None


def ours(text: str) -> list[str]:
    """Return our tokens; literals that continue on another line are one for PostgreSQL."""
    found: list[str] = []
    before: Token | None = None
    place = 0
    for token in tokens(text):
        if token.kind is Kind.SPACE:
            continue
        if before and before.kind in QUOTED and token.kind is before.kind and token.text.startswith("'"):
            between = text[before.start + len(before.text) : token.start]
            if "\n" in between or "\r" in between:
                # PostgreSQL takes a comment to the end of the line for a part of what stands between the two.
                found[place:] = [found[place] + between + token.text]
                before = token
                continue
        found.append(token.text)
        if not (token.kind is Kind.COMMENT and token.text.startswith("--")):
            before, place = token, len(found) - 1
    return found


@settings(max_examples=TRIES)
@example("a$$b$$", False, True)
@given(fragments, st.booleans(), st.booleans())
def test_tokens_together_are_the_text(text: str, placeholders: bool, plsql: bool):
    found = list(tokens(text, placeholders=placeholders, plsql=plsql))
    assert "".join(token.text for token in found) == text
    assert all(text.startswith(token.text, token.start) for token in found)
    assert all(token.text and token.closed for token in found[:-1])


@settings(max_examples=TRIES)
@example("x'a''b'")
@example("E'a'\n'\\''")
@example("U&'a'\r'b'")
@example("E''--\n''")
@given(fragments)
def test_tokens_are_those_of_postgresql(text: str):
    expected = theirs(text)
    if expected is not None:
        assert ours(text) == expected


@settings(max_examples=TRIES)
@given(fragments)
def test_every_text_can_be_read(text: str):
    read_body(tokens(text))
    read_statements(tokens(text, plsql=True))

"""Hostile names, texts and expressions."""

from __future__ import annotations

from hypothesis import strategies as st

SPECIAL = [
    *("select", "user", "end", "begin", "User", "ALL", "public", "rem", "REM", "_x", "x_", "1a", "a b"),
    *("$$", "$xtrig$", "$xtrig", "xtrig$", "%", "%s", "%I", ":x", "::", "${tag}", "$${", "$1", "?", "{}"),
    *("'", '"', "''", '""', "\\", "\\'", "E'", "--", "/*", "*/", ";", "(", ")", ".", "a.b", ",", "`"),
    *("\n", "\r", "\t", "\nREM x", "\n--", " ", "é", "ß", "😀", "\u2028", "\u00a0", "\u202e", "İ", "ﬁ", "\x01"),
]
"""What some reader of SQL takes for something else than text."""

_CHARACTERS = st.characters(exclude_categories=("Cs",), exclude_characters="\0")
texts = st.lists(st.one_of(st.sampled_from(SPECIAL), st.text(_CHARACTERS, max_size=5)), max_size=8).map("".join)
"""Any text a server can store."""


def _cut(text: str) -> str:
    return text.encode()[:63].decode(errors="ignore")


names = st.one_of(st.sampled_from(SPECIAL), texts).map(_cut).filter(bool)
"""Any identifier of 1 to 63 bytes."""

edge_names = st.sampled_from(["é" * 31 + "x", "x" * 63, '"' * 63, "\\" * 63, "$" * 63])

_SOUP = st.lists(
    st.sampled_from(
        [
            *("'", "''", '"', "\\", "\\'", "\\\\", ";", "--", "/*", "*/", "$$", "$a$", "$é$", "$", "(", ")", "]"),
            *("drop table t", "${login_user}", "$${", "\n", "\r", " ", "E'", "é", "a", ","),
        ]
    ),
    max_size=6,
).map("".join)
_LITERALS = st.one_of(
    st.tuples(
        st.sampled_from(["'", "E'", "e'", "U&'", "N'", "B'", "X'", "xE'", "_e'", "éE'", "1E'", "$E'", "q'"]),
        _SOUP.map(lambda soup: soup.replace("'", "''")),
    ).map(lambda parts: f"{parts[0]}{parts[1]}'"),
    st.tuples(st.sampled_from(["E'", "e'", "xE'", "'"]), _SOUP).map(lambda parts: f"{parts[0]}{parts[1]}'"),
    st.tuples(st.sampled_from(['"', 'U&"']), _SOUP.map(lambda soup: soup.replace('"', '""'))).map(
        lambda parts: f'{parts[0]}{parts[1]}"'
    ),
)
_PIECES = st.one_of(
    _LITERALS,
    _LITERALS,
    st.sampled_from(
        [
            *(
                "1",
                "a",
                "E",
                "e",
                "_",
                "é",
                "a$b",
                "$",
                "$1",
                "$é",
                "(",
                ")",
                "[",
                "]",
                "(1)",
                "(a, b)",
                "||",
                "=",
                "<",
            ),
            *(" ", "\n", "\r", "\t", "\f", "\v", "\u00a0", "\u2028", "-", "/", "*", "@", "::text", "is null"),
            *("${login_user}", "${event}", "$${", "{", "}", "UESCAPE", "and", "case when", "then", "end", "\\"),
            *("$$", "$a$", "$é$", "$a€$", "$😀", "--", "/*", "*/", ";", "'", '"', ",", "drop table t"),
        ]
    ),
)
expressions = st.lists(_PIECES, min_size=1, max_size=7).map("".join)
"""What may look like an SQL expression, and often is none."""

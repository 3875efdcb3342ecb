"""SQL text as tokens."""

from __future__ import annotations

import pytest

from xtrig.sqltokens import Kind, Token, tokens


def cut(text: str, **options: bool) -> list[tuple[str, str]]:
    found = tokens(text, **options)
    return [(token.kind.value, token.text) for token in found if token.kind is not Kind.SPACE]


def only(text: str, **options: bool) -> Token:
    (token,) = tokens(text, **options)
    return token


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("-- a ; 'b\r", None),
        ("-- a ; 'b", Kind.COMMENT),
        ("/* a /* b */ ; */", Kind.COMMENT),
        ("'it''s ; --'", Kind.LITERAL),
        ("'back\\'", Kind.LITERAL),
        ("E'it\\'s'", Kind.ESCAPE),
        ("U&'d\\0061t'", Kind.LITERAL),
        ("x'1f'", Kind.BITS),
        ('"A ""b"" ;"', Kind.IDENTIFIER),
        ('U&"d\\0061t"', Kind.IDENTIFIER),
        ("$$ ' -- ; $a$ $$", Kind.DOLLAR),
        ("$é1$ $$ $é1$", Kind.DOLLAR),
        ("a$b", Kind.WORD),
        ("größe", Kind.WORD),
        ("1_000.5e-3", Kind.NUMBER),
        ("0xFF", Kind.NUMBER),
        ("$1", Kind.PARAMETER),
        ("<->", Kind.OPERATOR),
        ("::", Kind.OPERATOR),
        (":=", Kind.OPERATOR),
    ],
)
def test_one_token(text: str, kind: Kind | None):
    found = list(tokens(text))
    assert [token.kind for token in found] == ([kind] if kind else [Kind.COMMENT, Kind.SPACE])
    assert all(token.closed for token in found)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a=-1", ["a", "=", "-", "1"]),
        ("a@-b", ["a", "@-", "b"]),
        ("1..3", ["1", "..", "3"]),
        ("a*--b", ["a", "*", "--b"]),
        ("a.b::c", ["a", ".", "b", "::", "c"]),
        ("N'a'", ["N", "'a'"]),
        ("x'a''b'", ["x'a'", "'b'"]),
        ("f($1,x)", ["f", "(", "$1", ",", "x", ")"]),
    ],
)
def test_tokens_side_by_side(text: str, parts: list[str]):
    assert [text for _, text in cut(text)] == parts


def test_a_literal_on_a_later_line_is_read_as_the_first_was():
    assert cut("E'a' -- x\n '\\'; b'")[2] == ("escape", "'\\'; b'")
    assert cut("E'a' '\\'; b'")[1] == ("literal", "'\\'")
    assert cut("'a'\n'\\'; b")[1] == ("literal", "'\\'")


@pytest.mark.parametrize("text", ["'a", "E'a\\'", '"a', "$$a", "/* a /* b */", "'a'''' b"])
def test_what_is_not_closed_says_so(text: str):
    *_, last = tokens(text)
    assert not last.closed
    assert text.endswith(last.text)


def test_placeholders_are_tokens_only_where_asked_for():
    assert cut("${tag} $${", placeholders=True) == [("placeholder", "${tag}"), ("placeholder", "$${")]
    assert cut("${tag}")[:2] == [("other", "$"), ("other", "{")]
    assert cut("$${a}$$") == [("dollar", "$${a}$$")]


def test_plsql_has_quotes_of_its_own_and_comments_that_do_not_nest():
    assert cut("q'[it's]' Q'!a!' nq'{b}'", plsql=True) == [
        ("literal", "q'[it's]'"),
        ("literal", "Q'!a!'"),
        ("literal", "nq'{b}'"),
    ]
    assert cut("/* /* */ a", plsql=True) == [("comment", "/* /* */"), ("word", "a")]


@pytest.mark.parametrize(
    ("text", "name", "content"),
    [
        ("Abc", "abc", ""),
        ('"Abc"', "Abc", ""),
        ('"A""b"', 'A"b', ""),
        ("'it''s'", "", "it's"),
        ("E'it\\'s'", "", "it's"),
        ("$a$x$a$", "", "x"),
        ("$$x", "", "x"),
        ("1", "", ""),
    ],
)
def test_what_a_token_stands_for(text: str, name: str, content: str):
    assert (only(text).name, only(text).content) == (name, content)


def test_a_quoted_name_is_no_keyword():
    assert only('"select"').word == ""
    assert only("SELECT").word == "select"

"""Quoting: the one module that turns user's text into SQL text."""

from __future__ import annotations

import pytest

from xtrig.sqltext import dollar_quoted, identifier, layout, literal, one_line, quoted

RESERVED = frozenset({"select"})


@pytest.mark.parametrize("name", ["a", "_a", "a1", "users_log"])
def test_a_plain_name_stays_unquoted(name: str):
    assert identifier(name, RESERVED) == name


@pytest.mark.parametrize(
    ("name", "quoted"),
    [
        ("select", '"select"'),
        ("User", '"User"'),
        ("1a", '"1a"'),
        ("a b", '"a b"'),
        ('a"b', '"a""b"'),
        ('"', '""""'),
        ("a.b", '"a.b"'),
        ("a$b", '"a$b"'),
        ("é", '"é"'),
        ("a\n", '"a\n"'),
        ("a\\", '"a\\"'),
    ],
)
def test_any_other_name_is_quoted(name: str, quoted: str):
    assert identifier(name, RESERVED) == quoted


@pytest.mark.parametrize(
    ("marks", "written"),
    [((), '"a`b]c""d"'), (("`",), '`a``b]c"d`'), (("[", "]"), '[a`b]]c"d]')],
)
def test_a_name_stands_in_the_quotes_of_its_vendor(marks: tuple[str, ...], written: str):
    assert quoted('a`b]c"d', *marks) == written


@pytest.mark.parametrize("name", ["", "a\0b"])
def test_what_no_server_stores_is_no_name(name: str):
    with pytest.raises(ValueError, match="cannot be a name"):
        identifier(name, RESERVED)
    with pytest.raises(ValueError, match="cannot be a name"):
        quoted(name, "`")


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("", "''"),
        ("it's", "'it''s'"),
        ("''", "''''''"),
        ("a\\b", "E'a\\\\b'"),
        ("\\'", "E'\\\\'''"),
        ("100% :x $1\n", "'100% :x $1\n'"),
    ],
)
def test_a_literal_means_its_text_under_any_setting(text: str, quoted: str):
    assert literal(text) == quoted


def test_a_literal_for_plsql_knows_no_backslash_escapes():
    assert literal("a\\'b", backslash_escapes=False) == "'a\\''b'"


def test_a_literal_holds_no_nul():
    with pytest.raises(ValueError, match="NUL"):
        literal("a\0")


@pytest.mark.parametrize(
    ("body", "tag"),
    [
        ("", "xtrig"),
        ("a", "xtrig"),
        ("$$", "xtrig"),
        ("$", "xtrig"),
        ("a $xtrig$ b", "xtrig1"),
        ("$xtrig$ $xtrig1$", "xtrig2"),
        ("a $xtrig", "xtrig1"),
        ("$xtrig1$ $xtrig", "xtrig2"),
        ("$xtrig1", "xtrig"),
        ("xtrig$", "xtrig"),
    ],
)
def test_the_first_quote_that_cannot_close_early_is_used(body: str, tag: str):
    assert dollar_quoted(body) == f"${tag}${body}${tag}$"


def test_a_body_that_ends_in_part_of_its_quote_ends_where_it_ends():
    assert dollar_quoted("a$t", tag="t") == "$t1$a$t$t1$"


@pytest.mark.parametrize("char", ["\n", "\r", "\t", "\0", "\u2028", "\u2029", "\x85", "\u202e"])
def test_a_comment_is_one_line_without_controls(char: str):
    assert one_line(f"a{char}b é 😀") == "a b é 😀"


def test_a_nested_list_is_one_level_deeper():
    assert layout(["a", ["b", ["c"], ""], "d"]) == "a\n    b\n        c\n\nd"


def test_newlines_inside_a_line_are_data():
    assert layout([["'a\nb'"]]) == "    'a\nb'"

"""What in a script is for psql: lines with a backslash, and the rows of COPY."""

from __future__ import annotations

import pytest

from xtrig_pgfamily.reading.psql_lines import without_psql_lines


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("\\restrict abc'd\nSELECT 1;\n", ["\\restrict abc'd"]),
        ("SELECT 1;\n  \\echo don't\n", ["\\echo don't"]),
        ("SELECT 'a\n\\c b\n';\n", []),
        ('SELECT "a\n\\c b\n";\n', []),
        ("SELECT E'a\\'\n\\c b\n';\n", []),
        ("/* /* \\c */\n\\c b\n*/\n", []),
        ("-- it's\n\\c b\n", ["\\c b"]),
        ("CREATE FUNCTION f() AS $$\n\\c b\n$$;\n", []),
        ("CREATE FUNCTION f() AS $a$\n$$\n\\c b\n$a$;\n\\c d\n", ["\\c d"]),
        ("SELECT a$b$c;\n\\c b\n", ["\\c b"]),
        ("COPY t (a) FROM stdin;\n1\tdon't\n\\N\n\\.\nSELECT 1;\n", ["COPY t (a) FROM stdin;"]),
        ("COPY t FROM stdin;\n1\tno end", ["COPY t FROM stdin;"]),
        ("COPY t FROM '/tmp/x';\n", []),
        ("\\\n", []),
        ("SELECT '", []),
    ],
)
def test_a_line_is_found_outside_of_texts_alone(text: str, found: list[str]) -> None:
    rest, lines = without_psql_lines(text)
    assert [each.text for each in lines] == found
    assert rest.count("\n") == text.count("\n")
    assert rest == text or found


def test_many_lines_take_no_longer_than_few() -> None:
    text = "SELECT $a$\n" + "\\c x\n" * 200_000 + "$a$;\n"
    assert without_psql_lines(text) == (text, [])

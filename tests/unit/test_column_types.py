"""Column types of a definition in the words of a vendor."""

from __future__ import annotations

import pytest

from xtrig.dialect.capability import translated_type

TYPES = {
    "integer": "INT32",
    "timestamptz": "MOMENT",
    "varchar()": "VARTEXT({})",
    "numeric()": "DECIMAL({})",
    "text": "LONGTEXT",
    "text[]": "LIST",
}


@pytest.mark.parametrize(
    ("wanted", "written"),
    [
        ("integer", "INT32"),
        ("INT4", "INT32"),
        ("timestamp with time zone", "MOMENT"),
        ("character varying(64)", "VARTEXT(64)"),
        ("decimal(10, 2)", "DECIMAL(10, 2)"),
        ("text[]", "LIST"),
    ],
)
def test_a_type_that_is_declared_is_translated(wanted: str, written: str) -> None:
    assert translated_type(TYPES, wanted) == written


@pytest.mark.parametrize(
    "wanted",
    ["varchar", "text(5)", "integer[]", "timestamp", "timestamptz(3)", "app.status", "interval"],
)
def test_any_other_type_is_none_of_the_vendor(wanted: str) -> None:
    """A size that the vendor cannot keep, or the lack of one that it needs, makes another type."""
    assert translated_type(TYPES, wanted) is None

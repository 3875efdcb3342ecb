"""The page of traps holds each of them, and names only codes and tests that exist."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from xtrig.findings import OWN_CODES

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "traps.md"
TEST = re.compile(r"`(tests/[\w/]+\.py)(?:::(test_\w+))?`")
SHIPPED = {"PostgreSQL", "PolarDB", "PolarDB-Oracle", "Firebird", "MariaDB", "Oracle"}


@dataclass(frozen=True)
class Row:
    """A line of the table."""

    number: int
    trap: str
    concerns: str
    answer: str
    shown: str


def table() -> list[Row]:
    lines = re.findall(r"^\| (\d+) \| (.*) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    return [Row(int(number), *rest.split(" | ")) for number, rest in lines]


ROWS = table()


def test_each_of_the_44_traps_has_a_row() -> None:
    assert [row.number for row in ROWS] == list(range(1, 45))
    assert all(cell.strip() for row in ROWS for cell in (row.trap, row.concerns, row.answer, row.shown))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row.number))
def test_a_row_names_codes_that_exist(row: Row) -> None:
    assert set(re.findall(r"XT\d{3}", row.answer)) <= OWN_CODES


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row.number))
def test_a_row_names_tests_that_exist(row: Row) -> None:
    tests = TEST.findall(row.shown)
    assert tests or row.shown.startswith("none: ")
    for file, function in tests:
        text = (ROOT / file).read_text("utf-8")
        numbered = re.search(rf"def test_traps?(_\d+)*_{row.number}_", text)
        assert re.search(rf"^def {function}\(", text, re.MULTILINE) if function else numbered, (file, function)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row.number))
def test_a_trap_of_a_shipped_dialect_has_an_answer_and_any_other_says_so(row: Row) -> None:
    shipped = SHIPPED & set(row.concerns.split(", "))
    assert row.answer.startswith("Does not concern a shipped dialect") is (not shipped)
    if "PostgreSQL" in shipped:
        assert TEST.search(row.shown)


def test_every_test_that_the_page_names_exists() -> None:
    for file, function in TEST.findall(PAGE.read_text("utf-8")):
        text = (ROOT / file).read_text("utf-8")
        assert not function or f"def {function}(" in text, (file, function)

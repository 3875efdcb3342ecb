"""Tables for people: sources are told apart, and nothing that a stranger chose reaches the terminal."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.audit.sample import (
    HOSTILE,
    POLARDB,
    POSTGRESQL,
    SINCE,
    UNTIL,
    at,
    audit,
    ended,
    realistic,
    session,
    tampered,
)
from xtrig.audit.reading import Wanted, bounded, unread
from xtrig.audit.records import Source, merge
from xtrig.cli.audit import terminal
from xtrig.cli.audit.terminal import print_summary
from xtrig.errors import UsageError


@pytest.mark.parametrize("text", HOSTILE)
def test_a_cell_is_one_line_without_control_characters(text: str):
    shown = terminal.cell(text).plain
    assert all(char.isprintable() for char in shown)
    assert len(shown) <= 100


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ({}, "open"),
        ({"logoff_at": at(1), "ended_by": "server log"}, "2026-03-02 00:00:00"),
        ({"detected_at": at(2), "last_seen_at": at(1), "ended_by": "inferred"}, "by 2026-03-03 00:00:00"),
        ({"ended_by": "unknown"}, "unknown"),
    ],
)
def test_an_end_is_shown_as_exactly_as_it_is_known(said: dict[str, Any], shown: str):
    assert terminal.ended(session(**said)).plain == shown


@pytest.mark.parametrize(
    ("address", "port", "shown"),
    [(None, None, "local"), ("10.0.0.1", 5, "10.0.0.1:5"), ("::1", 5, "[::1]:5"), ("::1", None, "::1")],
)
def test_where_a_client_is(address: str | None, port: int | None, shown: str):
    assert terminal.client(address, port).plain == shown


def test_vendors_have_a_column_once_there_are_several_sources():
    assert terminal.Naming([POSTGRESQL]).columns == ()
    assert terminal.Naming([POSTGRESQL, POSTGRESQL]).columns == ()
    several = terminal.Naming([POSTGRESQL, POLARDB])
    assert several.columns == ("vendor",)
    assert [each.plain for each in several.cells(POLARDB)] == ["PolarDB 2.0.14"]
    alike = terminal.Naming([POSTGRESQL, replace(POSTGRESQL, database="other")])
    assert alike.columns == ("vendor", "server")
    assert [each.plain for each in alike.cells(POSTGRESQL)] == ["PostgreSQL 18.4", "db1.example:5432 / shop"]


def test_a_summary_names_every_vendor_and_hides_nothing(capsys: pytest.CaptureFixture[str]):
    data = realistic(500)
    print_summary(replace(data, tamperings=tampered(data)), data.sources, 10)
    out = capsys.readouterr().out
    assert "500 sessions of " in out
    for part in (
        "PostgreSQL 18.4",
        "PolarDB 2.0.14",
        "Signs of tampering",
        "Gaps in coverage",
        "still",
        "Refused logins",
    ):
        assert part in out
    assert " more; --limit shows more" in out
    assert not any(char < " " and char != "\n" for char in out)


def test_an_empty_summary_has_numbers_and_no_tables(capsys: pytest.CaptureFixture[str]):
    print_summary(audit(), (POSTGRESQL,), 50)
    out = capsys.readouterr().out
    assert "0 sessions of 0 users" in out
    assert "Users" not in out


def test_what_could_not_be_read_is_a_gap_as_long_as_the_report():
    down = Source("unknown vendor", "db2.example", "erp")
    read = audit(ended(hours=1))
    merged = merge(read, unread(down, Wanted(SINCE, UNTIL), UNTIL, "connection refused"))
    assert merged.sources == (POSTGRESQL, down)
    (gap,) = merged.gaps
    assert (gap.source, gap.since, gap.until, gap.reason) == (
        down,
        SINCE,
        UNTIL,
        "could not be read: connection refused",
    )


def test_a_period_without_bounds_is_thirty_days_until_now():
    assert bounded(Wanted(), UNTIL) == Wanted(at(30), UNTIL)
    assert bounded(Wanted(until=at(31)), UNTIL).since == at(1)
    with pytest.raises(UsageError, match="before it begins"):
        bounded(Wanted(since=at(99)), UNTIL)

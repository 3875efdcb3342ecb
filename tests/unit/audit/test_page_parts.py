"""The parts of the audit page: axes, buckets, ticks, shades, words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.unit.audit.sample import SINCE, at, audit, ended, realistic, session
from xtrig.audit.counting import BUCKETS, axis_of, bucket, count
from xtrig.audit.formats import counted, share, span
from xtrig.audit.page.charts import heat_legend, level, ticks_to


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "< 1 s"),
        (0.999, "< 1 s"),
        (1, "< 1 min"),
        (59.9, "< 1 min"),
        (60, "< 10 min"),
        (600, "< 1 h"),
        (3599, "< 1 h"),
        (3600, "< 8 h"),
        (28_799, "< 8 h"),
        (28_800, "longer"),
        (10**7, "longer"),
    ],
)
def test_buckets_of_durations(seconds: float, expected: str):
    assert bucket(ended(seconds=seconds)) == expected


def test_bounds_that_lie_in_one_bucket_are_as_good_as_a_duration():
    def found(seen: float, gone: float) -> str:
        return bucket(session(ended_by="inferred", last_seen_at=at(hours=seen), detected_at=at(hours=gone)))

    assert found(2, 3) == "< 8 h"
    assert found(0.5, 3) == "uncertain"
    assert found(9, 30) == "longer"
    assert bucket(session(ended_by="unknown")) == "uncertain"
    assert bucket(session(ended_by="unknown", last_seen_at=at(hours=9))) == "longer"


def test_open_sessions_have_a_bucket_of_their_own():
    assert bucket(session(last_seen_at=at(hours=9))) == "open"


def test_every_session_is_in_one_bucket_one_hour_and_one_step():
    counts = count(realistic(500))
    assert set(counts.durations) <= set(BUCKETS)
    assert counts.durations.total() == counts.hours.total() == counts.ends.total() == 500
    assert counts.steps.total() + counts.outside == 500


@pytest.mark.parametrize(
    ("days", "unit", "steps"),
    [(1, "day", 1), (92, "day", 92), (93, "week", 15), (700, "month", 23), (4000, "year", 12)],
)
def test_long_periods_have_longer_steps(days: int, unit: str, steps: int):
    axis = axis_of(SINCE, at(days))
    assert (axis.unit, len(axis.starts)) == (unit, steps)
    assert axis.starts[0] <= SINCE < at(days) <= axis.end
    assert axis.index(SINCE) == 0
    assert axis.index(at(days) - timedelta(seconds=1)) == steps - 1
    assert axis.index(axis.end) is None


def test_labels_say_the_year_where_there_are_two():
    assert axis_of(SINCE, at(10)).label(0) == "1 Mar"
    assert axis_of(SINCE, at(400)).label(1) == "2 Mar 2026"
    assert axis_of(SINCE, at(700)).label(1) == "Apr 2026"
    assert axis_of(SINCE, at(10)).name(0) == "2026-03-01"
    assert axis_of(SINCE, at(400)).name(1) == "week of 2026-03-02"


def test_places_on_an_axis():
    axis = axis_of(SINCE, at(10))
    assert axis.position(at(5)) == pytest.approx(0.5)
    assert axis.position(at(-3)) == 0
    assert axis.position(at(30)) == 1


def test_weeks_begin_on_monday_and_months_on_the_first():
    weeks = axis_of(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 9, 1, tzinfo=UTC))
    assert {start.weekday() for start in weeks.starts} == {0}
    months = axis_of(datetime(2024, 1, 31, tzinfo=UTC), datetime(2026, 9, 1, tzinfo=UTC))
    assert {start.day for start in months.starts} == {1}
    assert len(set(months.starts)) == 32


@pytest.mark.parametrize("most", [0, 1, 2, 3, 4, 5, 9, 84, 99, 1000, 12_345, 10**9])
def test_ticks_are_round_few_and_reach_the_top(most: int):
    ticks = ticks_to(most)
    assert ticks[0] == 0
    assert ticks[-1] >= most
    assert 2 <= len(ticks) <= 5
    assert str(ticks[1]).rstrip("0") in {"1", "2", "5"}
    assert ticks[-1] <= max(1, 2 * most)


@pytest.mark.parametrize("most", [1, 2, 3, 5, 7, 78, 1000])
def test_the_legend_says_which_numbers_have_which_shade(most: int):
    said = {}
    for key in heat_legend(most):
        words = "".join(key.itertext()).replace(",", "").split(" to ")
        (swatch,) = key.iter("rect")
        said.update(dict.fromkeys(range(int(words[0]), int(words[-1]) + 1), swatch.get("class")))
    assert said == {number: f"h{level(number, most)}" for number in range(most + 1)}


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "0 s"),
        (0.05, "< 0.1 s"),
        (1.25, "1.2 s"),
        (59, "59 s"),
        (61, "1 min 1 s"),
        (3600, "1 h"),
        (3601, "1 h"),
        (90_000, "1 d 1 h"),
    ],
)
def test_lengths_of_time(seconds: float, expected: str):
    assert span(timedelta(seconds=seconds)) == expected


def test_numbers_with_their_nouns_and_shares():
    assert [counted(number, "session") for number in (0, 1, 2000)] == ["0 sessions", "1 session", "2,000 sessions"]
    assert [share(1, 3), share(1, 10_000), share(0, 3)] == ["33.3 %", "< 0.1 %", "0.0 %"]
    assert share(0, 0) == "\u2013"
    assert not count(audit()).steps

"""The axis of time: a period in days, or in weeks, months or years if it is long."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from xtrig.audit.page.words import MONTHS

Unit = Literal["day", "week", "month", "year"]
_MOST_BARS = 92
_DAYS: tuple[tuple[Unit, int], ...] = (("day", 1), ("week", 7), ("month", 30))


@dataclass(frozen=True, slots=True)
class Axis:
    """The steps of a period: ``starts`` are when they begin in UTC, ``end`` is when the last is over."""

    unit: Unit
    starts: tuple[datetime, ...]
    end: datetime

    def index(self, at: datetime) -> int | None:
        """Return in which step a time lies; None if in no step."""
        return bisect_right(self.starts, at) - 1 if self.starts and self.starts[0] <= at < self.end else None

    def position(self, at: datetime) -> float:
        """Return where a time lies, from 0 at the beginning of the axis to 1 at its end."""
        if not self.starts or at <= self.starts[0]:
            return 0.0
        if at >= self.end:
            return 1.0
        step = bisect_right(self.starts, at) - 1
        after = self.starts[step + 1] if step + 1 < len(self.starts) else self.end
        return (step + (at - self.starts[step]) / (after - self.starts[step])) / len(self.starts)

    def label(self, step: int) -> str:
        """Return a step's name in as few letters as an axis has room for."""
        start = self.starts[step]
        if self.unit == "year":
            return f"{start.year}"
        month = MONTHS[start.month - 1]
        if self.unit == "month":
            return f"{month} {start.year}"
        years = f" {start.year}" if start.year != self.end.year or start.year != self.starts[0].year else ""
        return f"{start.day} {month}{years}"

    def name(self, step: int) -> str:
        """Return a step's name in full."""
        start = self.starts[step]
        if self.unit in ("year", "month"):
            return self.label(step)
        return f"{'week of ' if self.unit == 'week' else ''}{start:%Y-%m-%d}"


def axis_of(since: datetime, until: datetime) -> Axis:
    """Return the axis of a period, with no more steps than a chart can show."""
    unit = _unit(since, until)
    start = _floor(since.astimezone(UTC), unit)
    starts = []
    while start < until:
        starts.append(start)
        start = _next(start, unit)
    return Axis(unit, tuple(starts), start)


def _unit(since: datetime, until: datetime) -> Unit:
    for unit, days in _DAYS:
        if until - since <= timedelta(days=days * _MOST_BARS):
            return unit
    return "year"


def _floor(at: datetime, unit: Unit) -> datetime:
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    if unit == "week":
        return day - timedelta(days=day.weekday())
    if unit == "month":
        return day.replace(day=1)
    return day.replace(month=1, day=1) if unit == "year" else day


def _next(start: datetime, unit: Unit) -> datetime:
    if unit == "year":
        return start.replace(year=start.year + 1)
    if unit == "month":
        return (start + timedelta(days=31)).replace(day=1)
    return start + timedelta(days=7 if unit == "week" else 1)

"""The numbers of a report: one pass over the records, without any formatting."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from xtrig.audit.formats import MONTHS
from xtrig.audit.records import AuditData, EndedBy, Refusal, Session, Source

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
        """Return the step of a time; None if it is outside of the axis."""
        return bisect_right(self.starts, at) - 1 if self.starts and self.starts[0] <= at < self.end else None

    def position(self, at: datetime) -> float:
        """Return the position of a time, from 0 at the beginning of the axis to 1 at its end."""
        if not self.starts or at <= self.starts[0]:
            return 0.0
        if at >= self.end:
            return 1.0
        step = bisect_right(self.starts, at) - 1
        after = self.starts[step + 1] if step + 1 < len(self.starts) else self.end
        return (step + (at - self.starts[step]) / (after - self.starts[step])) / len(self.starts)

    def label(self, step: int) -> str:
        """Return the short name of a step, for the axis of a chart."""
        start = self.starts[step]
        if self.unit == "year":
            return f"{start.year}"
        month = MONTHS[start.month - 1]
        if self.unit == "month":
            return f"{month} {start.year}"
        years = f" {start.year}" if start.year != self.end.year or start.year != self.starts[0].year else ""
        return f"{start.day} {month}{years}"

    def name(self, step: int) -> str:
        """Return the full name of a step."""
        start = self.starts[step]
        if self.unit in ("year", "month"):
            return self.label(step)
        return f"{'week of ' if self.unit == 'week' else ''}{start:%Y-%m-%d}"


def axis_of(since: datetime, until: datetime) -> Axis:
    """Return the axis of a period, with at most _MOST_BARS steps."""
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


_BOUNDS = tuple(timedelta(seconds=seconds) for seconds in (1, 60, 600, 3_600, 28_800))
OPEN, UNCERTAIN = "open", "uncertain"
BUCKETS = ("< 1 s", "< 1 min", "< 10 min", "< 1 h", "< 8 h", "longer", OPEN, UNCERTAIN)


@dataclass(slots=True)
class Presence:
    """The sessions of an account or from an address: how many, when, for how long at least, and with what."""

    first: datetime
    last: datetime
    sessions: int = 0
    time: timedelta = timedelta(0)
    exact: bool = True
    others: set[str | None] = field(default_factory=set)
    sources: set[Source] = field(default_factory=set)

    def note(self, session: Session, other: str | None) -> None:
        """Count a session; ``other`` is its address (for an account) or its user (for an address)."""
        least, most = session.duration_range
        self.sessions += 1
        self.time += least
        self.exact = self.exact and least == most
        self.others.add(other)
        self.sources.add(session.source)
        self.first = min(self.first, session.logon_at)
        self.last = max(self.last, _last_seen(session))


@dataclass(slots=True)
class Attempts:
    """Refused logins with the same key: how many, the first and the last time."""

    first: datetime
    last: datetime
    number: int = 0


Attempt = tuple[Source, str, str, str | None, str]
Account = tuple[Source, str]


@dataclass(slots=True)
class Counts:
    """All counts of a report.

    ``steps`` counts sessions by step of the axis and vendor, ``outside`` those outside of the axis, ``hours`` by
    weekday (Monday is 0) and hour in UTC, ``durations`` by the names in ``BUCKETS``, ``ends`` by how the end is known.
    """

    axis: Axis
    steps: Counter[tuple[int, str]] = field(default_factory=Counter)
    outside: int = 0
    hours: Counter[tuple[int, int]] = field(default_factory=Counter)
    durations: Counter[str] = field(default_factory=Counter)
    ends: Counter[EndedBy | None] = field(default_factory=Counter)
    accounts: dict[Account, Presence] = field(default_factory=dict)
    addresses: dict[str | None, Presence] = field(default_factory=dict)
    attempts: dict[Attempt, Attempts] = field(default_factory=dict)
    refused_accounts: Counter[Account] = field(default_factory=Counter)
    refused_addresses: Counter[str | None] = field(default_factory=Counter)
    tags: Counter[str] = field(default_factory=Counter)

    @property
    def users(self) -> int:
        """Return the number of user names; a name in several sources counts once."""
        return len({user for _, user in self.accounts})


def count(data: AuditData) -> Counts:
    """Return the counts of all records."""
    counts = Counts(axis_of(data.since, data.until))
    for session in data.sessions:
        _note_time(counts, session)
        _note_presence(counts, session)
        counts.durations[bucket(session)] += 1
        counts.ends[session.ended_by] += 1
    for refusal in data.refusals:
        _note_refusal(counts, refusal)
    counts.tags.update(command.command_tag for command in data.ddl)
    return counts


def bucket(session: Session) -> str:
    """Return the name of the bucket that a session's duration falls into.

    An end that is not known exactly counts by its bounds, and as uncertain if they are in different buckets.
    """
    if session.ended_by is None:
        return OPEN
    least, most = session.duration_range
    lower = bisect_right(_BOUNDS, least)
    upper = len(_BOUNDS) if most is None else bisect_right(_BOUNDS, most)
    return BUCKETS[lower] if lower == upper else UNCERTAIN


def unrecorded(data: AuditData) -> timedelta:
    """Return the time of the period in which at least one source recorded nothing."""
    missing, reached = timedelta(0), data.since
    for gap in sorted(data.gaps, key=lambda gap: gap.since):
        until = min(gap.until or data.until, data.until)
        missing += max(timedelta(0), until - max(gap.since, reached))
        reached = max(reached, until)
    return missing


def _last_seen(session: Session) -> datetime:
    ended = session.logoff_at if session.ended_by in ("logoff", "server log") else None
    return max(session.logon_at, session.last_seen_at or session.logon_at, ended or session.logon_at)


def _note_time(counts: Counts, session: Session) -> None:
    at = session.logon_at.astimezone(UTC)
    counts.hours[at.weekday(), at.hour] += 1
    step = counts.axis.index(at)
    if step is None:
        counts.outside += 1
    else:
        counts.steps[step, session.source.vendor] += 1


def _note_presence(counts: Counts, session: Session) -> None:
    account = (session.source, session.login_user)
    if account not in counts.accounts:
        counts.accounts[account] = Presence(session.logon_at, session.logon_at)
    counts.accounts[account].note(session, session.client_ip)
    if session.client_ip not in counts.addresses:
        counts.addresses[session.client_ip] = Presence(session.logon_at, session.logon_at)
    counts.addresses[session.client_ip].note(session, session.login_user)


def _note_refusal(counts: Counts, refusal: Refusal) -> None:
    key = (refusal.source, refusal.login_user, refusal.database, refusal.client_ip, refusal.reason)
    alike = counts.attempts.setdefault(key, Attempts(refusal.at, refusal.at))
    alike.number += 1
    alike.first = min(alike.first, refusal.at)
    alike.last = max(alike.last, refusal.at)
    counts.refused_accounts[refusal.source, refusal.login_user] += 1
    counts.refused_addresses[refusal.client_ip] += 1

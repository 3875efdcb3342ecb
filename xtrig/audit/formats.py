"""Times, durations and numbers as people write and read them. Times are in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from xtrig.audit.records import Session
from xtrig.errors import UsageError

MONTHS = tuple("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split())
WEEKDAYS = tuple("Mon Tue Wed Thu Fri Sat Sun".split())

_RELATIVE = re.compile(r"([0-9]{1,6})([hdw])")
_AGO = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_DAYS = {"today": 0, "yesterday": 1}
_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))
_HOW = "write 2026-03-01, 2026-03-01T08:00+02:00 (UTC if there is no zone), 24h, 7d, 4w, today or yesterday"


def parse_time(text: str, now: datetime) -> datetime:
    """Return the time that ``text`` says, in UTC; ``now`` is the time that relative times refer to.

    A date is its first moment, and so are ``today`` and ``yesterday``; ``24h``, ``7d`` and ``4w`` are that long
    before now. Raises :class:`~xtrig.errors.UsageError` for anything else.
    """
    word = text.strip()
    try:
        if (relative := _RELATIVE.fullmatch(word)) is not None:
            return now.astimezone(UTC) - int(relative[1]) * _AGO[relative[2]]
        if word in _DAYS:
            return _midnight(now) - timedelta(days=_DAYS[word])
        return utc(datetime.fromisoformat(word))
    except (ValueError, OverflowError):
        raise UsageError(f"{text!r} is not a time; {_HOW}") from None


def utc(at: datetime) -> datetime:
    """Return a time in UTC; one without a zone is taken as UTC."""
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _midnight(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun: ``1 session``, ``2,000 sessions``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def share(part: int, whole: int) -> str:
    """Return a part in percent; a dash if the whole is 0."""
    if not whole:
        return "–"  # noqa: RUF001
    if 0 < part * 1000 < whole:
        return "< 0.1 %"
    return f"{100 * part / whole:.1f} %"


def at_text(at: datetime) -> str:
    """Return a time in UTC to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def span(length: timedelta) -> str:
    """Return a length of time by its two largest units."""
    seconds = length.total_seconds()
    if seconds < 10:
        return "0 s" if not seconds else f"{seconds:.1f} s" if seconds >= 0.1 else "< 0.1 s"
    left = int(seconds)
    parts: list[tuple[int, str]] = []
    for unit, size in _UNITS:
        if left >= size or parts:
            parts.append((left // size, unit))
            left %= size
    return " ".join(f"{number} {unit}" for number, unit in parts[:2] if number)


def lasted(session: Session) -> str:
    """Return the duration of a session, or its known bounds."""
    least, most = session.duration_range
    if least == most:
        return span(least)
    if most is not None:
        return f"{span(least)} to {span(most)}" if least else f"at most {span(most)}"
    if least:
        return f"at least {span(least)}"
    return "still open" if session.ended_by is None else "unknown"

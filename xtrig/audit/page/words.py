"""Numbers, times and durations in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from xml.etree.ElementTree import Element

from xtrig.audit.page.elements import h
from xtrig.audit.records import Session

_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))
MONTHS = tuple("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split())
WEEKDAYS = tuple("Mon Tue Wed Thu Fri Sat Sun".split())


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun: ``1 session``, ``2,000 sessions``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def share(part: int, whole: int) -> str:
    """Return a part in percent; an empty whole has no parts."""
    if not whole:
        return "–"  # noqa: RUF001
    if 0 < part * 1000 < whole:
        return "< 0.1 %"
    return f"{100 * part / whole:.1f} %"


def at_text(at: datetime) -> str:
    """Return a time in UTC to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def moment(at: datetime) -> Element:
    """Return a time in UTC to the second, as an element that says it to machines in full."""
    return h("time", at_text(at), datetime=at.astimezone(UTC).isoformat())


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
    """Return how long a session lasted, as exactly as that is known."""
    least, most = session.duration_range
    if least == most:
        return span(least)
    if most is not None:
        return f"{span(least)} to {span(most)}" if least else f"at most {span(most)}"
    if least:
        return f"at least {span(least)}"
    return "still open" if session.ended_by is None else "unknown"

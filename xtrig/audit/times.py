"""Times as people write them: ``2026-03-01``, ``7d``, ``yesterday``. Without a zone they are in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from xtrig.errors import UsageError

_RELATIVE = re.compile(r"([0-9]{1,6})([hdw])")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_DAYS = {"today": 0, "yesterday": 1}
_HOW = "write 2026-03-01, 2026-03-01T08:00+02:00 (UTC if there is no zone), 24h, 7d, 4w, today or yesterday"


def parse_time(text: str, now: datetime) -> datetime:
    """Return what ``text`` means at the time ``now``, in UTC.

    A date is its first moment, and so are ``today`` and ``yesterday``; ``24h``, ``7d`` and ``4w`` are that long
    before now. Raises :class:`~xtrig.errors.UsageError` for anything else.
    """
    word = text.strip()
    try:
        if (relative := _RELATIVE.fullmatch(word)) is not None:
            return now.astimezone(UTC) - int(relative[1]) * _UNITS[relative[2]]
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

"""Times as people write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from xtrig.audit.formats import parse_time
from xtrig.errors import UsageError

NOW = datetime(2026, 3, 5, 1, 30, 20, 5, tzinfo=timezone(timedelta(hours=2)))  # the 4th, 23:30:20, in UTC


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-03-01", utc(2026, 3, 1)),
        (" 2026-03-01T08:00 ", utc(2026, 3, 1, 8)),
        ("2026-03-01 08:00:00.25", utc(2026, 3, 1, 8, 0, 0, 250_000)),
        ("2026-03-01T08:00+02:00", utc(2026, 3, 1, 6)),
        ("2026-03-01T08:00Z", utc(2026, 3, 1, 8)),
        ("24h", utc(2026, 3, 3, 23, 30, 20, 5)),
        ("7d", utc(2026, 2, 25, 23, 30, 20, 5)),
        ("4w", utc(2026, 2, 4, 23, 30, 20, 5)),
        ("0h", utc(2026, 3, 4, 23, 30, 20, 5)),
        ("today", utc(2026, 3, 4)),
        ("yesterday", utc(2026, 3, 3)),
    ],
)
def test_a_time_is_what_it_says_in_utc(text: str, meant: datetime):
    found = parse_time(text, NOW)
    assert (found, found.utcoffset()) == (meant, timedelta(0))


@pytest.mark.parametrize(
    "text",
    [
        *("", "soon", "7", "7m", "-7d", "7 d", "7D", "1.5h", "999999w", "9999999999d", "\u0667d", "tomorrow", "now()"),
        *("2026-13-01", "2026-02-30", "2026", "2026-03-01T25:00", "0001-01-01T00:00+14:00", "2026-03-01; drop", "\0"),
    ],
)
def test_anything_else_is_refused_with_what_to_write(text: str):
    with pytest.raises(UsageError, match="is not a time; write 2026-03-01, "):
        parse_time(text, NOW)

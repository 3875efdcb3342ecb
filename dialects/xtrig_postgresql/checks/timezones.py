"""Time zones in expressions and hand-written texts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from xtrig.plugin import Check, Finding, Kind, Severity, Token, Translation, tokens, uses

_SINCE = (18,)
# TimeZone=UTC+5 makes an abbreviation of three letters and more; a name such as Europe/Berlin cannot be made.
_ABBREVIATION = re.compile(r"[A-Za-z]{1,6}\Z")


class MovableTimeZone(Check[Translation], code="XT311", severity=Severity.WARNING):
    """A time zone that the client can move.

    From PostgreSQL 18 on an abbreviation such as `utc` is looked up in the session's own `TimeZone` first. A client who
    connects with `TimeZone=UTC+5` has made `utc` an abbreviation of that zone, and moves the hour: here out of the
    window in which it is refused. Full names such as `Europe/Berlin` cannot be moved.

    Remedy: Write `AT TIME ZONE INTERVAL '0'`. For the hour there is `${hour_utc}`, which is not moved either.
    Source: Run on PostgreSQL 18.4: with `options='-c TimeZone=UTC+5'` the hour was five less. PostgreSQL 18 release
    notes: "Change time zone abbreviation handling".
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        if translation.version < _SINCE:
            return
        for function in translation.triggers.functions:
            texts = [("".join(map(_sql, use.template.parts)), use.path) for use in uses(function)]
            if (body := function.body.get(translation.dialect.name)) is not None:
                texts.append((body, (*function.path, "body", translation.dialect.name)))
            for text, path in texts:
                for token in _abbreviations(text):
                    looked_up = "is looked up in the client's TimeZone first: UTC+5 there moves the time"
                    message = f"time zone {token.text} {looked_up}"
                    remedy = "write AT TIME ZONE INTERVAL '0', or ${hour_utc} for the hour"
                    line = text.count("\n", 0, token.start) + 1
                    yield self.finding(function.subject, message, remedy, path, text_line=line)


def _sql(part: object) -> str:
    return part if isinstance(part, str) else "fact"


def _abbreviations(text: str) -> Iterator[Token]:
    if "zone" not in text.lower():
        return
    found = [token for token in tokens(text) if token.kind not in (Kind.SPACE, Kind.COMMENT)]
    for place, token in enumerate(found):
        before = [each.text.lower() for each in found[max(place - 3, 0) : place]]
        is_zone = before == ["at", "time", "zone"] or before[-2:] == ["timezone", "("]
        if is_zone and token.kind is Kind.LITERAL and _ABBREVIATION.match(token.content):
            yield token

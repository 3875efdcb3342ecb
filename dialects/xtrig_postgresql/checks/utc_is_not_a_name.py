"""XT311: from 18 on the client's TimeZone is searched first for an abbreviation such as utc."""

from __future__ import annotations

import re
from collections.abc import Iterator

from xtrig.plugin import Check, Finding, Kind, Severity, Token, Translation, tokens, uses

_SINCE = (18,)
# TimeZone=UTC+5 makes an abbreviation of three letters and more; a name such as Europe/Berlin cannot be made.
_ABBREVIATION = re.compile(r"[A-Za-z]{1,6}\Z")


def find(translation: Translation) -> Iterator[Finding]:
    """Yield a finding for each time zone in an expression or a hand-written text that is an abbreviation."""
    if translation.version < _SINCE:
        return
    for function in translation.triggers.functions:
        texts = [("".join(map(_sql, use.template.parts)), use.path) for use in uses(function)]
        if (body := function.body.get(translation.dialect.name)) is not None:
            texts.append((body, (*function.path, "body", translation.dialect.name)))
        for text, path in texts:
            for token in _abbreviations(text):
                message = (
                    f"time zone {token.text} is looked up in the client's TimeZone first: UTC+5 there moves the time"
                )
                remedy = "write AT TIME ZONE INTERVAL '0', or ${hour_utc} for the hour"
                line = text.count("\n", 0, token.start) + 1
                yield CHECK.finding(function.subject, message, remedy, path, text_line=line)


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


CHECK = Check("XT311", Severity.WARNING, find)

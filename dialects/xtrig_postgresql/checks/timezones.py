"""Times that the client's own time zone moves, in expressions and hand-written texts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from xtrig.model import Insert
from xtrig.model.steps import MESSAGES
from xtrig.plugin import (
    Check,
    Fact,
    Finding,
    Kind,
    Path,
    ResolvedFunction,
    Severity,
    Token,
    Translation,
    expressions,
    parse_template,
    tokens,
    uses,
    walk,
)
from xtrig.sqltokens import group, significant, split
from xtrig_pgfamily.session_facts import ZONES

_SINCE = (18,)
_LOCAL = ("localtime", "localtimestamp", "current_time", "current_date")
_MOMENTS = ("now", "current_timestamp", "clock_timestamp", "statement_timestamp", "transaction_timestamp", "fact")
_ASKING = ("extract", "date_part", "date_trunc", "to_char", "date", "age")
_TEXTS = ("concat", "concat_ws", "format", "to_json", "to_jsonb", "json_build_object", "quote_literal")
_CALLED = {"timeofday": 1, "age": 2, "make_timestamptz": 7}
"""Functions that ask for the client's zone unless they have as many arguments."""
_RANGES = ("tstzrange", "tstzmultirange")
_PARTS = ("date", "time", "timestamp")
_SPECIAL = ("today", "tomorrow", "yesterday")
_OFFSET = re.compile(r"(z|utc|gmt|[+-]\d{1,2}(:?\d{2})?)\s*\Z|\A\s*(-?infinity|epoch)\s*\Z", re.IGNORECASE)
_DATE = re.compile(r"\s*\d{4}-\d{1,2}-\d{1,2}")
_LOCAL_DATE = re.compile(r"\s*\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}\b")
_LOCAL_NAME = re.compile(r"TM(day|dy|month|mon)", re.IGNORECASE)
_UNMOVED = ("epoch", "microseconds", "milliseconds", "second", "minute")
_COMPARED = ("<", ">", "<=", ">=", "=", "<>", "!=", "between", "and")
_MOVES = "the client's TimeZone moves it"
_REMEDY = "write ${hour('Asia/Seoul')} or ${weekday('Asia/Seoul')}, or AT TIME ZONE INTERVAL '0' for UTC"


class MovableTimeZone(Check[Translation], code="XT311", severity=Severity.WARNING):
    """A time that the client can move.

    A client chooses its `TimeZone` when it connects. The hour of a moment, its day and its date are those of that zone:
    `extract(hour FROM ${now})`, `${now}::date`, `to_char(${now}, 'D')`, `date_trunc('day', ${now})`, `current_date`,
    `localtime`, `age()`. So is what a text such as `'2026-12-01'` without an offset, or a column of type `date`, is
    compared with, and in a condition the text of a moment. Who is refused at night connects with another zone, and it
    is day. `DateStyle` moves `'01/02/2026'`, and `lc_time` the names that `to_char(..., 'TMDay')` gives.

    From PostgreSQL 18 on, the *name* of a zone is looked up in the session's own `TimeZone` first. A client who
    connects with `TimeZone=UTC+5` has made `utc` an abbreviation of that zone; with `TimeZone=<ASIA/SEOUL>+5` it has
    done so with `Asia/Seoul`, and with `<+00>+5` with `+00`.

    Remedy: Write `${hour('Asia/Seoul')}` or `${weekday('Asia/Seoul')}`, which no client moves, or `${hour_utc}`; else
    `AT TIME ZONE INTERVAL '0'`. Give a moment its offset: `'2026-12-01 00:00+09'`.
    Source: Run on PostgreSQL 17.10 and 18.4: `tests/server/test_asking_facts.py`. PostgreSQL 18 release notes: "Change
    time zone abbreviation handling".
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        for function in translation.triggers.functions:
            # Where a zone is asked for by a fact, the function has a TimeZone of its own.
            if any(fact in ZONES for use in uses(function) for fact in use.template.facts):
                continue
            texts: list[tuple[str, Path]] = [
                ("".join(map(_sql, use.template.parts)), use.path)
                for use in uses(function)
                if use.path[-1] not in MESSAGES
            ]
            if (body := function.body.get(translation.dialect.name)) is not None:
                texts.append((body, (*function.path, "body", translation.dialect.name)))
            for text, path in texts:
                is_condition = path[-1] in ("when", "if")
                for token, what in _moved(text, translation.version >= _SINCE, is_condition=is_condition):
                    line = text.count("\n", 0, token.start) + 1
                    yield self.finding(function.subject, f"{what}: {_MOVES}", _REMEDY, path, text_line=line)
                for token, message, remedy in _of_other_settings(text):
                    line = text.count("\n", 0, token.start) + 1
                    yield self.finding(function.subject, message, remedy, path, text_line=line)
            yield from self._stored(translation, function)
        for each in expressions(translation):
            if not any(fact in ZONES for use in uses(each.function) for fact in use.template.facts):
                for node in each.meaning.times_without_zone:
                    message = f"{node.operator}: a moment and a date or time without a zone: {_MOVES}"
                    line = each.line_at(node.at)
                    yield self.finding(each.function.subject, message, _REMEDY, each.path, text_line=line)

    def _stored(self, translation: Translation, function: ResolvedFunction) -> Iterator[Finding]:
        """Look for moments in columns that keep no offset."""
        for visit in walk(function):
            step = visit.step
            if not isinstance(step, Insert):
                continue
            for name, value in step.values.items():
                column = translation.triggers.tables[step.table].table.columns.get(name) if _is_now(value) else None
                kind = column.type.lower().partition("(")[0].strip() if column else ""
                if kind in (*_PARTS, "timestamp without time zone"):
                    message = f"${{now}} in column {name!r} of type {kind}: the client's TimeZone moves it"
                    path = (*visit.path, "values", name)
                    yield self.finding(function.subject, message, "make the column timestamptz", path)


def _is_now(value: object) -> bool:
    return isinstance(value, str) and parse_template(value.strip()).parts == (Fact.NOW,)


def _sql(part: object) -> str:
    return "fact()" if part is Fact.NOW else " 1 " if isinstance(part, Fact) or not isinstance(part, str) else part


def _of_other_settings(text: str) -> Iterator[tuple[Token, str, str]]:
    """Yield what of a text other settings of the client's move, with message and remedy."""
    found = significant(tokens(text))
    for place, token in enumerate(found):
        near = {each.word or each.text for each in found[max(place - 3, 0) : place + 3]}
        if token.kind is not Kind.LITERAL:
            continue
        if _LOCAL_DATE.match(token.content) and near & {
            "::",
            "date",
            "timestamp",
            "timestamptz",
            *_MOMENTS,
        }:
            yield token, f"{token.text}: the client's DateStyle decides which is the month", "write '2026-12-31'"
        elif _LOCAL_NAME.search(token.content) and "to_char" in {each.word for each in found[:place]}:
            message = f"{token.text}: the client's lc_time chooses the words"
            yield token, message, "leave TM out, or write ${weekday('Asia/Seoul')}"


def _moved(text: str, names_are_moved: bool, *, is_condition: bool) -> Iterator[tuple[Token, str]]:
    """Yield what of a text the client's zone moves, with how it is called in a message."""
    found = significant(tokens(text))
    for place, token in enumerate(found):
        before = [each.text.lower() for each in found[max(place - 3, 0) : place]]
        after = [each.text.lower() for each in found[place + 1 : place + 4]]
        if token.kind is Kind.LITERAL:
            is_zone = before == ["at", "time", "zone"] or before[-2:] == ["timezone", "("] or _truncates(found, place)
            if is_zone and names_are_moved:
                yield token, f"time zone {token.text} is looked up in the session's own first"
            elif _is_special(token, before, after) or _is_compared(found, place):
                yield token, f"{token.text} without an offset"
        elif token.word in _LOCAL and before[-1:] != ["."] and after[:1] != ["."]:
            yield token, f"{token.word} is the client's"
        elif token.word in _CALLED and after[:1] == ["("] and before[-1:] != ["."]:
            arguments = group(found, place + 1)
            if len(split(arguments)) * bool(arguments) < _CALLED[token.word] and not _is_moment(found, place + 2):
                yield token, f"{token.word}() is the client's"
        elif token.word in _MOMENTS:
            asked = _asking(found, place)
            if asked:
                yield token, f"{asked} of a moment is the client's"
            elif is_condition and _is_text(found, place):
                yield token, "the text of a moment is the client's"


def _is_moment(found: Sequence[Token], place: int) -> bool:
    return place < len(found) and found[place].word in _MOMENTS


def _is_text(found: Sequence[Token], place: int) -> bool:
    """Whether the moment at ``place`` is made a text."""
    end = _end(found, place)
    rest = [each.text.lower() for each in found[end : end + 2]]
    is_cast = rest[:1] in (["::"], ["as"]) and rest[1:] in (["text"], ["varchar"], ["name"], ["character"])
    is_joined = rest[:1] == ["||"] or (place > 0 and found[place - 1].text == "||")
    return is_cast or is_joined or _function_around(found, place)[0] in _TEXTS


def _end(found: Sequence[Token], place: int) -> int:
    """Return where the moment ends that begins at ``place``."""
    return place + 3 if place + 1 < len(found) and found[place + 1].text == "(" else place + 1


def _truncates(found: Sequence[Token], place: int) -> bool:
    """Whether it is the zone of ``date_trunc('day', now(), 'zone')``."""
    words = [each.word for each in found[max(place - 9, 0) : place]]
    return "date_trunc" in words and found[place - 1].kind is Kind.COMMA


def _is_special(token: Token, before: Sequence[str], after: Sequence[str]) -> bool:
    """Whether it is ``'today'::date`` or ``date 'today'``."""
    is_cast = after[:1] == ["::"] or (before[-1:] and before[-1] in (*_PARTS, "timestamptz"))
    return bool(is_cast) and token.content.lower() in _SPECIAL


def _is_compared(found: Sequence[Token], place: int) -> bool:
    """Whether a date without an offset is compared with a moment."""
    text = found[place].content
    is_special = text.strip().lower() in _SPECIAL
    if not is_special and (not _DATE.match(text) or _OFFSET.search(text.strip()[10:] if len(text) > 10 else "")):
        return False
    if _function_around(found, place)[0] in _RANGES:
        return True
    near = [each.word for each in found[max(place - 8, 0) : place + 8]]
    beside = (*found[max(place - 2, 0) : place], *found[place + 1 : place + 2])
    operators = {each.text.lower() for each in beside}
    is_beside = bool(operators & set(_COMPARED)) or "overlaps" in near
    return is_beside and any(word in _MOMENTS for word in near)


def _asking(found: Sequence[Token], place: int) -> str:
    """Return what asks the moment at ``place`` for a part that depends on the zone; empty for nothing."""
    end = _end(found, place)
    rest = [each.text.lower() for each in found[end : end + 3]]
    if rest == ["at", "time", "zone"]:
        return "the zone" if [each.word for each in found[end + 3 : end + 4]] == ["current_setting"] else ""
    if rest[:2] == ["at", "local"]:
        return "AT LOCAL"
    if rest[:1] == ["::"]:
        return f"::{rest[1]}" if len(rest) > 1 and rest[1] in _PARTS and not _is_zoned(found, end + 2) else ""
    if rest[:1] == ["as"]:
        is_part = rest[1] in _PARTS and not _is_zoned(found, end + 1)
        return f"CAST AS {rest[1]}" if is_part else ""
    return _call_around(found, place)


def _is_zoned(found: Sequence[Token], place: int) -> bool:
    return [each.word for each in found[place + 1 : place + 4]] == ["with", "time", "zone"]


def _call_around(found: Sequence[Token], place: int) -> str:
    """Return the function whose argument the moment is; empty for none that asks for a part, or with a zone."""
    name, start = _function_around(found, place)
    if name not in _ASKING:
        return ""
    part = (found[start + 1].content or found[start + 1].word).lower()
    # date_trunc('day', now(), 'Asia/Seoul') has a zone of its own, whose name is looked at by itself.
    has_zone = name == "date_trunc" and any(each.kind is Kind.COMMA for each in found[place : place + 5])
    return f"{name}()" if part not in _UNMOVED and not has_zone else ""


def _function_around(found: Sequence[Token], place: int) -> tuple[str, int]:
    """Return the function in whose parentheses a token stands, and where they open."""
    depth = 0
    for start in range(place - 1, 0, -1):
        token = found[start]
        depth += (token.kind is Kind.CLOSE) - (token.kind is Kind.OPEN)
        if depth < 0:
            return found[start - 1].word, start
    return "", 0

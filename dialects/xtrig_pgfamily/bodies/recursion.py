"""Whether DDL in a DDL trigger fires the trigger again."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.facts import Event
from xtrig.findings import Severity
from xtrig.model import If
from xtrig.resolve import walk
from xtrig.sqltokens import QUOTED, Kind, Tokens, significant, tokens
from xtrig_pgfamily.bodies.commands import DDL
from xtrig_pgfamily.bodies.passages import Passage
from xtrig_pgfamily.bodies.reading import Reading

_MODIFIERS = frozenset("or replace global local temp temporary unlogged unique recursive".split())
_UNSEEN = frozenset("role user group database tablespace event system parameter".split())
"""No event trigger sees commands on them."""
_EVENTS = (Event.DDL_COMMAND_START, Event.DDL_COMMAND_END)
_WHOLE = {
    **{word: word.upper() for word in ("comment", "grant", "revoke", "reindex")},
    "refresh": "REFRESH MATERIALIZED VIEW",
    "security": "SECURITY LABEL",
    "import": "IMPORT FOREIGN SCHEMA",
}
_TAG_WORDS = ("command_tag", "tg_tag", "tag")


def made_object(passage: Passage) -> str:
    """Return the kind of object that DDL is about; empty if none is named."""
    words = (token.word for token in passage.tokens[1:])
    return next((word for word in words if word and word not in _MODIFIERS), "")


def tag(passage: Passage) -> str:
    """Return the command tag of DDL, of CREATE, ALTER and DROP its first two words."""
    return _WHOLE.get(passage.command) or f"{passage.command} {made_object(passage)}".upper()


def fires_itself(reading: Reading, passage: Passage) -> Severity | None:
    """Return how sure it is that a passage runs its own trigger again; None: it does not."""
    if passage.command not in DDL or _is_unseen(passage):
        return None
    inner = tag(passage)
    firing = [each for each in reading.translation.triggers.triggers if each.function == reading.text.function]
    if not any(
        each.event in _EVENTS and (not each.tags or any(_same(one, inner) for one in each.tags)) for each in firing
    ):
        return None
    conditions = [*passage.known, *_around(reading), *_wheres(passage)]
    stops = [_stops(condition, is_true, inner) for condition, is_true in conditions]
    sure = {condition for condition, _ in conditions}
    stops += [None for condition in passage.behind if condition and condition not in sure]
    # A dropped object is no item of ddl_commands, so there the inner run has nothing to do.
    stops += [True for head in passage.loops if inner.startswith("DROP") and _lists_commands(head)]
    if any(stop is True for stop in stops):
        return None
    return Severity.WARNING if None in stops else Severity.ERROR


def _same(given: str, inner: str) -> bool:
    return f"{given.upper()} ".startswith(f"{inner} ") or f"{inner} ".startswith(f"{given.upper()} ")


def _is_unseen(passage: Passage) -> bool:
    words = [token.word for token in passage.tokens]
    if passage.command in ("grant", "revoke"):
        # GRANT of a role is a command on roles; one of rights has ON.
        return "on" not in words or words[words.index("on") + 1 : words.index("on") + 2][:1] in ([w] for w in _UNSEEN)
    if passage.command in ("comment", "security"):
        return words[words.index("on") + 1] in _UNSEEN if "on" in words[:-1] else False
    return made_object(passage) in _UNSEEN


def _lists_commands(head: Tokens) -> bool:
    return any(token.name == "pg_event_trigger_ddl_commands" for token in head)


def _wheres(passage: Passage) -> Iterator[tuple[Tokens, bool]]:
    """Yield the conditions of loops over the commands of the event."""
    for head in passage.loops:
        words = [token.word for token in head]
        if _lists_commands(head) and "where" in words:
            ends = [place for place, word in enumerate(words) if word in ("order", "limit", "group")]
            yield head[words.index("where") + 1 : ends[0] if ends else None], True


def _around(reading: Reading) -> Iterator[tuple[Tokens, bool]]:
    """Yield the conditions of the steps around an ``sql:`` step, and whether they are true where it runs."""
    path = reading.text.path
    for visit in walk(reading.text.function):
        if path[: len(visit.path)] != visit.path:
            continue
        if isinstance(visit.step, If):
            yield _cut(visit.step.condition), path[len(visit.path)] == "then"
        elif visit.step.when is not None:
            yield _cut(visit.step.when), True


def _cut(text: str) -> Tokens:
    return significant(tokens(text, placeholders=True))


def _stops(condition: Tokens, is_true: bool, inner: str) -> bool | None:
    """Return whether a condition keeps the trigger from running itself; None: it cannot be seen.

    Read are one comparison of the command tag, or of the kind of the object, and several joined by AND.
    """
    words = [token.word for token in condition]
    if "or" in words or (not is_true and "and" in words):
        return None
    parts: list[list[int]] = [[]]
    for place, word in enumerate(words):
        if word == "and":
            parts.append([])
        else:
            parts[-1].append(place)
    seen = [_comparison(tuple(condition[place] for place in part), is_true, inner) for part in parts]
    if True in seen:
        return True
    return None if None in seen else False


def _comparison(part: Tokens, is_true: bool, inner: str) -> bool | None:
    named = next((_subject(part, place) for place in range(len(part)) if _subject(part, place)), "")
    values = [token.content for token in part if token.kind in QUOTED]
    words = [token.word for token in part]
    signs = [token.text for token in part if token.text in ("=", "<>", "!=")]
    if not named or not values or len(signs) + words.count("in") != 1 or {"case", "select", "like", "any"} & set(words):
        return None
    is_meant = is_true == ((signs == ["="] or "in" in words) and "not" not in words)
    if words.count("not") > 1 or (signs in (["<>"], ["!="]) and "not" in words):
        return None
    if named == "tag":
        holds = any(_same(value, inner) for value in values)
    else:
        kind = inner.partition(" ")[2].lower()
        if not kind or " " in kind:
            return None
        holds = any(value.lower() == kind for value in values)
    return holds != is_meant


def _subject(part: Tokens, place: int) -> str:
    token = part[place]
    text = token.text.lower().strip("${}") if token.kind is Kind.PLACEHOLDER else token.name
    if text in _TAG_WORDS:
        return "tag"
    return "kind" if text == "object_type" else ""

"""XT307: what a body creates is there already when it runs again; and DDL in a DDL trigger fires it again."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.checks.bodies.commands import changed, is_temporary
from xtrig.checks.bodies.passages import Passage
from xtrig.checks.bodies.reading import Reading
from xtrig.facts import Event
from xtrig.findings import Check, Finding, Severity

_MADE = frozenset("table sequence schema view index type domain role user materialized".split())
_MODIFIERS = frozenset("or replace global local temp temporary unlogged unique recursive".split())
# No event trigger sees their commands.
_UNSEEN = frozenset("role user group database tablespace event system".split())
_DDL_EVENTS = (Event.DDL_COMMAND_START, Event.DDL_COMMAND_END)


def find(reading: Reading) -> Iterator[Finding]:
    """Yield a finding for each command that fails, or never ends, when the body runs the second time."""
    for passage in reading.passages:
        if _fires_itself(reading, passage):
            message = f"{_tag(passage)} in a trigger that fires for it: it runs itself until the stack is full"
            remedy = "leave it out, or restrict the trigger by tags to other commands"
            yield reading.finding(CHECK, passage.tokens[0], message, remedy, Severity.ERROR)
        elif _is_made_again(reading, passage):
            again = "the second login" if reading.is_session else "the second command of a session"
            message = f"{changed(passage)} without IF NOT EXISTS: {again} finds it there already, and fails"
            yield reading.finding(CHECK, passage.tokens[0], message, "add IF NOT EXISTS")


def _is_made_again(reading: Reading, passage: Passage) -> bool:
    words = [token.word for token in passage.tokens]
    if passage.command != "create" or _object(passage) not in _MADE or passage.behind or passage.caught:
        return False
    # A login has a session of its own, and so no temporary table of another.
    if reading.is_session and is_temporary(passage):
        return False
    return "exists" not in words and "replace" not in words and not _is_dropped_before(reading, passage)


def _is_dropped_before(reading: Reading, passage: Passage) -> bool:
    names = {token.name for token in passage.tokens[2:8]}
    return any(
        each.command == "drop" and names & {token.name for token in each.tokens[4:]}
        for each in reading.passages
        if each.tokens and each.tokens[0].start < passage.tokens[0].start
    )


def _fires_itself(reading: Reading, passage: Passage) -> bool:
    if passage.command not in ("create", "alter", "drop") or passage.behind or _object(passage) in _UNSEEN:
        return False
    tag = _tag(passage)
    return any(
        trigger.event in _DDL_EVENTS and (not trigger.tags or any(each.startswith(tag) for each in trigger.tags))
        for trigger in reading.translation.triggers.triggers
        if trigger.function == reading.text.function
    )


def _object(passage: Passage) -> str:
    words = (token.word for token in passage.tokens[1:])
    return next((word for word in words if word not in _MODIFIERS), "")


def _tag(passage: Passage) -> str:
    return f"{passage.command} {_object(passage)}".upper()


CHECK = Check("XT307", Severity.WARNING, find, waivable=True)

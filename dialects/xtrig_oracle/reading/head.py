"""The head of CREATE TRIGGER: when it fires, for whom, and where its body begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xtrig.plugin import Event, Kind, Token
from xtrig_oracle.reading.recognised import name_of

_TIMES = ("before", "after", "instead", "for")
_BODY = ("declare", "begin", "call", "compound", "<<", "pragma")


class NotATrigger(Exception):
    """The head is none that the grammar of CREATE TRIGGER has."""


@dataclass(frozen=True, slots=True)
class Head:
    """What stands before the body."""

    schema: str | None
    name: str
    timing: str
    events: tuple[str, ...]
    """The events in lower case: ``logon``, ``create``, ``ddl``."""
    scope: str
    """``database``, ``schema``, or another word for a trigger on a table or a view."""
    owner: str | None
    """The schema before ``.SCHEMA``."""
    condition: tuple[Token, ...]
    """What WHEN asks."""
    others: str
    """A clause that a definition has no word for, in capitals; "" for none."""
    is_disabled: bool
    left_out: tuple[Token, ...]
    """ENABLE and DISABLE, which are not part of the text that is kept."""
    start: int
    """The place of the first word after the name."""
    body: int
    """Which word of the statement the body begins with."""

    @property
    def of_database(self) -> bool:
        """Whether it is no trigger on a table or a view."""
        return self.scope in ("database", "schema")

    @property
    def verbs(self) -> tuple[str, ...]:
        """The DDL events; empty for DDL, which is all of them."""
        return () if "ddl" in self.events else self.events

    @property
    def event(self) -> Event | None:
        """The event of a definition that is nearest; None for those of the instance."""
        if "logon" in self.events:
            return Event.LOGON
        if "logoff" in self.events:
            return Event.LOGOFF
        if set(self.events) & _OF_INSTANCE:
            return None
        return Event.DDL_COMMAND_END if self.timing == "after" else Event.DDL_COMMAND_START


_OF_INSTANCE = frozenset(
    ("startup", "shutdown", "servererror", "suspend", "db_role_change", "clone", "unplug", "set container")
)


def read_head(words: Sequence[Token]) -> Head:
    """Return the head of CREATE TRIGGER. Raises :class:`NotATrigger`."""
    return _Reader(words).read()


class _Reader:
    def __init__(self, words: Sequence[Token]) -> None:
        self.words = words
        self.place = next((n for n, token in enumerate(words[:8]) if token.word == "trigger"), len(words)) + 1

    def word(self, ahead: int = 0) -> str:
        place = self.place + ahead
        return (self.words[place].word or self.words[place].text) if place < len(self.words) else ""

    def takes(self, *expected: str) -> bool:
        if any(self.word(number) != each for number, each in enumerate(expected)):
            return False
        self.place += len(expected)
        return True

    def name(self) -> str:
        if self.place >= len(self.words) or not self.words[self.place].name:
            raise NotATrigger("a name is missing")
        self.place += 1
        return name_of(self.words[self.place - 1])

    def read(self) -> Head:
        self.takes("if", "not", "exists")
        path = [self.name()]
        while self.takes("."):
            path.append(self.name())
        if len(path) > 2:
            raise NotATrigger("a name of more than two parts")
        start = self.words[min(self.place, len(self.words) - 1)].start
        others: list[str] = []
        while self.word() not in _TIMES:
            others.append(self.word().upper())
            self.place += 1
            if not self.word():
                raise NotATrigger("BEFORE, AFTER or INSTEAD OF is missing")
        timing = self.word()
        self.place += 1
        self.takes("of")
        events = self._events()
        self.place += 1
        scope, owner = self._scope()
        condition, left_out, is_disabled = self._clauses(others)
        schema = path[0] if len(path) == 2 else None
        return Head(
            schema,
            path[-1],
            timing,
            events,
            scope,
            owner,
            condition,
            " ".join(others),
            is_disabled,
            left_out,
            start,
            self.place,
        )

    def _events(self) -> tuple[str, ...]:
        events, found = [], ""
        while self.word() != "on":
            if not self.word() or self.word() in _BODY:
                raise NotATrigger("ON is missing")
            if self.word() == "or":
                events.append(found)
                found = ""
            else:
                found = f"{found} {self.word()}".strip()
            self.place += 1
        return (*events, found)

    def _scope(self) -> tuple[str, str | None]:
        if self.takes("database"):
            return "database", None
        if self.takes("pluggable", "database"):
            return "database", None
        if self.takes("schema"):
            return "schema", None
        if self.word(1) == "." and self.word(2) == "schema":
            owner = self.name()
            self.place += 2
            return "schema", owner
        return self.word() or "nothing", None

    def _clauses(self, others: list[str]) -> tuple[tuple[Token, ...], tuple[Token, ...], bool]:
        condition: list[Token] = []
        left_out: list[Token] = []
        is_disabled = False
        while self.word() not in _BODY:
            if not self.word():
                raise NotATrigger("the body is missing")
            if self.word() in ("enable", "disable"):
                is_disabled = self.word() == "disable"
                left_out.append(self.words[self.place])
            elif self.word() == "when" and self.word(1) == "(":
                self.place += 1
                condition = self._parenthesised()
                continue
            else:
                others.append(self.word().upper())
            self.place += 1
        return tuple(condition), tuple(left_out), is_disabled

    def _parenthesised(self) -> list[Token]:
        found: list[Token] = []
        depth = 0
        while self.place < len(self.words):
            token = self.words[self.place]
            self.place += 1
            depth += (token.kind is Kind.OPEN) - (token.kind is Kind.CLOSE)
            if depth == 0:
                return found[1:]
            found.append(token)
        raise NotATrigger("a parenthesis is not closed")

"""Hand-written texts of a definition: whole bodies, and the statements of ``sql:`` steps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from xtrig.facts import Event
from xtrig.findings import Path
from xtrig.model import Sql
from xtrig.resolve import ResolvedFunction, ResolvedSet, walk


class HandWritten(NamedTuple):
    """A text that someone wrote in a vendor's own language, where it stands and what it will run as.

    A body is all that stands in the function, verbatim: in plpgsql from ``DECLARE`` or ``BEGIN`` to ``END``. A
    statement may hold ``${facts}``, and xtrig's guards are around it.
    """

    function: ResolvedFunction
    text: str
    dialect: str | None
    """The dialect it is written for; None for the statement of an ``sql:`` step that serves every one."""
    is_body: bool
    """Whether it is the whole function, without the guards that xtrig puts around steps."""
    path: Path

    @property
    def subject(self) -> str:
        """How messages call what it belongs to."""
        return self.function.subject

    @property
    def events(self) -> tuple[Event, ...]:
        """The events that run it."""
        return self.function.events

    @property
    def is_definer(self) -> bool:
        """Whether it runs with the rights of the function's owner."""
        return self.function.policies.security == "definer"

    def line_at(self, position: int) -> int:
        """Return the line, from 1, of a character of the text: the ``text_line`` of a finding."""
        return self.text.count("\n", 0, position) + 1


def hand_written(triggers: ResolvedSet, dialect: str) -> Iterator[HandWritten]:
    """Yield the texts that ``dialect`` will use of every function that is run."""
    for function in triggers.functions:
        for text in _texts(function):
            if text.dialect in (None, dialect):
                yield text


def written_for(triggers: ResolvedSet) -> frozenset[str]:
    """Return the dialects that texts are written for by name."""
    texts = (text for function in triggers.functions for text in _texts(function))
    return frozenset(text.dialect for text in texts if text.dialect is not None)


def _texts(function: ResolvedFunction) -> Iterator[HandWritten]:
    for dialect, text in function.body.items():
        yield HandWritten(function, text, dialect, True, (*function.path, "body", dialect))
    for visit in walk(function):
        if not isinstance(visit.step, Sql):
            continue
        path = (*visit.path, "sql")
        if isinstance(visit.step.sql, str):
            yield HandWritten(function, visit.step.sql, None, False, path)
        else:
            for dialect, text in visit.step.sql.items():
                yield HandWritten(function, text, dialect, False, (*path, dialect))

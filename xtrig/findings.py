"""What xtrig has to say about a definition: coded, placed, and with a remedy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Generic, TypeVar

Path = tuple[str | int, ...]
"""Where in the document: keys and list positions from the root, ``("triggers", "x", "steps", 0)``."""


class Severity(StrEnum):
    """How much a finding weighs; only ``error`` stops xtrig."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


Subject = TypeVar("Subject", contravariant=True)


@dataclass(frozen=True, slots=True)
class Location:
    """A line of a definition file; ``line`` counts from 1."""

    file: str
    line: int | None = None
    block: int | None = None
    """The first line of the literal block (``|``) that stands here, if one does: its lines are lines of the file."""

    def __str__(self) -> str:
        return self.file if self.line is None else f"{self.file}:{self.line}"

    def inside(self, text_line: int | None) -> Location:
        """Return the place of a line, counted from 1, of the text that stands here; the text's own if none is known."""
        if text_line is None or self.block is None:
            return self
        return Location(self.file, self.block + text_line - 1)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found: ``subject: message; remedy``.

    ``message`` says what was asked and why not, ``remedy`` what to do; both are one line.
    """

    code: str
    severity: Severity
    subject: str
    message: str
    remedy: str
    path: Path = ()
    location: Location | None = None
    text_line: int | None = None
    """The line, from 1, of the hand-written text at ``path`` that it is about."""
    waivable: bool = False
    """Whether ``ignore`` may silence it even though it is an error."""
    waiver: str | None = None
    """The reason for which the definition waives it; None: it does not."""

    def __str__(self) -> str:
        place = f"{self.location}: " if self.location else ""
        kind = "" if self.severity is Severity.ERROR else f"{self.severity}: "
        return f"{place}{kind}{self.subject}: {self.message}; {self.remedy} [{self.code}]"

    def at(self, location: Location | None) -> Finding:
        """Return the same finding with a place in a file: that of ``path``, or of the line of the text there."""
        return replace(self, location=location.inside(self.text_line) if location else None)

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as JSON-able data."""
        return {
            "code": self.code,
            "severity": str(self.severity),
            "subject": self.subject,
            "message": self.message,
            "remedy": self.remedy,
            "path": list(self.path),
            "file": self.location.file if self.location else None,
            "line": self.location.line if self.location else None,
        }


@dataclass(frozen=True, slots=True)
class Check(Generic[Subject]):
    """One thing looked for, in a file of its own: ``find`` yields what :meth:`finding` makes.

    ``Subject`` is what it looks at: a set, a translation, a hand-written text.
    """

    code: str
    severity: Severity
    find: Callable[[Subject], Iterator[Finding]]
    waivable: bool = False
    """For an error: whether ``ignore`` may silence it. What would render something broken is not waivable."""

    def finding(
        self,
        subject: str,
        message: str,
        remedy: str,
        path: Path = (),
        *,
        severity: Severity | None = None,
        text_line: int | None = None,
    ) -> Finding:
        """Return a finding of this check; ``severity`` where this one weighs less or more than usual."""
        weight = severity or self.severity
        return Finding(self.code, weight, subject, message, remedy, path, text_line=text_line, waivable=self.waivable)


CODES: dict[str, str] = {
    "XT001": "The file cannot be read as a definition",
    "XT002": "A name is given twice",
    "XT101": "A step names a table that is not defined",
    "XT102": "A trigger runs a function that is not defined",
    "XT103": "A step fills a column that the table does not have",
    "XT104": "A session fact is not known at this event or outside for_each",
    "XT105": "A tag filter on an event that has no command tags",
    "XT106": "for_each over something this event does not list",
    "XT107": "One function is run by events whose defaults differ",
    "XT108": "The definition has no trigger",
    "XT109": "A function is run by no trigger",
    "XT110": "A DDL trigger of the set denies what a logon function of the set does",
    "XT111": "A policy that does nothing at this event",
    "XT112": "A waiver that silences nothing",
    "XT113": "A fact that is the function's owner, not the user",
    "XT114": "A deny that an earlier error skips",
    "XT115": "A DDL trigger that fires itself",
    "XT116": "An insert fills a column that the server numbers",
    "XT117": "A policy that a hand-written body ignores",
    "XT201": "The dialect or its version has no such event",
    "XT202": "The dialect or its version lacks a session fact",
    "XT203": "A deny does not bind on this dialect",
    "XT204": "A name that the dialect cannot hold",
    "XT205": "A command tag the dialect does not know, or never fires for",
    "XT206": "A hand-written body is missing for this dialect",
    "XT207": "A step that the dialect cannot express",
    "XT208": "on_error: deny does not bind on this dialect",
    "XT209": "A policy that the dialect cannot express",
    "XT210": "A part of the rendering is not verified by the vendor's documentation",
    "XT211": "The same words fire at other times on this dialect",
    "XT212": "A firing state that shuts hot standbys",
    "XT213": "A deny that takes recorded rows back",
    "XT214": "Triggers that fire in another order than the definition's",
    "XT215": "Triggers that lose their rows by each other's errors",
    "XT216": "A condition on a fact that never changes",
    "XT217": "A deny that replication roles pass",
    "XT218": "A refusal at logon that nobody is exempt from",
    "XT219": "Rewrites that the event does not fire for",
    "XT220": "Commands that the event does not fire for",
    "XT221": "A refusal at logon that guards one database alone",
    "XT222": "A logon that fails on every standby",
    "XT223": "A deny that ends the session, which no page of the vendor's shows",
    "XT224": "The dialect does not record sessions",
    "XT301": "A hand-written body that writes without a standby guard",
    "XT302": "A name without its schema under security: definer",
    "XT303": "A hand-written body that gives the search_path away",
    "XT304": "A hand-written body that waits at logon, or ends the transaction",
    "XT305": "current_user where it is the function's owner",
    "XT306": "Dynamic SQL that takes a value unquoted",
    "XT307": "A hand-written body that fails when it runs again",
    "XT308": "DDL, GRANT or REVOKE at every login",
    "XT309": "A handler that swallows every error",
    "XT310": "A handler of OTHERS that lets some errors through",
    "XT311": "A time zone that the client can move",
    "XT312": "statement_timeout where it bounds nothing",
    "XT313": "Session statistics read at every login",
    "XT314": "RAISE EXCEPTION that refuses everybody, or nobody",
    "XT315": "plpgsql where PL/SQL is wanted",
    "XT401": "The script cannot be read",
    "XT402": "A statement of the script that is no part of a definition",
    "XT403": "A trigger of the script that no definition can say",
    "XT404": "A thing is created under one name and used under another",
    "XT405": "A body that is kept as it is",
    "XT406": "An option of the script without a word in the model",
    "XT407": "SECURITY DEFINER without a pinned search_path",
    "XT408": "A guard that the script lacks",
    "XT409": "Words of the script that mean something a little different in a definition",
    "XT410": "A table that the script fills and does not create",
}
"""Every finding code with its title. A code is never used again for something else."""

"""What xtrig has to say about a definition: coded, placed, and with a remedy."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

Path = tuple[str | int, ...]
"""Where in the document: keys and list positions from the root, ``("triggers", "x", "steps", 0)``."""


class Severity(StrEnum):
    """How much a finding weighs; only ``error`` stops xtrig."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Location:
    """A line of a definition file; ``line`` counts from 1."""

    file: str
    line: int | None = None

    def __str__(self) -> str:
        return self.file if self.line is None else f"{self.file}:{self.line}"


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

    def __str__(self) -> str:
        place = f"{self.location}: " if self.location else ""
        kind = "" if self.severity is Severity.ERROR else f"{self.severity}: "
        return f"{place}{kind}{self.subject}: {self.message}; {self.remedy} [{self.code}]"

    def at(self, location: Location | None) -> Finding:
        """Return the same finding with a place in a file."""
        return replace(self, location=location)

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
}
"""Every finding code with its title. A code is never used again for something else."""

"""The contract of ``xtrig doctor``: what makes a server unsafe for logon triggers, and emergency access to it.

All of it is text and data: xtrig runs the queries, the dialect reads the answers. Import from here, not from
:mod:`xtrig.plugin`: rendering needs none of it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from xtrig.dialect.driver import Row, WayIn
from xtrig.findings import Severity

if TYPE_CHECKING:
    from xtrig.outputs import CommandOutput, ProblemOutput


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server answered to one query."""

    rows: Sequence[Row] = ()
    problem: str | None = None
    """Why there is no answer, in the server's words; None: there is one."""


Answers = Mapping[str, Answer]
"""Name of the query to its answer; each query that was asked is in it."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem of a server, printed as ``subject: message; remedy``; each of the three is one line."""

    name: str
    """In lower case with hyphens, such as ``no-way-back``. A name is never reused for another problem."""
    severity: Severity
    subject: str
    message: str
    remedy: str

    def __str__(self) -> str:
        kind = "" if self.severity is Severity.ERROR else f"{self.severity}: "
        return f"{kind}{self.subject}: {self.message}; {self.remedy} [{self.name}]"

    def to_dict(self) -> ProblemOutput:
        """Return the problem as JSON-able data."""
        return {
            "name": self.name,
            "severity": str(self.severity),
            "subject": self.subject,
            "message": self.message,
            "remedy": self.remedy,
        }


@dataclass(frozen=True, slots=True)
class Command:
    """A shell command to copy."""

    purpose: str
    text: str
    """One command on each line."""
    afterwards: str = ""
    """The command that reverts it afterwards; "": there is nothing to revert."""

    def to_dict(self) -> CommandOutput:
        """Return the command as JSON-able data."""
        return {"purpose": self.purpose, "text": self.text, "afterwards": self.afterwards}


class Doctor(ABC):
    """Reads one kind of server. Pure: the same arguments give the same answers."""

    opening: ClassVar[tuple[str, ...]] = ()
    """Statements before the queries, in a transaction that is rolled back: objects of other schemas must not answer."""

    commands_title: ClassVar[str] = "If nobody can log in any more:"
    """What stands above the commands."""

    def trials(self) -> Mapping[str, Sequence[str]]:
        """Return, by name, statements of which the last is a query; each trial is rolled back. None, as here."""
        return {}

    @abstractmethod
    def queries(self) -> Mapping[str, str]:
        """Return the queries by name; their number must not grow with the server. Each may fail for lack of rights."""

    @abstractmethod
    def problems(self, answers: Answers, way_in: WayIn) -> Iterable[Problem]:
        """Yield what is wrong; a query without an answer is a problem too: a check could not run."""

    @abstractmethod
    def emergency_commands(self, answers: Answers, way_in: WayIn) -> Iterable[Command]:
        """Yield the commands for emergency access when triggers refuse every login, the mildest first."""

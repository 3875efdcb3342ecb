"""What a dialect gives so that xtrig can say what makes a server unsafe for logon triggers, and the way back in.

All of it is text and data: xtrig asks the queries, the dialect reads the answers. Import from here, not from
:mod:`xtrig.plugin`: rendering needs none of it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar

from xtrig.dialect.driver import Row
from xtrig.findings import Severity


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server answered to one query."""

    rows: Sequence[Row] = ()
    problem: str | None = None
    """Why there is no answer, in the server's words; None: there is one."""


Answers = Mapping[str, Answer]
"""Name of the query to its answer; each query that was asked is in it."""


@dataclass(frozen=True, slots=True)
class WayIn:
    """How the server was reached. There is no password in it."""

    parameters: Mapping[str, str] = field(default_factory=dict)
    """Parameters of the connection that are no secret, by the driver's names; empty where it does not tell."""
    backend_pid: int = 0
    """The server process that the driver was told of; 0: it was told of none."""


@dataclass(frozen=True, slots=True)
class Ailment:
    """One thing that is wrong with a server: ``subject: message; remedy``, each one line."""

    name: str
    """In lower case with hyphens, such as ``no-way-back``. It is never used again for something else."""
    severity: Severity
    subject: str
    message: str
    remedy: str

    def __str__(self) -> str:
        kind = "" if self.severity is Severity.ERROR else f"{self.severity}: "
        return f"{kind}{self.subject}: {self.message}; {self.remedy} [{self.name}]"

    def to_dict(self) -> dict[str, Any]:
        """Return the ailment as JSON-able data."""
        return {**asdict(self), "severity": str(self.severity)}


@dataclass(frozen=True, slots=True)
class Command:
    """A command for a shell, ready to be copied."""

    purpose: str
    text: str
    """One command on each line."""
    afterwards: str = ""
    """What takes it back once the trouble is over; "": nothing has to be."""

    def to_dict(self) -> dict[str, str]:
        """Return the command as JSON-able data."""
        return asdict(self)


class Doctor(ABC):
    """Reads one kind of server. Pure: the same arguments give the same answers."""

    opening: ClassVar[tuple[str, ...]] = ()
    """Statements before the queries, in a transaction that is rolled back: nobody else's objects may answer."""

    @abstractmethod
    def queries(self) -> Mapping[str, str]:
        """Return the queries by name; how many must not grow with the server. Each may fail for lack of rights."""

    @abstractmethod
    def diagnose(self, answers: Answers, way_in: WayIn) -> Iterable[Ailment]:
        """Yield what is wrong; a query without an answer is an ailment too: something was not looked at."""

    @abstractmethod
    def break_glass(self, answers: Answers, way_in: WayIn) -> Iterable[Command]:
        """Yield the commands that let people in again when triggers refuse everybody, the mildest first."""

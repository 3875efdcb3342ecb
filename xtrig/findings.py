"""What xtrig has to say about a definition: coded, placed, and with a remedy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, NamedTuple, TypeVar

if TYPE_CHECKING:
    from xtrig.outputs import FindingOutput

Path = tuple[str | int, ...]
"""Where in the document: keys and list positions from the root, ``("triggers", "x", "steps", 0)``."""


class Severity(StrEnum):
    """How much a finding weighs; only ``error`` stops xtrig."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


Subject = TypeVar("Subject", contravariant=True)


class Location(NamedTuple):
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


Difference = Literal["read-only", "not found", "constraint", "notices", "refusal", "rows"]
"""Logins that are refused where nothing can be written, a name is not found, or a constraint forbids a row; messages to
the client, the refusal that it is told, the rows of a table."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found: ``subject: message; remedy``.

    ``message`` says what was asked and why not, ``remedy`` what to do; both are one line.
    """

    code: str
    """Such as XT101; a code is never used for something else."""
    severity: Severity
    """Error, warning or note."""
    subject: str
    """What it is about, such as "trigger 'on_logon'"."""
    message: str
    """What was asked and why not, in one line."""
    remedy: str
    """What to do, in one line."""
    path: Path = ()
    """The entry of the definition, key by key."""
    location: Location | None = None
    """File and line; None for a set that was made in Python."""
    text_line: int | None = None
    """The line, from 1, of the hand-written text at ``path`` that it is about."""
    waivable: bool = False
    """Whether ``ignore`` may silence it even though it is an error."""
    waiver: str | None = None
    """The reason for which the definition waives it; None: it does not."""
    announces: frozenset[Difference] = frozenset()
    """Of an import, what the script and the definition made of it may do otherwise because of this."""

    @property
    def stops(self) -> bool:
        """Whether it keeps the definition from being rendered: an error that is not waived."""
        return self.severity is Severity.ERROR and self.waiver is None

    def __str__(self) -> str:
        place = f"{self.location}: " if self.location else ""
        kind = "" if self.severity is Severity.ERROR else f"{self.severity}: "
        return f"{place}{kind}{self.subject}: {self.message}; {self.remedy} [{self.code}]"

    def at(self, location: Location | None) -> Finding:
        """Return the same finding with a place in a file: that of ``path``, or of the line of the text there."""
        return replace(self, location=location.inside(self.text_line) if location else None)

    def to_dict(self) -> FindingOutput:
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


class Check(Generic[Subject]):
    """One thing looked for. The docstring of a subclass is its page of the documentation.

    The first line is the title; then come the problem, ``Example:`` or ``Example on DIALECT VERSION:`` with a
    definition (``Example script for DIALECT:`` with a script), ``Remedy:`` and ``Source:``, in Markdown whose links
    are those of ``docs/checks/``. ``Subject`` is what the check looks at: a set, a translation, a hand-written text.
    A check ``of`` another has that one's code and page, and looks for the same in another place.
    """

    code: ClassVar[str]
    page: ClassVar[type[Check[Any]]]
    """The check whose docstring describes the code."""
    severity: ClassVar[Severity] = Severity.ERROR
    waivable: ClassVar[bool] = False
    """For an error: whether ``ignore`` may silence it. What would render something broken is not waivable."""

    def __init_subclass__(
        cls,
        *,
        code: str | None = None,
        of: type[Check[Any]] | None = None,
        severity: Severity | None = None,
        waivable: bool = False,
    ) -> None:
        super().__init_subclass__()
        if code is not None:
            cls.code, cls.page = code, cls
        elif of is not None:
            cls.code, cls.page, cls.severity = of.code, of.page, of.severity
        cls.severity, cls.waivable = severity or cls.severity, waivable or cls.waivable

    @classmethod
    def title(cls) -> str:
        """Return what the code stands for, in a line; the code itself where Python runs without docstrings."""
        return (cls.page.__doc__ or cls.code).partition("\n")[0].removesuffix(".")

    def find(self, subject: Subject, /) -> Iterator[Finding]:
        """Yield what is found; nothing where loading a definition or importing a script finds it."""
        return iter(())

    @classmethod
    def finding(
        cls,
        subject: str,
        message: str,
        remedy: str,
        path: Path = (),
        *,
        severity: Severity | None = None,
        text_line: int | None = None,
    ) -> Finding:
        """Return a finding of this check; ``severity`` where this one weighs less or more than usual."""
        weight = severity or cls.severity
        return Finding(cls.code, weight, subject, message, remedy, path, text_line=text_line, waivable=cls.waivable)


Checks = Sequence[type[Check[Subject]]]
"""Checks of one kind of subject, in the order of findings on one line."""


def found(checks: Iterable[type[Check[Subject]]], subject: Subject) -> Iterator[Finding]:
    """Yield what each of the checks finds."""
    return (finding for check in checks for finding in check().find(subject))


OWN_CODES = frozenset(
    """
    XT001 XT002 XT101 XT102 XT103 XT104 XT105 XT106 XT107 XT108 XT109 XT110 XT111 XT112 XT113 XT115 XT116 XT117 XT118
    XT201 XT202 XT203 XT204 XT205 XT206 XT207 XT208 XT209 XT210 XT211 XT212 XT213 XT214 XT215 XT216 XT217 XT218 XT219
    XT220 XT221 XT222 XT223 XT224 XT225 XT227 XT230 XT231 XT232 XT233 XT235 XT236 XT237 XT240
    XT241 XT242 XT243 XT244 XT250 XT251 XT252 XT253 XT270 XT271 XT301 XT302 XT303 XT304 XT305 XT306 XT307 XT308 XT309
    XT310 XT311 XT312 XT313 XT314 XT315 XT316 XT317 XT318 XT319
    XT401 XT402 XT403 XT404 XT405 XT406 XT407 XT408 XT409 XT410
    """.split()
)
"""Every code that xtrig ever gave out: none is used again for something else.
XT114 and are no more: they are XT227 where they still hold. Prefixes other than XT are of plugins."""

"""The compiled form: statements as data, which are printed in a framing or executed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from xtrig.findings import Finding, Severity
from xtrig.sqltext import one_line


class Hazard(StrEnum):
    """What a statement may do to others, or to data."""

    BLOCKS_LOGINS = "blocks_logins"
    """New connections to the database wait until the transaction ends."""
    REFUSES_LOGINS = "refuses_logins"
    """From here on an error, or a deny, refuses logins."""
    REFUSES_DDL = "refuses_ddl"
    """From here on commands are refused."""
    LOSES_DATA = "loses_data"
    """Recorded rows are gone."""
    WRITES_CATALOG = "writes_catalog"
    """A system catalog is updated by hand."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement.

    ``sql`` has no terminator; ``purpose`` is one line for a comment; ``undo`` takes the statement back,
    in order. A statement with ``transactional=False`` cannot be rolled back on its vendor, or is not known to be;
    before one with ``after_commit=True`` what stands before it has to be committed.
    """

    sql: str
    """Without a terminator."""
    purpose: str
    """One line, for a comment above it."""
    undo: tuple[Statement, ...] = ()
    """What takes it back, in order."""
    transactional: bool = True
    """Whether it can be rolled back."""
    hazards: tuple[Hazard, ...] = ()
    """What it may do to others."""
    after_commit: bool = False
    """Whether what stands before it has to be committed first."""

    def to_dict(self) -> dict[str, Any]:
        """Return the statement as JSON-able data."""
        return {
            "sql": self.sql,
            "purpose": self.purpose,
            "undo": [statement.to_dict() for statement in self.undo],
            "transactional": self.transactional,
            "hazards": [str(hazard) for hazard in self.hazards],
            **({"after_commit": True} if self.after_commit else {}),
        }


def transactions(statements: Iterable[Statement]) -> Iterator[list[Statement]]:
    """Yield the statements in groups, each of which is executed and then committed."""
    group: list[Statement] = []
    for statement in statements:
        if group and statement.after_commit:
            yield group
            group = []
        group.append(statement)
    if group:
        yield group


@dataclass(frozen=True, slots=True)
class Framing:
    """What stands around and between the statements of a printed script. None of it is executed by xtrig.

    ``begin`` and ``commit`` are the statements with which a client that commits by itself runs the script as one
    transaction; "": the vendor has none. ``before`` and ``after`` are text for the client alone, such as
    ``SET TERM ^ ;`` of Firebird's, and are printed as they are. So is ``between``, before each statement that needs
    what stands before it committed: for a vendor whose commands are not committed one by one.
    """

    begin: str = ""
    commit: str = ""
    terminator: str = ";"
    before: str = ""
    after: str = ""
    between: str = ""


@dataclass(frozen=True, slots=True)
class Borrowing:
    """What keeps the settings of a transaction that is somebody else's: executed before a script's own, and last."""

    first: tuple[Statement, ...] = ()
    last: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True)
class Script:
    """A rendered definition. ``str(script)`` is the text to print, iterating gives what is executed, in order.

    Whoever executes it commits; see :func:`transactions`. ``findings`` are the warnings and notes that came with
    it; errors never come with a script, and notes are not in its text.
    """

    dialect: str
    """The name of the dialect."""
    target_version: str
    """The version of the server that it is for."""
    title: str
    """The first line of the text."""
    statements: tuple[Statement, ...]
    """What is executed, in order."""
    framing: Framing = Framing()
    """What stands around the statements in the text."""
    findings: tuple[Finding, ...] = field(default=(), compare=False)
    """Warnings and notes; errors never come with a script."""
    remarks: tuple[str, ...] = ()
    """What whoever runs the script should know, a line each."""
    settings: tuple[Statement, ...] = ()
    """What is executed first, also in the script that takes this one back, and holds until the transaction ends."""
    borrowing: Borrowing = Borrowing()
    """What stands around ``settings`` and statements where the script is a part of somebody else's transaction."""

    def __iter__(self) -> Iterator[Statement]:
        yield from self.settings
        yield from self.statements

    def __str__(self) -> str:
        found = [f"{each.severity}: {each.subject}: {each.message} [{each.code}]" for each in self.warnings]
        blocks = ["\n".join(f"-- {one_line(text)}" for text in (self.title, *self.remarks, *found))]
        blocks += [self.framing.before] if self.framing.before else []
        for statement in self._printed():
            blocks += [self.framing.between] if self.framing.between and statement.after_commit else []
            blocks.append(self._text(statement))
        blocks += [self.framing.after] if self.framing.after else []
        return "\n\n".join(blocks) + "\n"

    def _printed(self) -> Iterator[Statement]:
        """Yield all statements of the text: also those that begin and commit the transaction."""
        if self.framing.begin:
            yield Statement(self.framing.begin, "")
        yield from self
        if self.framing.commit:
            yield Statement(self.framing.commit, "")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings that whoever runs it has to see."""
        return tuple(finding for finding in self.findings if finding.severity is Severity.WARNING)

    def _text(self, statement: Statement) -> str:
        comment = f"-- {one_line(statement.purpose)}\n" if statement.purpose else ""
        return f"{comment}{statement.sql}{self.framing.terminator}"

    def to_dict(self) -> dict[str, Any]:
        """Return the script as JSON-able data; its ``statements`` include BEGIN and COMMIT where there are any."""
        return {
            "dialect": self.dialect,
            "target_version": self.target_version,
            "remarks": list(self.remarks),
            "statements": [statement.to_dict() for statement in self._printed()],
            "findings": [finding.to_dict() for finding in self.findings],
        }

    def undone(self, title: str, *, with_data: bool = False) -> Script:
        """Return the script that takes this one back, last statement first.

        Tables, and so the rows recorded in them, are kept unless ``with_data`` is true.
        """
        statements = tuple(
            undo
            for statement in reversed(self.statements)
            for undo in statement.undo
            if with_data or Hazard.LOSES_DATA not in undo.hazards
        )
        return replace(self, title=title, statements=statements, remarks=())

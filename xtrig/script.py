"""The compiled form of a definition: statements as data, which are printed or executed one by one."""

from __future__ import annotations

from collections.abc import Iterator
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
    in order; a statement with ``transactional=False`` cannot be rolled back on its vendor.
    """

    sql: str
    purpose: str
    undo: tuple[Statement, ...] = ()
    transactional: bool = True
    hazards: tuple[Hazard, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the statement as JSON-able data."""
        return {
            "sql": self.sql,
            "purpose": self.purpose,
            "undo": [statement.to_dict() for statement in self.undo],
            "transactional": self.transactional,
            "hazards": [str(hazard) for hazard in self.hazards],
        }


@dataclass(frozen=True, slots=True)
class Framing:
    """What stands around and between the statements of a printed script."""

    opening: tuple[Statement, ...] = ()
    closing: tuple[Statement, ...] = ()
    terminator: str = ";"


@dataclass(frozen=True, slots=True)
class Script:
    """A rendered definition. ``str(script)`` is the SQL, iterating gives the statements in order.

    ``findings`` are the warnings and notes that came with it; errors never come with a script, and notes are
    not in its text.
    """

    dialect: str
    target_version: str
    title: str
    statements: tuple[Statement, ...]
    framing: Framing = Framing()
    findings: tuple[Finding, ...] = field(default=(), compare=False)
    remarks: tuple[str, ...] = ()
    """What whoever runs the script should know, a line each."""

    def __iter__(self) -> Iterator[Statement]:
        yield from self.framing.opening
        yield from self.statements
        yield from self.framing.closing

    def __str__(self) -> str:
        found = [f"{each.severity}: {each.subject}: {each.message} [{each.code}]" for each in self.warnings]
        blocks = ["\n".join(f"-- {one_line(text)}" for text in (self.title, *self.remarks, *found))]
        blocks += [self._text(statement) for statement in self]
        return "\n\n".join(blocks) + "\n"

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
            "statements": [statement.to_dict() for statement in self],
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

"""Triggers, tables and the table of marks: what AcmeDB keeps of a definition."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, Self

from xtrig.plugin import DatabaseObject, Hazard, ObjectKind, Statement, layout, mark
from xtrig_acmedb.words import folded, name, text

MARKS = "XTRIG_MARKS"
"""AcmeDB has no comments on objects, so their marks are rows of a table."""
AUTONUMBER = "AUTONUMBER"
"""The type of a primary key that the server numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AcmeObject(DatabaseObject):
    """An object of AcmeDB. It has no owner, and its mark is a row, which the command that makes it commits."""

    @property
    def name(self) -> str:
        """The name in backticks."""
        return name(self.path[0])

    @property
    def key(self) -> Hashable:
        """What tells it from others: the case of its name does not."""
        return (self.kind, folded(self.path[0]))

    def marked(self, set_name: str) -> Self:
        """Return it with the mark of its state."""
        return replace(self, mark=mark(self.state, set_name))

    def remark(self, found: Self) -> Iterator[Statement]:
        """Yield the statement that writes the mark. It begins a transaction: what stands before it is committed."""
        yield Statement(f"REPLACE INTO {MARKS} SELECT {self._row}", f"Mark of {self.path[0]}", after_commit=True)

    @property
    def _row(self) -> str:
        return f"{text(self.kind.word)}, {text(folded(self.path[0]))}, {text(str(self.mark))}"

    def restore_comment(self) -> Iterator[Statement]:
        """Yield the statement that brings back the mark."""
        if self.mark is None:
            yield self.unmarked()
        else:
            yield from self.remark(self)

    def unmarked(self) -> Statement:
        """Return the statement that takes the mark away."""
        where = f"KIND = {text(self.kind.word)} AND NAME = {text(folded(self.path[0]))}"
        return Statement(f"DELETE FROM {MARKS} WHERE {where}", "", after_commit=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger(AcmeObject):
    """A trigger with its body in it."""

    kind: ClassVar[ObjectKind] = ObjectKind.TRIGGER

    event: str
    """Such as ``AFTER LOGON``."""
    options: str
    body: str

    @property
    def state(self) -> Mapping[str, str]:
        """All of it is in ACME_TRIGGERS."""
        return {"event": self.event, "options": self.options, "body": self.body}

    @property
    def rehearsal(self) -> Statement:
        """The statement that does once what the trigger does, and hides no error."""
        return Statement(f"EXECUTE BLOCK AS\n{self.body}", f"What {self.name} does")

    def printed(self) -> Iterator[Statement]:
        """Yield the mark, and the trigger that commits it."""
        yield from self.remark(self)
        hazards = (Hazard.REFUSES_LOGINS,) if self.event == "AFTER LOGON" else ()
        sql = f"CREATE OR REPLACE TRIGGER {self.name} {self.event}\nWITH ({self.options}) AS\n{self.body}"
        undo = tuple(self.drop())
        yield Statement(sql, f"Trigger {self.path[0]}", undo, transactional=False, hazards=hazards)

    def drop(self) -> Iterator[Statement]:
        """Yield its end, and that of its mark."""
        yield self.unmarked()
        yield Statement(f"DROP TRIGGER IF EXISTS {self.name}", f"Drop trigger {self.path[0]}", transactional=False)

    def restore(self, instead: Self | None) -> Iterator[Statement]:
        """Yield the trigger as it was, with its mark if it had one."""
        *_, made = self.printed()
        yield from self.restore_comment()
        yield replace(made, purpose=f"Trigger {self.name} as it was", undo=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(AcmeObject):
    """A table that a definition makes. ``columns`` are the lines between its parentheses."""

    kind: ClassVar[ObjectKind] = ObjectKind.TABLE

    columns: tuple[str, ...]

    @classmethod
    def of(cls, word: str, columns: Iterable[tuple[str, str, bool, str | None, bool]]) -> Self:
        """Return the table with columns of a name, a type, whether it is required, a default, and if it is a key."""
        lines, key = [], []
        for column, type_, is_required, default, is_key in columns:
            filled = "" if default is None else f" DEFAULT ({default})"
            lines.append(f"{name(column)} {type_}{' NOT NULL' if is_required else ''}{filled}")
            # AUTONUMBER is the key by itself.
            key += [name(column)] if is_key and type_ != AUTONUMBER else []
        return cls(path=(word,), columns=(*lines, *([f"PRIMARY KEY ({', '.join(key)})"] if key else [])))

    @property
    def state(self) -> Mapping[str, str]:
        """Its columns, as ACME_COLUMNS has them."""
        return {"columns": "\n".join(self.columns)}

    @property
    def _there(self) -> str:
        return f"SELECT 1 FROM ACME_TABLES WHERE NAME = {text(self.path[0])} COLLATE NOCASE"

    def printed(self) -> Iterator[Statement]:
        """Yield the mark, if there is no such table yet, and the table."""
        marking = f"REPLACE INTO {MARKS} SELECT {self._row} WHERE NOT EXISTS ({self._there})"
        yield Statement(marking, f"Mark of {self.path[0]}", after_commit=True)
        lines = [line + ("," if line is not self.columns[-1] else "") for line in self.columns]
        sql = layout([f"CREATE TABLE IF NOT EXISTS {self.name} (", list(lines), ")"])
        yield Statement(sql, f"Table {self.path[0]}", tuple(self.drop()), transactional=False)

    def drop(self) -> Iterator[Statement]:
        """Yield its end, and that of its mark; the mark goes only with the rows."""
        hazards = (Hazard.LOSES_DATA,)
        yield replace(self.unmarked(), hazards=hazards)
        purpose = f"Drop table {self.path[0]}"
        yield Statement(f"DROP TABLE IF EXISTS {self.name}", purpose, transactional=False, hazards=hazards)

    def unmake(self) -> Iterator[Statement]:
        """Yield its end, and that of its mark, if nothing was recorded in it meanwhile."""
        yield Statement(f"DROP TABLE IF EMPTY {self.name}", "", transactional=False, after_commit=True)
        gone = self.unmarked()
        yield replace(gone, sql=f"{gone.sql} AND NOT EXISTS ({self._there})")

    def refusals(self, found: Self) -> Iterator[str]:
        """Yield that a table with other columns is left alone."""
        if self.state != found.state:
            yield f"table {found.name} has other columns; alter it by hand, or give the definition's another name"


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkTable(AcmeObject):
    """The table of marks, which all sets share."""

    kind: ClassVar[ObjectKind] = ObjectKind("mark table", 20, is_kept=True, is_shared=True)

    @property
    def state(self) -> Mapping[str, str]:
        """Only that it is there."""
        return {}

    def printed(self) -> Iterator[Statement]:
        """Yield the table."""
        columns = "KIND LONGTEXT, NAME LONGTEXT, MARK LONGTEXT, PRIMARY KEY (KIND, NAME)"
        sql = f"CREATE TABLE IF NOT EXISTS {MARKS} ({columns})"
        yield Statement(sql, "Marks of what xtrig made", tuple(self.drop()), transactional=False, after_commit=True)

    def drop(self) -> Iterator[Statement]:
        """Yield its end, unless a set still has a mark in it."""
        yield Statement(f"DROP TABLE IF EMPTY {self.name}", "Marks", transactional=False, after_commit=True)

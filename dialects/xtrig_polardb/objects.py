"""The objects of a definition on PolarDB: PostgreSQL's, where the vendor's clauses, or what its catalogs show, differ.

How these catalogs show an object that is written in PL/SQL is not documented. The statement that makes it is then an
attribute of its state that no catalog shows, and the mark stands for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import ClassVar, Self

from xtrig.dialect.objects import ENABLED, DatabaseObject
from xtrig.model import Column
from xtrig.plugin import Hazard, Lines, ObjectKind, Statement, literal, mark
from xtrig_pgfamily import objects as family
from xtrig_pgfamily.objects import TableColumn
from xtrig_pgfamily.objects import table as tables
from xtrig_pgfamily.objects.catalog_object import CatalogObject
from xtrig_pgfamily.statements import do_block
from xtrig_polardb.words import name

SQL = "sql"
"""The attribute of an object that is the statement which makes it."""

_LANGUAGE = "plpgsql"
"""Blocks say it, since the Oracle edition may take another language for granted."""


class Named:
    """What reserves the words of PL/SQL, too."""

    __slots__ = ()

    @staticmethod
    def quoted(word: str) -> str:
        """Return a name as an identifier."""
        return name(word)


def _marked_if_new(each: CatalogObject, oid: str, catalog: str, held: str) -> Statement:
    """Return the block that marks what the script has just made; ``held`` is a query for what is in it.

    A script has no transaction and cannot stop, so it may find somebody else's object there, and leave it alone.
    """
    there = f"pg_catalog.{oid}({literal(each.name)})::oid"
    lines: Lines = [
        "-- Marked only if it is new: without a comment, and empty.",
        f"IF pg_catalog.obj_description({there}, {literal(catalog)}) IS NULL",
        [f"AND NOT EXISTS ({held.format(oid=there, name=each.name)})"],
        "THEN",
        [f"{each.commented(str(each.mark)).sql};"],
        "END IF;",
    ]
    return Statement(do_block(lines, language=_LANGUAGE), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTrigger(Named, family.EventTrigger):
    """An event trigger. What pg_event_trigger shows for logon and logoff is not documented."""

    unseen: ClassVar[frozenset[str]] = frozenset({SQL})

    is_session: bool = False
    """Whether it fires at logon or logoff."""

    @property
    def sql(self) -> str:
        """CREATE EVENT TRIGGER."""
        return self.create_sql(self.tags)

    @property
    def state(self) -> Mapping[str, str]:
        """Live: what the catalogs say. Wanted: the statement, and the firing state."""
        return self.shown if self.is_live else {SQL: self.sql, ENABLED: self.enabled}

    @property
    def hazards(self) -> tuple[Hazard, ...]:
        """An error in a session's trigger refuses no login."""
        return () if self.is_session else (Hazard.REFUSES_DDL,)

    def marked(self, set_name: str) -> Self:
        """Return the trigger with the mark of its statement: the firing state can be seen."""
        return replace(self, mark=mark({SQL: self.sql}, set_name))

    def printed(self) -> Iterator[Statement]:
        """Yield the statements that make it; the script drops those on DDL before anything else."""
        if self.is_session:
            yield self.dropped("")
        yield from self.create()

    def create(self) -> Iterator[Statement]:
        """Yield the statements that make it; one that somebody else has made meanwhile is an error."""
        yield Statement(self.sql, self.purpose, undo=tuple(self.drop()), hazards=self.hazards)
        if self.enabled != "origin":
            yield self.set_to(self.enabled)
        yield self.commented(str(self.mark))

    def drop(self) -> Iterator[Statement]:
        """Yield the statement that takes it away."""
        yield self.dropped(f"Drop trigger {self.path[0]}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Function(Named, family.Function):
    """A function: in plpgsql as the catalogs show it, in PL/SQL a ``text`` for which the mark stands."""

    unseen: ClassVar[frozenset[str]] = frozenset({SQL})

    @classmethod
    def of(cls, made: family.Function) -> Self:
        """Return a function of the family's, with the words that are reserved here."""
        return cls(**{each.name: getattr(made, each.name) for each in fields(made)})

    @property
    def state(self) -> Mapping[str, str]:
        """What the catalogs say of a live function, or of one in plpgsql; of PL/SQL the statement."""
        return self.shown if self.is_live or self.language == "plpgsql" else {SQL: self.sql}

    def printed(self) -> Iterator[Statement]:
        """Yield the statements that make it, or replace it."""
        yield from self._with_rights(self.sql)

    def _with_rights(self, sql: str) -> Iterator[Statement]:
        """Yield the statements; who may call a helper is said once its wrapper is there."""
        yield Statement(sql, self.purpose, undo=(self.dropped(f"Drop function {self.name}"),))
        if self.types:
            yield self.revoked()
        yield self.commented(str(self.mark))
        yield from self.after

    def replace(self, found: Self) -> Iterator[Statement]:
        """Yield the statements that replace the live function, whose rights stay as they are."""
        yield Statement(self.sql, self.purpose)
        yield self.commented(str(self.mark))


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(Named, family.Table):
    """A table."""

    indexes: Mapping[str, str] = field(default_factory=dict)
    """Name to columns."""

    def _indexed(self, exists: str = "") -> Iterator[Statement]:
        for index, columns in self.indexes.items():
            yield Statement(f"CREATE INDEX {exists}{self.quoted(index)} ON {self.name} ({columns})", "")

    def printed(self) -> Iterator[Statement]:
        """Yield the statements of a script."""
        yield Statement(self.sql, self.purpose, undo=tuple(self.drop()))
        yield from self.completed(_LANGUAGE)
        yield from self._indexed("IF NOT EXISTS ")
        yield _marked_if_new(self, "to_regclass", "pg_class", "SELECT 1 FROM {name}")

    def create(self) -> Iterator[Statement]:
        """Yield the statements that make it, and its mark; one that somebody else has made meanwhile is an error."""
        yield Statement(f"CREATE TABLE {self.name} {self.columns_sql}", self.purpose, undo=tuple(self.drop()))
        yield from self._indexed()
        yield self.commented(str(self.mark))


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema(Named, family.Schema):
    """A schema."""

    block_language: ClassVar[str] = _LANGUAGE

    def printed(self) -> Iterator[Statement]:
        """Yield the statements of a script."""
        made = f"CREATE SCHEMA IF NOT EXISTS {self.name}"
        yield Statement(made, self._created().purpose, undo=tuple(self.drop()))
        held = "SELECT 1 FROM pg_catalog.pg_depend WHERE refobjid = {oid}"
        yield _marked_if_new(self, "to_regnamespace", "pg_namespace", held)


@dataclass(frozen=True, slots=True, kw_only=True)
class View(Named, family.View):
    """A view."""

    unseen: ClassVar[frozenset[str]] = frozenset({SQL})

    before: tuple[Statement, ...] = ()
    """Rights without which its reader sees nothing."""

    @property
    def state(self) -> Mapping[str, str]:
        """Live: what the catalogs say. Wanted: the statement."""
        return {"definition": self.query, **self.granted_state} if self.is_live else {SQL: self.sql}

    def is_tampered(self, wanted: Self) -> bool:
        """Whether this live view is not what its mark says it was made as."""
        return DatabaseObject.is_tampered(self, wanted)

    def printed(self) -> Iterator[Statement]:
        """Yield the statements that make it, or replace it."""
        yield from self._with_rights(self.sql)

    def _with_rights(self, sql: str) -> Iterator[Statement]:
        yield from self.before
        yield Statement(sql, self.purpose, undo=tuple(self.drop()))
        yield from self.granting(self.grants)
        yield self.commented(str(self.mark))


@dataclass(frozen=True, slots=True, kw_only=True)
class Role(Named, family.Role):
    """A role."""

    attributes: str = "NOLOGIN"

    def printed(self) -> Iterator[Statement]:
        """Yield the block that makes it where it is not there. It stays: others may have been given it."""
        (raw,) = self.path
        lines: Lines = [
            f"IF NOT EXISTS (SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = {literal(raw)}) THEN",
            [f"{each.sql};" for each in self._made()],
            "END IF;",
        ]
        yield Statement(do_block(lines, language=_LANGUAGE), self.purpose)


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemTrigger(Named, CatalogObject):
    """An Oracle-style system trigger, which holds its body itself. It carries no mark, so it is not deployed."""

    kind: ClassVar[ObjectKind] = ObjectKind.TRIGGER
    keywords: ClassVar[str] = "TRIGGER"

    sql: str

    @property
    def state(self) -> Mapping[str, str]:
        """The statement."""
        return {SQL: self.sql}

    def printed(self) -> Iterator[Statement]:
        """Yield the statement that makes it, or replaces it."""
        yield Statement(self.sql, self.purpose, undo=(self.dropped(f"Drop trigger {self.path[0]}"),))


# The vendor's sample numbers its rows with serial; identity columns are not shown.
_SERIALS = {"smallint": "smallserial", "integer": "serial", "int": "serial", "bigint": "bigserial"}


def table_columns(columns: Mapping[str, Column]) -> tuple[TableColumn, ...]:
    """Return the columns; serial makes one NOT NULL, as identity does."""
    return tables.table_columns(columns, _declared, _shown)


def _declared(column: Column) -> str:
    return _SERIALS.get(column.type.lower(), "bigserial") if column.identity else column.type


def _shown(column: Column) -> str:
    """Return the type of a column as it is shown once made: serial is no type of its own."""
    return "bigint" if column.identity and column.type.lower() not in _SERIALS else column.type

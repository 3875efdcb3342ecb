"""Tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from xtrig.dialect.driver import Row
from xtrig.dialect.objects import ObjectKind
from xtrig.marks import read_mark
from xtrig.model import Column
from xtrig.plugin import Hazard, Lines, Statement, layout
from xtrig_pgfamily.objects.catalog_object import CatalogObject, read_grants
from xtrig_pgfamily.statements import drop_empty_table
from xtrig_pgfamily.words import name

NEEDED = " NOT NULL"
"""What ends the type of a column that must have a value, in the state of a table."""

TABLE_KINDS = ("r", "p")
"""pg_class.relkind of ordinary and partitioned tables."""


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column; ``declared`` is what follows its name in CREATE TABLE, and nothing of a live one."""

    name: str
    type: str
    is_needed: bool = False
    """Whether it must have a value."""
    declared: str = ""

    @property
    def shown(self) -> str:
        """The column as the state of its table has it."""
        return self.type + (NEEDED if self.is_needed else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(CatalogObject):
    """A table; or, live, a relation that is in the place of one."""

    kind: ClassVar[ObjectKind] = ObjectKind.TABLE
    keywords: ClassVar[str] = "TABLE"

    columns: tuple[TableColumn, ...] = ()
    constraints: tuple[str, ...] = ()
    """As they stand in CREATE TABLE, below the columns."""
    storage: str = ""
    """What follows the columns in CREATE TABLE, as WITH and PARTITION BY do."""
    after: tuple[Statement, ...] = ()
    """Indexes and first rows."""
    other_kind: str = ""
    """pg_class.relkind of a relation that is no table."""

    @classmethod
    def from_rows(cls, rows: Sequence[Row], types: Mapping[str, str], wanted: Table | None) -> Self:
        """Return the live table of rows of :func:`xtrig_pgfamily.catalog.queries.tables`, one for each column.

        ``types`` are the server's names of the types of the definition: one that ``wanted`` writes in another way
        than the server is given as written.
        """
        first = rows[0]
        written = {each.name: each.type for each in wanted.columns} if wanted is not None else {}
        is_table = first["kind"] in TABLE_KINDS
        return cls(
            path=(first["schema"], first["name"]),
            columns=tuple(_columns(rows, types, written)) if is_table else (),
            other_kind="" if is_table else first["kind"],
            grants=read_grants(first["grants"]),
            states_grants=True,
            owner=first["owner"],
            mark=read_mark(first["comment"]),
            comment=first["comment"],
            is_live=True,
        )

    @property
    def state(self) -> Mapping[str, str]:
        """The columns, one attribute each, and the grants."""
        kind = {"kind": self.other_kind} if self.other_kind else {}
        return {**kind, **{f"column {each.name}": each.shown for each in self.columns}, **self.granted_state}

    @property
    def sql(self) -> str:
        """CREATE TABLE IF NOT EXISTS."""
        return f"CREATE TABLE IF NOT EXISTS {self.name} {self.columns_sql}"

    @property
    def columns_sql(self) -> str:
        """What stands behind the name in CREATE TABLE."""
        parts = [f"{self.quoted(each.name)} {each.declared}" for each in self.columns] + [*self.constraints]
        lines: Lines = [part + ("," if number < len(parts) else "") for number, part in enumerate(parts, 1)]
        return layout(["(", lines, ")"]) + self.storage

    def refusals(self, found: Self) -> Iterator[str]:
        """Yield what would lose or rewrite rows."""
        if found.other_kind:
            yield f"{self.name} is no table, and cannot become one; rename one of the two"
            return
        live = {each.name: each for each in found.columns}
        for column in self.columns:
            there = live.get(column.name)
            if there is not None and there.shown != column.shown:
                yield (
                    f"table {self.name}: column {column.name} is {there.shown}, and the definition says "
                    f"{column.shown}; alter it yourself, or change the definition"
                )
            elif there is None and column.is_needed:
                yield (
                    f"table {self.name}: the new column {column.name} must have a value, which rows recorded "
                    "before do not; leave out nullable: false, or add it yourself"
                )

    def printed(self) -> Iterator[Statement]:
        """Yield the statements that make it where it is not there."""
        yield Statement(self.sql, self.purpose, undo=tuple(self.drop()))
        yield from self.after
        yield from self.given()
        yield from self.granting(self.grants)
        yield self.commented(str(self.mark))

    def replace(self, found: Self) -> Iterator[Statement]:
        """Yield the statements that add what is missing; rows and other people's columns stay."""
        for column in self._beyond(found):
            sql = f"ALTER TABLE {self.name} ADD COLUMN {self.quoted(column.name)} {column.shown}"
            yield Statement(sql, f"Table {self.name}: new column {column.name}")
        if self.states_grants and found.grants != self.grants:
            yield from self.ungranted(found)
            yield from self.granting(self.grants, f"Grants of {self.kind} {self.name}")
        yield from self.remark(found)

    def _beyond(self, found: Self) -> list[TableColumn]:
        there = {each.name for each in found.columns}
        return [each for each in self.columns if each.name not in there]

    def drop(self) -> Iterator[Statement]:
        """Yield the statement that drops it with its rows."""
        yield self._gone(f"Drop table {self.name} and its rows")

    def unmake(self) -> Iterator[Statement]:
        """Yield the statements that drop it if it is empty, and where nobody else can have written, also if not."""
        yield Statement(drop_empty_table(self.name), f"Drop table {self.name} if it is empty")
        yield self._gone(f"Drop table {self.name}, in which nobody but xtrig's own logins has written")

    def _gone(self, purpose: str) -> Statement:
        return Statement(self.dropped("").sql, purpose, hazards=(Hazard.LOSES_DATA,))

    def restore(self, instead: Self | None) -> Iterator[Statement]:
        """Yield the statements that take away added columns and bring back the comment; rows come not back."""
        for column in instead._beyond(self) if instead is not None else ():
            sql = f"ALTER TABLE {self.name} DROP COLUMN IF EXISTS {self.quoted(column.name)}"
            yield Statement(sql, f"Drop the new column {column.name}", hazards=(Hazard.LOSES_DATA,))
        yield self.commented(self.comment)


def _columns(rows: Sequence[Row], types: Mapping[str, str], written: Mapping[str, str]) -> Iterator[TableColumn]:
    for row in rows:
        if row["column"] is not None:
            asked = written.get(row["column"], "")
            same = is_same_type(asked, types.get(asked), row["type"])
            yield TableColumn(row["column"], asked if same else row["type"], row["is_needed"])


_MODIFIERS = re.compile(r"\([\d, ]+\)")
_NUMBERS = re.compile(r"(?<=[(, ])\d+(?=[), ])")
_UNWRITTEN = {("numeric", 1): ["0"], ("character", 0): ["1"], ("bit", 0): ["1"]}
"""Modifiers that the server adds to those that are written, by the type and how many are."""


def is_same_type(asked: str, meant: str | None, live: str) -> bool:
    """Whether ``live`` is the type that a definition writes as ``asked``, which the server knows as ``meant``.

    Before 17 a server cannot say what the modifiers of ``asked`` mean, so ``meant`` is without them.
    """
    wanted, found = _NUMBERS.findall(asked), _NUMBERS.findall(live)
    if meant == live and (found or not wanted):
        return True
    same_numbers = found in (wanted, wanted + _UNWRITTEN.get((meant or "", len(wanted)), []))
    return same_numbers and meant == _MODIFIERS.sub("", live)


TypeOf = Callable[[Column], str]


def identity_type(column: Column) -> str:
    """Return a column's type, numbered by the server where the column is an identity."""
    return f"{column.type} GENERATED ALWAYS AS IDENTITY" if column.identity else column.type


def type_as_written(column: Column) -> str:
    """Return a column's type as the definition writes it."""
    return column.type


def table_columns(
    columns: Mapping[str, Column], type_of: TypeOf = identity_type, shown: TypeOf = type_as_written
) -> tuple[TableColumn, ...]:
    """Return the columns; ``type_of`` is how a type is declared, ``shown`` how the catalogs show it afterwards."""
    return tuple(
        TableColumn(each, shown(column), is_needed(column), _declared(column, type_of(column)))
        for each, column in columns.items()
    )


def primary_key(columns: Mapping[str, Column], quoted: Callable[[str], str] = name) -> tuple[str, ...]:
    """Return the constraint of the primary key, if there is one."""
    key = [quoted(each) for each, column in columns.items() if column.primary_key]
    return (f"PRIMARY KEY ({', '.join(key)})",) if key else ()


def column_list(
    columns: Mapping[str, Column], quoted: Callable[[str], str] = name, type_of: TypeOf = identity_type
) -> list[str]:
    """Return column definitions, the primary key last.

    A vendor of the family that reserves other words, or numbers rows in another way, gives its own
    ``quoted`` and ``type_of``.
    """
    lines = [f"{quoted(each.name)} {each.declared}" for each in table_columns(columns, type_of)]
    return [*lines, *primary_key(columns, quoted)]


def is_needed(column: Column) -> bool:
    """Whether a column must have a value; GENERATED AS IDENTITY makes it so by itself."""
    return column.identity or column.primary_key or not column.nullable


def _declared(column: Column, kind: str) -> str:
    text = kind
    if not column.nullable and not column.primary_key:
        text += NEEDED
    return text if column.default is None else f"{text} DEFAULT {column.default}"

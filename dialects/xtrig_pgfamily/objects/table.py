"""Tables."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar, Self

from xtrig.dialect.objects import Difference, ObjectKind
from xtrig.marks import Mark, read_mark
from xtrig.model import Column
from xtrig.plugin import Hazard, Lines, Statement, layout, literal, mark
from xtrig_pgfamily.objects.catalog_object import CatalogObject, read_grants
from xtrig_pgfamily.statements import OURS, STOP_IF_UNTRUSTED, do_block, drop_empty_table, literals
from xtrig_pgfamily.words import name

if TYPE_CHECKING:
    from xtrig.dialect.driver import Row

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
    default: str | None = None
    """Its default, but not the one that numbers it; of a live column in the server's words."""
    is_identity: bool = False
    """Whether the server numbers it. Not known of a live one."""
    is_key: bool = False
    """Whether it is part of the primary key. Not known of a live one."""

    @property
    def shown(self) -> str:
        """The column as the state of its table has it."""
        return self.type + (NEEDED if self.is_needed else "")

    @property
    def attributes(self) -> str:
        """What a definition says of it beside its type, of which the preflight compares each word."""
        filled = " IDENTITY" if self.is_identity else " DEFAULT" if self.default is not None else ""
        return filled + (NEEDED if self.is_needed else "") + (" PRIMARY KEY" if self.is_key else "")


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
    is_defined: bool = field(default=False, compare=False)
    """Whether the definition says its columns; those of any other are the same in every script."""
    other_kind: str = ""
    """pg_class.relkind of a relation that is no table."""

    @classmethod
    def from_rows(cls, rows: Sequence[Row], types: Mapping[str, str], wanted: Table | None) -> Self:
        """Return the live table of rows of :func:`xtrig_pgfamily.catalog.queries.tables`, one for each column.

        ``types`` are the server's names of the types of the definition: one that ``wanted`` writes in another way
        than the server is given as written.
        """
        first = rows[0]
        made = read_mark(first["comment"])
        written = {each.name: each for each in wanted.columns} if wanted is not None else {}
        is_table = first["kind"] in TABLE_KINDS
        return cls(
            path=(first["schema"], first["name"]),
            columns=tuple(_columns(rows, types, written, _read_defaults(made))) if is_table else (),
            other_kind="" if is_table else first["kind"],
            grants=read_grants(first["grants"]),
            states_grants=True,
            owner=first["owner"],
            mark=made,
            comment=first["comment"],
            is_live=True,
        )

    @property
    def state(self) -> Mapping[str, str]:
        """The columns, one attribute each, and the grants."""
        kind = {"kind": self.other_kind} if self.other_kind else {}
        return {**kind, **{f"column {each.name}": each.shown for each in self.columns}, **self.granted_state}

    def marked(self, set_name: str) -> Self:
        """Return the table with the mark of its state, and below it its defaults: catalogs show them in other words."""
        defaults = {each.name: each.default for each in self.columns if each.default is not None}
        witness = json.dumps(defaults, ensure_ascii=False) if defaults else ""
        return replace(self, mark=replace(mark(self.state, set_name), witness=witness))

    def differences(self, found: Self) -> Iterator[Difference]:
        """Yield what the live table has otherwise, defaults included."""
        yield from CatalogObject.differences(self, found)
        for new, old in self._other_defaults(found):
            yield Difference(f"default of column {new.name}", old.default, new.default)

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
        """Yield why a relation cannot become a table; the preflight looks at the columns of one that is."""
        if found.other_kind:
            yield f"{self.name} is no table, and cannot become one; rename one of the two"

    def can_add(self, column: TableColumn) -> bool:
        """Whether rows that are there get a value for a new column; the values of a key differ only if numbered."""
        if column.is_key:
            return column.is_identity and sum(each.is_key for each in self.columns) == 1
        return column.is_identity or column.default is not None or not column.is_needed

    def printed(self) -> Iterator[Statement]:
        """Yield the statements that make it where it is not there, and give it what an earlier definition had not."""
        yield Statement(self.sql, self.purpose, undo=tuple(self.drop()))
        yield from self.completed(first=STOP_IF_UNTRUSTED)
        yield from self.after
        yield from self.given()
        yield from self.granting(self.grants)
        yield self.commented(str(self.mark))

    def create(self) -> Iterator[Statement]:
        """Yield the statements that make it; one that somebody else has made meanwhile is an error."""
        yield Statement(f"CREATE TABLE {self.name} {self.columns_sql}", self.purpose, undo=tuple(self.drop()))
        yield from self.after
        yield from self.given()
        yield from self.granting(self.grants)
        yield self.commented(str(self.mark))

    def completed(self, language: str = "", first: Lines | None = None) -> Iterator[Statement]:
        """Yield the block that adds what a marked table lacks, and sets its defaults if the definition has changed.

        ``first`` is done before the table is altered: that may run code of whoever owns it. ALTER TABLE waits for all
        who read the table, and logins wait for it: it is run only where it has to be. With ``language``, in a script
        that pins no search_path, operands have just the types of pg_catalog's operators: there is no closer match.
        """
        new = [each for each in self.columns if self.can_add(each)]
        clauses = [f"ADD COLUMN IF NOT EXISTS {self._definition(each)}" for each in new]
        clauses += [self._defaulted(each) for each in self.columns if each.default is not None]
        if not clauses or not self.is_defined:
            return
        there = f"pg_catalog.to_regclass({literal(self.name)})" + ("::oid" if language else "")
        comment = f"pg_catalog.obj_description({there}, 'pg_class')"
        conditions = [f"{comment} <> {literal(str(self.mark))}"] if len(clauses) > len(new) else []
        if new:
            names = literals([each.name for each in new])
            has = f"SELECT count(*) FROM pg_catalog.pg_attribute WHERE attrelid = {there} AND attname IN ({names})"
            conditions.append(f"({has}) < {len(new)}")
        ends = [","] * (len(clauses) - 1) + [";"]
        lines: Lines = [
            f"IF {comment} {OURS} AND (",
            [" OR ".join(conditions)],
            ") THEN",
            [
                *(first or ()),
                f"ALTER TABLE {self.name}",
                [clause + end for clause, end in zip(clauses, ends, strict=True)],
            ],
            "END IF;",
        ]
        declared: Lines = ["problem text;"] if first else []
        yield Statement(do_block(lines, declared, language), f"Table {self.name}, if an earlier definition made it")

    def _definition(self, column: TableColumn) -> str:
        key = " PRIMARY KEY" if column.is_key else ""
        return f"{self.quoted(column.name)} {column.declared}{key}"

    def _defaulted(self, column: TableColumn) -> str:
        default = "DROP DEFAULT" if column.default is None else f"SET DEFAULT {column.default}"
        return f"ALTER COLUMN {self.quoted(column.name)} {default}"

    def replace(self, found: Self) -> Iterator[Statement]:
        """Yield the statements that add what is missing; rows and other people's columns stay."""
        for column in self._beyond(found):
            sql = f"ALTER TABLE {self.name} ADD COLUMN {self._definition(column)}"
            yield Statement(sql, f"Table {self.name}: new column {column.name}")
        defaults = self._other_defaults(found)
        yield from self._set_defaults(new for new, _ in defaults)
        if self.states_grants and found.grants != self.grants:
            yield from self.ungranted(found)
            yield from self.granting(self.grants, f"Grants of {self.kind} {self.name}")
        yield from self.remark(found if not defaults else None)

    def _beyond(self, found: Self) -> list[TableColumn]:
        there = {each.name for each in found.columns}
        return [each for each in self.columns if each.name not in there]

    def _other_defaults(self, found: Self) -> list[tuple[TableColumn, TableColumn]]:
        """Return the columns of both whose default differs, as they are wanted and as they were found."""
        there = {each.name: each for each in found.columns}
        both = [(each, there[each.name]) for each in self.columns if each.name in there]
        return [(new, old) for new, old in both if new.default not in (None, old.default)]

    def _set_defaults(self, columns: Iterable[TableColumn]) -> Iterator[Statement]:
        for each in columns:
            yield Statement(f"ALTER TABLE {self.name} {self._defaulted(each)}", f"Default of column {each.name}")

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
        if instead is not None:
            yield from self._set_defaults(old for _, old in instead._other_defaults(self))
        yield self.commented(self.comment)


def _read_defaults(mark: Mark | None) -> Mapping[str, str]:
    """Return the defaults of columns as they were written; a comment may hold anything."""
    try:
        found = json.loads(mark.witness) if mark is not None else {}
    except (ValueError, RecursionError):
        found = {}
    return found if isinstance(found, dict) else {}


def _columns(
    rows: Sequence[Row],
    types: Mapping[str, str],
    written: Mapping[str, TableColumn],
    defaults: Mapping[str, str],
) -> Iterator[TableColumn]:
    for row in rows:
        if row["column"] is not None:
            asked = written.get(row["column"], TableColumn("", ""))
            same = is_same_type(asked.type, types.get(asked.type), row["type"])
            shown = row.get("default")
            is_same_default = shown is not None and asked.default in (shown, defaults.get(row["column"]))
            yield TableColumn(
                row["column"],
                asked.type if same else row["type"],
                row["is_needed"],
                default=asked.default if is_same_default else shown,
            )


_MODIFIERS = re.compile(r"\([\d, ]+\)")
_NUMBERS = re.compile(r"(?<=[(, ])\d+(?=[), ])")
_UNWRITTEN = {("numeric", 1): ["0"], ("character", 0): ["1"], ("bit", 0): ["1"]}
"""Modifiers that the server adds to those that are written, by the type and how many are."""


def is_same_type(asked: str, meant: str | None, live: str) -> bool:
    """Whether ``live`` is the type that a definition writes as ``asked``, which the server knows as ``meant``.

    Before 17 a server cannot say what the modifiers of ``asked`` mean, so ``meant`` is without them.
    """
    wanted, found = _NUMBERS.findall(asked), _NUMBERS.findall(live)
    # float(24) is real, and keeps no number.
    if meant == live and (found or not wanted or live in ("real", "double precision")):
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
        TableColumn(
            each,
            shown(column),
            is_needed(column),
            _declared(column, type_of(column)),
            column.default,
            column.identity,
            column.primary_key,
        )
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

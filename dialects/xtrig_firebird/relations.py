"""Tables and views, which share one catalog."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar, Self

from xtrig.dialect.objects import ObjectKind
from xtrig.plugin import Hazard, Lines, Statement, layout
from xtrig_firebird.objects import FirebirdObject, execute_block, executed_if
from xtrig_firebird.words import folded, name, text


@dataclass(frozen=True, slots=True, kw_only=True)
class TableColumn:
    """A column, by its stored name; ``type`` is Firebird's, ``rest`` what stands behind it."""

    name: str
    type: str
    rest: str = ""

    @property
    def line(self) -> str:
        """The column as CREATE TABLE and ALTER TABLE take it."""
        return f"{name(self.name)} {self.type}{self.rest}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation(FirebirdObject):
    """What is selected from. Tables and views have one name between them."""

    catalog: ClassVar[str] = "rdb$relations"
    catalog_name: ClassVar[str] = "rdb$relation_name"

    grants: tuple[str, ...] = ()
    """Such as ``SELECT ON log TO ROLE reader``: what others than its owner may."""
    states_grants: bool = False
    """Whether others may do nothing else."""

    @property
    def key(self) -> Hashable:
        """What tells it from others."""
        return (ObjectKind.TABLE, folded(self.path[0]))

    def refusals(self, found: FirebirdObject) -> Iterator[str]:
        """Yield that a table cannot become a view, nor a view a table."""
        if found.kind is not self.kind:
            yield f"{found.kind} {found.name} is there, where {self.kind} {self.name} is to be; rename one of the two"

    def granted(self, found: Self | None = None) -> Iterator[Statement]:
        """Yield what others may do with it, and what they may not any more."""
        for each in found.grants if found is not None and self.states_grants else ():
            if each not in self.grants:
                yield Statement(f"REVOKE {each.replace(' TO ', ' FROM ')}", "")
        for each in self.grants:
            yield Statement(f"GRANT {each}", "")

    @property
    def said_grants(self) -> Mapping[str, str]:
        """The attribute of the state that is what others may."""
        return {"grants": "\n".join(sorted(self.grants))} if self.states_grants else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(Relation):
    """A table that a definition makes, or one that is there."""

    kind: ClassVar[ObjectKind] = ObjectKind.TABLE
    word: ClassVar[str] = "TABLE"
    loses: ClassVar[tuple[Hazard, ...]] = (Hazard.LOSES_DATA,)

    columns: tuple[TableColumn, ...]
    key_columns: tuple[str, ...] = ()
    indexes: tuple[str, ...] = ()
    """Columns that have an index each."""

    @property
    def state(self) -> Mapping[str, str]:
        """Its columns with their types."""
        columns = {f"column {folded(each.name)}": f"{each.type}{each.rest}" for each in self.columns}
        return {**columns, **self.said_grants}

    def printed(self) -> Iterator[Statement]:
        """Yield the table, the columns that one of an older definition lacks, and the mark."""
        lines = [each.line for each in self.columns]
        if self.key_columns:
            lines.append(f"PRIMARY KEY ({', '.join(map(name, self.key_columns))})")
        body: Lines = [line + ("," if number < len(lines) else "") for number, line in enumerate(lines, 1)]
        create = layout([f"CREATE TABLE {self.name} (", body, ")"])
        # Columns that a table of an older definition lacks; no others can be given to rows that are there.
        missing = [line for each in self.columns if not each.rest for line in self._added(each)]
        indexes = [
            f"CREATE INDEX {name(f'{self.path[0]}_{each}')} ON {self.name} ({name(each)})" for each in self.indexes
        ]
        block = execute_block([*executed_if(f"NOT {self.is_there}", create, *indexes), *missing])
        yield Statement(block, f"Table {self.name}", tuple(self.drop()))
        yield from self.granted()
        yield self.commented(str(self.mark))

    def replace(self, found: Self) -> Iterator[Statement]:
        """Yield the statements of a script, and what takes away the rights that nobody was to have."""
        *made, mark = self.printed()
        yield from made
        yield from self.granted(found)
        yield mark

    def _added(self, column: TableColumn) -> Lines:
        there = [
            f"NOT EXISTS(SELECT 1 FROM rdb$relation_fields WHERE rdb$relation_name = {self.stored}",
            f"  AND rdb$field_name = {text(folded(column.name))})",
        ]
        return executed_if("\n    ".join(there), f"ALTER TABLE {self.name} ADD {column.line}")

    def refusals(self, found: FirebirdObject) -> Iterator[str]:
        """Yield that a table with other columns is left alone; columns that may be NULL are added."""
        yield from Relation.refusals(self, found)
        for wanted in self.columns if isinstance(found, Table) else ():
            live = found.state.get(f"column {folded(wanted.name)}")
            if live is None and wanted.rest:
                yield f"table {found.name} lacks the column {wanted.name}; add it by hand: {wanted.line}"
            elif live is not None and live != f"{wanted.type}{wanted.rest}":
                what = f"column {wanted.name} of table {found.name} is {live}, and not {wanted.type}{wanted.rest}"
                yield f"{what}; alter it by hand, or give the definition's another name"


@dataclass(frozen=True, slots=True, kw_only=True)
class View(Relation):
    """A view."""

    kind: ClassVar[ObjectKind] = ObjectKind.VIEW
    word: ClassVar[str] = "VIEW"

    query: str
    purpose: str = field(default="", compare=False)

    @property
    def state(self) -> Mapping[str, str]:
        """Its query, which the catalogs keep as it was sent."""
        return {"query": self.query, **self.said_grants}

    def printed(self) -> Iterator[Statement]:
        """Yield the view, who may read it, and the mark."""
        yield from self.replace(None)

    def replace(self, found: Self | None) -> Iterator[Statement]:
        """Yield the statements after which the live view is this one."""
        sql = f"CREATE OR ALTER VIEW {self.name} AS\n{self.query}"
        yield Statement(sql, f"View {self.name}: {self.purpose}".removesuffix(": "), tuple(self.drop()))
        yield from self.granted(found)
        yield self.commented(None if self.mark is None else str(self.mark))

    def restore(self, instead: Self | None) -> Iterator[Statement]:
        """Yield the view as it was."""
        yield from replace(self, states_grants=True).replace(instead)

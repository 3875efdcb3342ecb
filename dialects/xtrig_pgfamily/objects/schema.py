"""Schemas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

from xtrig.dialect.driver import Row
from xtrig.dialect.objects import ObjectKind
from xtrig.marks import read_mark
from xtrig.plugin import Statement
from xtrig_pgfamily.objects.catalog_object import CatalogObject
from xtrig_pgfamily.statements import drop_empty_schema

BUILT_IN = ("public", "pg_catalog")
"""Schemas that are there already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema(CatalogObject):
    """A schema. One that was there before is used as it is, and is not marked."""

    kind: ClassVar[ObjectKind] = ObjectKind.SCHEMA
    keywords: ClassVar[str] = "SCHEMA"
    granted_on: ClassVar[str] = "SCHEMA "

    after: tuple[Statement, ...] = ()
    """The rights that others get to it."""

    @classmethod
    def from_row(cls, row: Row) -> Self:
        """Return the live schema of a row of :func:`xtrig_pgfamily.catalog.queries.schemas`."""
        mark, comment = read_mark(row["comment"]), row["comment"]
        return cls(path=(row["name"],), owner=row["owner"], mark=mark, comment=comment, is_live=True)

    @property
    def state(self) -> Mapping[str, str]:
        """Nothing: it is used as it is."""
        return {}

    def printed(self) -> Iterator[Statement]:
        """Yield the statements of a script, which cannot know whether the schema was there, and so does not mark it."""
        yield Statement(f"CREATE SCHEMA IF NOT EXISTS {self.name}", self.purpose or f"Schema {self.path[0]}")
        yield from self.after

    def create(self) -> Iterator[Statement]:
        """Yield the statements that make it, and its mark."""
        yield from self.printed()
        yield from self.remark(None)

    def drop(self) -> Iterator[Statement]:
        """Yield the block that drops it if xtrig made it and nothing is in it."""
        yield Statement(drop_empty_schema(self.name), f"Drop schema {self.name} if it is empty")

"""Schemas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

from xtrig.dialect.objects import Difference, ObjectKind
from xtrig.marks import read_mark
from xtrig.plugin import Lines, Statement, literal
from xtrig_pgfamily.objects.catalog_object import CatalogObject, Grant, read_grants
from xtrig_pgfamily.statements import do_block, drop_empty_schema

if TYPE_CHECKING:
    from xtrig.dialect.driver import Row

BUILT_IN = ("public", "pg_catalog")
"""Schemas that are there already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema(CatalogObject):
    """A schema. One that was there before is used as it is, and is not marked."""

    kind: ClassVar[ObjectKind] = ObjectKind.SCHEMA
    keywords: ClassVar[str] = "SCHEMA"
    granted_on: ClassVar[str] = "SCHEMA "
    block_language: ClassVar[str] = ""
    """The language of its anonymous blocks; "" leaves it to the server."""

    after: tuple[Statement, ...] = ()
    """The statements that give others their rights to it; ``grants`` are these rights."""

    @classmethod
    def from_row(cls, row: Row) -> Self:
        """Return the live schema of a row of :func:`xtrig_pgfamily.catalog.queries.schemas`."""
        mark, comment = read_mark(row["comment"]), row["comment"]
        grants = read_grants(row["grants"])
        return cls(path=(row["name"],), owner=row["owner"], grants=grants, mark=mark, comment=comment, is_live=True)

    @property
    def state(self) -> Mapping[str, str]:
        """Nothing: it is used as it is."""
        return {}

    def differences(self, found: Self) -> Iterator[Difference]:
        """Yield the rights that are missing; others may have more, as the schema may hold more than the set."""
        for each in self._missing(found):
            yield Difference("grants", None, f"{each.role} {each.privilege}")

    def replace(self, found: Self) -> Iterator[Statement]:
        """Yield the statements that give the rights that are missing."""
        yield from self.granting(self._missing(found), f"Grants of schema {self.name}")

    def restore(self, instead: Self | None) -> Iterator[Statement]:
        """Yield the statements that take these rights back."""
        for each in instead._missing(self) if instead is not None else ():
            yield Statement(f"REVOKE {each.privilege} ON SCHEMA {self.name} FROM {each.grantee(self.quoted)}", "")

    def _missing(self, found: Self) -> list[Grant]:
        there = {(each.role, each.privilege.partition(" WITH ")[0]) for each in found.grants}
        return [each for each in self.grants if (each.role, each.privilege) not in there and each.role != found.owner]

    def printed(self) -> Iterator[Statement]:
        """Yield the statements of a script, which makes and marks a schema only where none of the name is there."""
        made: Lines = [statement.sql + ";" for statement in (self._created(), *self.remark(None))]
        lines: Lines = [f"IF to_regnamespace({literal(self.name)}) IS NULL THEN", made, "END IF;"]
        yield Statement(do_block(lines), self._created().purpose, undo=tuple(self.drop()))
        yield from self.after

    def create(self) -> Iterator[Statement]:
        """Yield the statements that make it, and its mark; one that somebody else has made meanwhile is an error."""
        yield self._created()
        yield from self.after
        yield from self.remark(None)

    def _created(self) -> Statement:
        return Statement(f"CREATE SCHEMA {self.name}", self.purpose or f"Schema {self.path[0]}")

    def drop(self) -> Iterator[Statement]:
        """Yield the block that drops it if xtrig made it and nothing is in it."""
        yield Statement(drop_empty_schema(self.name, self.block_language), f"Drop schema {self.name} if it is empty")

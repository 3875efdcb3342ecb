"""Roles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Self

from xtrig.dialect.objects import Difference, ObjectKind
from xtrig.marks import read_mark
from xtrig.plugin import Hazard, Lines, Statement, literal
from xtrig_pgfamily.objects.catalog_object import CatalogObject
from xtrig_pgfamily.statements import do_block, drop_unused_role

if TYPE_CHECKING:
    from xtrig.dialect.driver import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Role(CatalogObject):
    """A role that nobody can be. It belongs to the whole server, and one that was there before is used as it is."""

    kind: ClassVar[ObjectKind] = ObjectKind.ROLE
    keywords: ClassVar[str] = "ROLE"

    attributes: str = "NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
    after: tuple[Statement, ...] = ()
    """The statements that give it its rights."""
    rights: tuple[str, ...] = ()
    """These rights, in the words of the query of the catalogs."""

    @classmethod
    def from_row(cls, row: Row) -> Self:
        """Return the live role of a row of :func:`xtrig_pgfamily.catalog.queries.roles`."""
        mark, comment = read_mark(row["comment"]), row["comment"]
        rights = tuple(row["rights"])
        return cls(path=(row["name"],), owner=row["name"], rights=rights, mark=mark, comment=comment, is_live=True)

    @property
    def state(self) -> Mapping[str, str]:
        """Nothing: it is used as it is."""
        return {}

    def differences(self, found: Self) -> Iterator[Difference]:
        """Yield the rights that are missing."""
        for each in self.rights:
            if each not in found.rights:
                yield Difference("rights", None, each)

    def replace(self, found: Self) -> Iterator[Statement]:
        """Yield the statements that give it its rights."""
        yield from self.after

    def printed(self) -> Iterator[Statement]:
        """Yield the block that makes it where it is not there, and its rights."""
        made: Lines = [f"{each.sql};" for each in self._made()]
        lines: Lines = [f"IF to_regrole({literal(self.name)}) IS NULL THEN", made, "END IF;"]
        (gone,) = self.drop()
        # It goes with the data that it owns: until then it cannot.
        undo = replace(gone, purpose=f"Drop role {self.path[0]}", hazards=(Hazard.LOSES_DATA,))
        yield Statement(do_block(lines), self.purpose, undo=(undo,))
        yield from self.after

    def create(self) -> Iterator[Statement]:
        """Yield the statements that make it; one that somebody else has made meanwhile is an error."""
        yield from self._made()
        yield from self.after

    def _made(self) -> Iterator[Statement]:
        yield Statement(f"CREATE ROLE {self.name} {self.attributes}", self.purpose)
        yield self.commented(str(self.mark))

    def drop(self) -> Iterator[Statement]:
        """Yield the block that drops it if xtrig made it and nothing needs it."""
        yield Statement(drop_unused_role(self.name), f"Drop role {self.name} if nothing needs it")

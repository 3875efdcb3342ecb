"""Views."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import md5
from typing import TYPE_CHECKING, ClassVar, Self

from xtrig.dialect.objects import Difference, ObjectKind
from xtrig.marks import read_mark
from xtrig.plugin import Statement, literal
from xtrig_pgfamily.objects.catalog_object import CatalogObject, read_grants
from xtrig_pgfamily.statements import do_block

if TYPE_CHECKING:
    from xtrig.dialect.driver import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class View(CatalogObject):
    """A view. Its mark holds a hash of what the server understood it to be: in that form the query comes back."""

    kind: ClassVar[ObjectKind] = ObjectKind.VIEW
    keywords: ClassVar[str] = "VIEW"

    query: str
    is_as_made: bool = True
    """Whether a live view still is what the server understood when it was made."""
    besides: str = ""
    """Of a live view, its options, and the triggers, rules and defaults of columns that others gave it."""
    text: str = ""
    """Of a live view, the query in the server's words."""

    @classmethod
    def from_row(cls, row: Row, wanted: View | None) -> Self:
        """Return the live view of a row of :func:`xtrig_pgfamily.catalog.queries.tables`.

        Its query is given as ``wanted`` writes it, if it was made from that and not changed since.
        """
        mark, text = read_mark(row["comment"]), row["definition"] or ""
        is_as_made = mark is not None and mark.witness == md5(text.encode(), usedforsecurity=False).hexdigest()
        is_wanted = is_as_made and wanted is not None and wanted.mark is not None and mark == wanted.mark
        return cls(
            path=(row["schema"], row["name"]),
            query=wanted.query if is_wanted and wanted is not None else text,
            text=text,
            is_as_made=is_as_made,
            besides=row.get("besides") or "",
            grants=read_grants(row["grants"]),
            states_grants=True,
            owner=row["owner"],
            mark=mark,
            comment=row["comment"],
            is_live=True,
        )

    @property
    def state(self) -> Mapping[str, str]:
        """The query, and the grants."""
        return {"definition": self.query, **self.granted_state}

    @property
    def sql(self) -> str:
        """CREATE OR REPLACE VIEW."""
        return self._made_by("CREATE OR REPLACE")

    def _made_by(self, create: str) -> str:
        return f"{create} VIEW {self.name} AS\n{self.query}"

    def differences(self, found: Self) -> Iterator[Difference]:
        """Yield what the live view has otherwise, or besides."""
        yield from CatalogObject.differences(self, found)
        if found.besides:
            yield Difference("besides the query", found.besides, None)

    def is_tampered(self, wanted: Self) -> bool:
        """Whether this live view is not what it was when it was made."""
        return not self.is_as_made or bool(self.besides)

    def printed(self) -> Iterator[Statement]:
        """Yield the statements that make it, or replace it."""
        yield from self._with_rights(self.sql)

    def create(self) -> Iterator[Statement]:
        """Yield the statements that make it; one that somebody else has made meanwhile is an error."""
        yield from self._with_rights(self._made_by("CREATE"))

    def _with_rights(self, sql: str) -> Iterator[Statement]:
        yield Statement(sql, self.purpose, undo=tuple(self.drop()))
        yield from self.given()
        yield from self.granting(self.grants)
        yield self._witnessed()

    def _witnessed(self) -> Statement:
        """Return the block that marks the view, together with a hash of what the server understood it to be."""
        text = f"COMMENT ON VIEW {self.name.replace('%', '%%')} IS %L"
        shown = f"md5(pg_get_viewdef({literal(self.name)}::regclass))"
        marked = f"{literal(str(self.mark))} || E'\\n' || {shown}"
        return Statement(do_block([f"EXECUTE format({literal(text)}, {marked});"]), "")

    def replace(self, found: Self) -> Iterator[Statement]:
        """Yield the statements that drop the live view and make this one: OR REPLACE cannot take a column away."""
        yield self.dropped(f"Replace view {self.name}")
        yield from self.create()

    def restore(self, instead: Self | None) -> Iterator[Statement]:
        """Yield the statements that make it just as it was."""
        yield self.dropped("")
        yield Statement(f"CREATE VIEW {self.name} AS\n{self.text.rstrip(';')}", f"View {self.name} as it was")
        yield from self.restore_comment()
        yield from self.granting(self.grants)

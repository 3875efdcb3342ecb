"""What every section of the page is made from: the records, their counts, the names of their sources."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from xtrig.audit.counting import Counts, count
from xtrig.audit.page.elements import Child, Column, foreign, h, joined
from xtrig.audit.records import AuditData, Source


class Names:
    """The names of all sources, and whether a table needs a column for them."""

    def __init__(self, data: AuditData) -> None:
        records = (data.sessions, data.refusals, data.ddl, data.gaps, data.tamperings)
        named = dict.fromkeys(data.sources)
        for record in (record for group in records for record in group):
            named.setdefault(record.source)
        self.sources = tuple(named)
        self.vendors = tuple(dict.fromkeys(source.vendor for source in self.sources))
        self._alike = Counter(source.vendor for source in self.sources)

    @property
    def column(self) -> bool:
        """Return whether there are several sources."""
        return len(self.sources) > 1

    def cells(self, *sources: Source) -> list[Child]:
        """Return the cell with the names of sources; no cell if there is only one source."""
        if not self.column:
            return []
        ordered = [source for source in self.sources if source in sources]
        return [h("span", *joined((self.name(source) for source in ordered), ", "))]

    def name(self, source: Source) -> Child:
        """Return a source's vendor, with its server and database if there are several of that vendor."""
        if self._alike[source.vendor] == 1:
            return foreign(source.vendor)
        return h("span", foreign(source.vendor), ", ", self.place(source))

    def place(self, source: Source) -> Child:
        """Return a source's server and database."""
        return h("span", foreign(source.server), " / ", foreign(source.database))

    def series(self, most: int = 5) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Return the series of charts: titles, each with its vendors; the last may be all other vendors."""
        if len(self.vendors) <= most:
            return tuple((vendor, (vendor,)) for vendor in self.vendors)
        others = self.vendors[most - 1 :]
        return (*((vendor, (vendor,)) for vendor in self.vendors[: most - 1]), ("other vendors", others))


@dataclass(frozen=True, slots=True)
class View:
    """The records, their counts, and the names of their sources."""

    data: AuditData
    counts: Counts
    names: Names

    @property
    def source_column(self) -> list[Column]:
        """Return the column for the source, if there are several sources."""
        return [Column("Source", "source")] if self.names.column else []


def view_of(data: AuditData) -> View:
    """Return the view of records."""
    return View(data, count(data), Names(data))


def section(name: str, title: str, *children: Child, class_: str | None = None) -> Element:
    """Return a section of the page; ``name`` is its anchor."""
    heading = h("h2", title, id=f"{name}-heading")
    return h("section", heading, *children, id=name, class_=class_, aria_labelledby=f"{name}-heading")

"""What sources are called on the page: as short as tells them apart."""

from __future__ import annotations

from collections import Counter

from xtrig.audit.page.elements import Child, foreign, h, joined
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
        """Return the cell that names sources, or no cell where there is only one source."""
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
        """Return what charts tell apart: titles, each with its vendors, and the last for all others."""
        if len(self.vendors) <= most:
            return tuple((vendor, (vendor,)) for vendor in self.vendors)
        others = self.vendors[most - 1 :]
        return (*((vendor, (vendor,)) for vendor in self.vendors[: most - 1]), ("other vendors", others))

"""What every section of the page is made from."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from xtrig.audit.page.counting import Counts, count
from xtrig.audit.page.elements import Child, h
from xtrig.audit.page.names import Names
from xtrig.audit.page.tables import Column
from xtrig.audit.records import AuditData


@dataclass(frozen=True, slots=True)
class View:
    """The records, what was counted in them, and what their sources are called."""

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
    """Return a section of the page; ``name`` is its anchor and the beginning of the names within it."""
    heading = h("h2", title, id=f"{name}-heading")
    return h("section", heading, *children, id=name, class_=class_, aria_labelledby=f"{name}-heading")

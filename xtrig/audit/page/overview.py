"""What the report is about: its period, its sources, its key numbers."""

from __future__ import annotations

from collections import Counter
from xml.etree.ElementTree import Element

from xtrig.audit.page.elements import Child, foreign, h, joined
from xtrig.audit.page.tables import Column, table
from xtrig.audit.page.view import View, section
from xtrig.audit.page.words import moment


def header(view: View) -> Element:
    """Return the head of the page: the period, when it was made, and of what."""
    facts: list[tuple[str, list[Child]]] = [
        ("Period", [moment(view.data.since), " to ", moment(view.data.until), " UTC"]),
        ("Generated", [moment(view.data.generated_at), " UTC"]),
    ]
    if len(view.names.sources) == 1:
        source = view.names.sources[0]
        facts.append(("Source", [view.names.name(source), ", ", view.names.place(source)]))
    elif view.names.sources:
        facts.append(("Sources", joined((view.names.name(source) for source in view.names.sources), "; ")))
    told = h("dl", *(h("div", h("dt", name), h("dd", *values)) for name, values in facts), class_="facts")
    return h("header", h("h1", "Login audit"), told, h("p", "All times are in UTC.", class_="note"))


def keys(view: View) -> Element:
    """Return the section of key numbers."""
    data, counts = view.data, view.counts
    numbers: list[tuple[str, int, str | None]] = [
        ("Sessions", len(data.sessions), None),
        ("Users", counts.users, None),
        ("Addresses", len(counts.addresses.keys() - {None}), None),
        ("Refused logins", len(data.refusals), None),
        ("DDL commands", len(data.ddl), None),
        ("Open now", counts.ends[None], None),
        ("Gaps in coverage", len(data.gaps), "warn"),
    ]
    if data.tamperings:
        numbers.append(("Signs of tampering", len(data.tamperings), "bad"))
    tiles = (
        h("div", h("dt", name), h("dd", f"{number:,}"), class_=kind if number else None)
        for name, number, kind in numbers
    )
    return section("keys", "Key numbers", h("dl", *tiles, class_="keys"))


def contents(sections: list[Element]) -> Element:
    """Return links to sections."""
    links = (h("li", h("a", part[0].text, href=f"#{part.get('id')}")) for part in sections)
    return h("nav", h("ul", *links), aria_label="Sections of this report")


def sources(view: View) -> Element:
    """Return the section of sources: what was read, and how much was in it."""
    if not view.names.sources:
        return section("sources", "Sources", h("p", "No source was read.", class_="nothing"))
    data = view.data
    numbers = [Counter(one.source for one in found) for found in (data.sessions, data.refusals, data.ddl, data.gaps)]
    columns = [
        *(Column("Vendor"), Column("Server"), Column("Database"), Column("Sessions", "number")),
        *(Column("Refused", "number"), Column("DDL", "number"), Column("Gaps", "number")),
    ]
    rows = table(
        "What was read",
        columns,
        view.names.sources,
        lambda one: [
            *(foreign(one.vendor), foreign(one.server), foreign(one.database)),
            *(f"{number[one]:,}" for number in numbers),
        ],
        limit=100,
    )
    return section("sources", "Sources", rows)

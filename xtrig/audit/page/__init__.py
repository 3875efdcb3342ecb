"""The audit report as one HTML page that needs nothing else: no network, no script, no font.

Values of records stay text: the serialiser escapes them, and the policy in the page's head allows neither scripts nor
requests.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from importlib.resources import files
from xml.etree.ElementTree import Element

from xtrig.audit.formats import at_text
from xtrig.audit.page.activity import activity
from xtrig.audit.page.elements import Child, Column, document, foreign, h, joined, moment, stylesheet, table
from xtrig.audit.page.people import addresses, ddl, refusals, sessions, users
from xtrig.audit.page.trust import coverage, ends, tampering
from xtrig.audit.page.view import View, section, view_of
from xtrig.audit.records import AuditData

__all__ = ["report_page"]

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def header(view: View) -> Element:
    """Return the head of the page: its period, its time, its sources."""
    facts: list[tuple[str, list[Child]]] = [
        ("Period", [moment(view.data.since), " to ", moment(view.data.until), " UTC"]),
        ("Generated", [moment(view.data.generated_at), " UTC"]),
    ]
    if len(view.names.sources) == 1:
        source = view.names.sources[0]
        facts.append(("Source", [view.names.name(source), ", ", view.names.place(source)]))
    elif view.names.sources:
        facts.append(("Sources", joined((view.names.name(source) for source in view.names.sources), "; ")))
    facts_list = h("dl", *(h("div", h("dt", name), h("dd", *values)) for name, values in facts), class_="facts")
    return h("header", h("h1", "Login audit"), facts_list, h("p", "All times are in UTC.", class_="note"))


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
    """Return the section of sources, with the number of records of each."""
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


_SECTIONS = (tampering, keys, coverage, activity, users, addresses, refusals, ddl, sessions, ends, sources)


def report_page(data: AuditData) -> str:
    """Return the report on an audit as an HTML document, to be written in UTF-8.

    The same records give the same page; clock and locale have no influence. All times on
    it are in UTC. Tables show their first rows and say how many more there are.
    """
    view = view_of(data)
    shown = [part for part in (make(view) for make in _SECTIONS) if part is not None]
    body = h("body", header(view), contents(shown), h("main", *shown), h("footer", h("p", "Made by xtrig.")))
    return document(h("html", _head(data), body, lang="en"))


def _head(data: AuditData) -> Element:
    # The policy applies to what follows it, so it comes before every element that could make a request.
    policy = h("meta", content=_POLICY)
    policy.set("http-equiv", "Content-Security-Policy")
    return h(
        "head",
        h("meta", charset="utf-8"),
        policy,
        h("meta", name="viewport", content="width=device-width, initial-scale=1"),
        h("meta", name="color-scheme", content="light dark"),
        h("meta", name="referrer", content="no-referrer"),
        h("title", f"Login audit, {_short(at_text(data.since))} to {_short(at_text(data.until))}"),
        stylesheet(_css()),
    )


def _short(at: str) -> str:
    return at.removesuffix(" 00:00:00")


@cache
def _css() -> str:
    return files(__package__).joinpath("page.css").read_text("utf-8")

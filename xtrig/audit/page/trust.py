"""The reliability of the records: tampering, gaps in coverage, and how ends of sessions are known."""

from __future__ import annotations

from datetime import timedelta
from xml.etree.ElementTree import Element

from xtrig.audit.counting import unrecorded
from xtrig.audit.formats import counted, share, span
from xtrig.audit.page.elements import Child, Column, foreign, h, moment, more, table
from xtrig.audit.page.view import View, section
from xtrig.audit.records import EndedBy, Gap, Source, Tampering

_SHOWN = 100
_ENDS: tuple[tuple[EndedBy | None, str, str], ...] = (
    ("logoff", "Logoff trigger", "The trigger ran at the end of the session. The time is that of the logoff."),
    ("server log", "Server log", "The server's own log says when the session ended."),
    ("inferred", "Inferred", "The session was found gone when somebody looked."),
    ("unknown", "Unknown", "The session has ended, and nothing says when."),
    (None, "Open", "No end is recorded: the session goes on, or nobody has looked since it ended."),
)
_CAVEAT = (
    "For inferred ends the time of detection is not the time of logoff: the session ended at some time between when it "
    "was last seen and when it was found gone, and its duration is known only within these bounds."
)


def tampering(view: View) -> Element | None:
    """Return the section of signs of tampering, if there are any."""
    found = view.data.tamperings
    if not found:
        return None
    said = f"Verification found {counted(len(found), 'place')} where the records are not as they were written. Do not "
    said += "rely on this report before that is explained."
    items = h("ul", *(_tampering(view, one) for one in found[:_SHOWN]), class_="items")
    parts = (h("p", said), items, more(len(found) - _SHOWN))
    return section("tampering", "Signs of tampering", *parts, class_="alert bad")


def coverage(view: View) -> Element:
    """Return the section of gaps in coverage."""
    if not view.data.gaps:
        none = "No gap in coverage is known for this period."
        return section("coverage", "Coverage", h("p", none, class_="nothing"))
    gaps = sorted(view.data.gaps, key=lambda gap: gap.since)
    said = f"{counted(len(gaps), 'gap')}, together {span(unrecorded(view.data))} of this period. In that time "
    said += "at least one source recorded nothing" if view.names.column else "nothing was recorded"
    said += ", whatever happened: that the report shows no session then does not mean that there was none."
    items = h("ul", *(_gap(view, gap) for gap in gaps[:_SHOWN]), class_="items")
    parts = (h("p", said), items, more(len(gaps) - _SHOWN))
    return section("coverage", "Gaps in coverage", *parts, class_="alert warn")


def ends(view: View) -> Element | None:
    """Return the section on how the ends of sessions are known, if there are sessions."""
    found, whole = view.counts.ends, len(view.data.sessions)
    if not whole:
        return None
    columns = [
        *(Column("Known by"), Column("Sessions", "number"), Column("Share", "number")),
        Column("What that means", "wide"),
    ]
    rows = table(
        "How the ends of sessions are known",
        columns,
        _ENDS,
        lambda end: [end[1], f"{found[end[0]]:,}", share(found[end[0]], whole), end[2]],
    )
    return section("ends", "How sessions ended", h("p", _CAVEAT), rows)


def _tampering(view: View, found: Tampering) -> Element:
    where = h("strong", foreign(found.subject))
    return h("li", h("div", where, *_named(view, found.source)), h("div", foreign(found.message)))


def _gap(view: View, gap: Gap) -> Element:
    length = span(max(timedelta(0), (gap.until or view.data.until) - gap.since))
    if gap.until:
        when, said = h("strong", moment(gap.since), " to ", moment(gap.until)), f" UTC, {length}"
    else:
        when, said = h("strong", "since ", moment(gap.since)), f" UTC and still, at least {length}"
    return h("li", h("div", when, said, *_named(view, gap.source)), h("div", foreign(gap.reason)))


def _named(view: View, source: Source) -> list[Child]:
    return [part for cell in view.names.cells(source) for part in (", ", cell)]

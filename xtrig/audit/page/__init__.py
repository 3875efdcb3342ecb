"""The audit report as one HTML page that needs nothing else: no network, no script, no font.

Whatever the records hold stays text: the serialiser escapes it, and the policy in the page's head allows neither
scripts nor requests.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from xml.etree.ElementTree import Element

from xtrig.audit.page.activity import activity
from xtrig.audit.page.changes import ddl
from xtrig.audit.page.elements import document, h, stylesheet
from xtrig.audit.page.overview import contents, header, keys, sources
from xtrig.audit.page.people import addresses, refusals, sessions, users
from xtrig.audit.page.trust import coverage, ends, tampering
from xtrig.audit.page.view import view_of
from xtrig.audit.page.words import at_text
from xtrig.audit.records import AuditData

__all__ = ["report_page"]

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_SECTIONS = (tampering, keys, coverage, activity, users, addresses, refusals, ddl, sessions, ends, sources)


def report_page(data: AuditData) -> str:
    """Return the report on an audit as an HTML document, to be written in UTF-8.

    The same records give the same page, to the letter; nothing is read from the clock or the locale. All times on
    it are in UTC. Tables show their first rows and say how many more there are.
    """
    view = view_of(data)
    shown = [part for part in (make(view) for make in _SECTIONS) if part is not None]
    body = h("body", header(view), contents(shown), h("main", *shown), h("footer", h("p", "Made by xtrig.")))
    return document(h("html", _head(data), body, lang="en"))


def _head(data: AuditData) -> Element:
    # The policy counts for what follows it, so it comes before everything that could ask for something.
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

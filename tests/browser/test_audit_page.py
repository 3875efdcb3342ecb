"""The audit page in Chromium: it fits, it can be read, it asks for nothing, and names stay names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.browser.conftest import Browser
from tests.browser.scripts import BARS, OPEN_ALL, OVERLAPS, SCROLLING, TEXTS, WIDTHS
from tests.unit.audit.sample import MARKUP, SINCE, audit, ended, realistic, tampered
from xtrig.audit.page import report_page

pytestmark = pytest.mark.xdist_group("browser")

WIDE, PHONE = 1280, 390
LOOKS = [(WIDE, False), (WIDE, True), (PHONE, False), (PHONE, True)]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a page of many records, one with signs of tampering, one of nothing, one of one session."""
    data = realistic()
    folder = tmp_path_factory.mktemp("pages")
    for name, shown in {
        "report": data,
        "tampered": replace(data, tamperings=tampered(data)),
        "empty": audit(),
        "single": audit(ended(minutes=7)),
        "long": replace(realistic(400), since=SINCE.replace(year=2025)),
    }.items():
        (folder / f"{name}.html").write_text(report_page(shown), encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", ["report", "tampered", "empty", "single", "long"])
@pytest.mark.parametrize(("width", "dark"), LOOKS)
def test_the_page_fits_and_can_be_read(browser: Browser, pages: Path, name: str, width: int, dark: bool):
    browser.look(width, dark=dark)
    browser.open(pages / f"{name}.html")
    browser.shoot(f"{name}-{width}-{'dark' if dark else 'light'}")
    browser.run(OPEN_ALL)
    widths = browser.run(WIDTHS)
    assert widths["window"] == width
    assert widths["page"] <= width
    assert widths["outside"] == []
    texts = browser.run(TEXTS)
    assert len(texts) > 25
    assert [text for text in texts if text["contrast"] < 4.5 or not text["opaque"] or text["size"] < 12] == []
    assert browser.run(OVERLAPS) == []


@pytest.mark.parametrize("name", ["report", "single"])
def test_on_a_desk_no_table_has_to_be_scrolled(browser: Browser, pages: Path, name: str):
    browser.look(WIDE)
    browser.open(pages / f"{name}.html")
    assert browser.run(SCROLLING) == []


def test_dark_is_dark_and_light_is_light(browser: Browser, pages: Path):
    seen = {}
    for dark in (False, True):
        browser.look(WIDE, dark=dark)
        browser.open(pages / "report.html")
        seen[dark] = browser.run("return getComputedStyle(document.body).backgroundColor")
    assert seen == {False: "rgb(255, 255, 255)", True: "rgb(20, 24, 29)"}


@pytest.mark.parametrize("name", ["report", "tampered", "empty"])
def test_the_page_asks_for_nothing_and_nothing_is_wrong_with_it(browser: Browser, pages: Path, name: str):
    page = pages / f"{name}.html"
    browser.look(WIDE)
    browser.open(page)
    assert browser.run("return document.readyState") == "complete"
    assert browser.requests() == [page.as_uri()]
    assert browser.complaints() == []


def test_what_would_be_asked_for_is_refused_and_seen(browser: Browser, pages: Path, tmp_path: Path):
    text = (pages / "empty.html").read_text(encoding="utf-8")
    bad = tmp_path / "bad.html"
    bad.write_text(text.replace("<main>", f"<main>{MARKUP}<img src='http://127.0.0.1:9/'>"), encoding="utf-8")
    browser.open(bad)
    assert browser.run("return document.querySelectorAll('main > img').length") == 2
    assert browser.run("return document.title").startswith("Login audit")
    refused = [said for said in browser.complaints() if "Content Security Policy" in said]
    assert any("127.0.0.1:9" in said for said in refused)
    assert any("inline event handler" in said for said in refused)
    assert any("inline script" in said for said in refused)


def test_headings_and_charts_are_there(browser: Browser, pages: Path):
    browser.open(pages / "tampered.html")
    assert browser.run("return [...document.querySelectorAll('h1, h2')].map((one) => one.textContent)") == [
        "Login audit",
        *("Signs of tampering", "Key numbers", "Gaps in coverage", "Activity", "Users", "Addresses"),
        *("Refused logins", "DDL commands", "Latest sessions", "How sessions ended", "Sources"),
    ]
    assert browser.run("return document.querySelectorAll('svg[role=img]').length") == 3
    targets = "return [...document.querySelectorAll('nav a')].map((one) => !!document.querySelector(one.hash))"
    assert browser.run(targets) == [True] * 11


def test_hostile_names_are_text(browser: Browser, pages: Path):
    browser.open(pages / "report.html")
    names = browser.run("return [...document.querySelectorAll('#users tbody th')].map((one) => one.textContent)")
    assert MARKUP in names
    assert r"adm\u202enimda\u202c" in names
    assert browser.run("return document.querySelectorAll('img, script, iframe, #injected').length") == 0
    assert browser.run("return document.title").startswith("Login audit")


@pytest.mark.parametrize("width", [WIDE, PHONE])
def test_bars_are_as_high_as_their_numbers(browser: Browser, pages: Path, width: int):
    browser.look(width)
    browser.open(pages / "report.html")
    browser.run(OPEN_ALL)
    bars = browser.run(BARS)
    assert len(bars) == 60
    for bar in bars:
        assert bar["height"] == pytest.approx(bar["number"] * 180 / 100, abs=0.5)


def test_printed_it_is_light_and_fits_on_paper(browser: Browser, pages: Path):
    browser.look(720, dark=True, media="print")
    browser.open(pages / "tampered.html")
    browser.shoot("tampered-print")
    assert browser.run("return getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert browser.run(WIDTHS)["page"] <= 720
    assert browser.run(OVERLAPS) == []
    assert browser.run(SCROLLING) == []
    assert browser.run("return document.querySelector('nav').checkVisibility()") is False

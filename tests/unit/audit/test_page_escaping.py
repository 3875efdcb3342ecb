"""Whatever users call themselves, on the audit page it is text, and all of it can be seen."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.audit.reading import Node, page_of, read
from tests.unit.audit.sample import HOSTILE, SINCE, audit, ended, realistic, tampered
from xtrig.audit.page import report_page
from xtrig.audit.page.elements import document, foreign, h, stylesheet, visible
from xtrig.audit.records import AuditData, Ddl, Gap, Refusal, Source, Tampering

ALLOWED = set(
    "html head meta title style body header main footer nav section div h1 h2 h3 p a ul li dl dt dd strong span bdi "
    "time table caption thead tbody tr th td details summary svg desc g rect line text".split()
)


def everywhere(text: str) -> AuditData:
    """Return records that hold a text wherever there is a text."""
    source, other = Source(text, text, text), Source("PolarDB", text, text)
    one = replace(
        ended(hours=1),
        **{"source": source, "session_id": text, "login_user": text, "database": text, "client_ip": text},
        **{"application": text, "auth_method": text, "instance": text},
    )
    return audit(
        one,
        sources=(source, other),
        refusals=(Refusal(source, SINCE, text, text, text, text),),
        ddl=(Ddl(source, SINCE, text, text, text, text),),
        gaps=(Gap(source, SINCE, None, text),),
        tamperings=(Tampering(source, text, text),),
    )


def shape(node: Node) -> list[object]:
    """Return the elements of a page without the codes that stand for characters, and their attributes' names."""
    inside = [shape(part) for part in node.inside if isinstance(part, Node) and part.attributes.get("class") != "code"]
    return [node.tag, sorted(node.attributes), inside]


@pytest.mark.parametrize("text", [text for text in HOSTILE if len(text) < 300])
def test_a_text_adds_no_element_and_no_attribute(text: str):
    assert shape(page_of(everywhere(text))) == shape(page_of(everywhere("alice")))


@given(st.text(st.characters() | st.sampled_from("<>&\"'\\/=\x00\u202e"), min_size=1, max_size=40))
def test_no_text_at_all_changes_the_page(text: str):
    page = report_page(everywhere(text))
    assert shape(read(page)) == shape(page_of(everywhere("alice")))
    shown = page.partition("</style>")[2]
    assert all(char.isprintable() or char == "\n" for char in shown)
    assert page.encode("utf-8")


def test_there_are_no_elements_but_our_own():
    data = realistic(1000)
    page = page_of(replace(data, tamperings=tampered(data)))
    assert {node.tag for node in page.all()} <= ALLOWED
    named = {name for node in page.all() for name in node.attributes}
    assert not [name for name in named if name.startswith("on") or name in ("src", "style", "action")]
    assert all((node.attributes["href"] or "").startswith("#") for node in page.all("a"))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_name_can_be_read(text: str):
    (name,) = {row[0] for row in page_of(audit(replace(ended(hours=1), login_user=text))).by_id("users").rows()}
    if text == " ":
        assert name == r"\x20"
    elif len(text) > 300:
        assert name == text[:300] + " \u2026 300 more characters"
    else:
        assert name == visible(text)
        assert name.isprintable()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\u202eb", r"a\u202eb"),
        ("\x00\x1b", r"\x00\x1b"),
        ("\u200b\ufeff", r"\u200b\ufeff"),
        ("\u3164\u2800\ufe0f", r"\u3164\u2800\ufe0f"),
        ("\ud800", r"\ud800"),
        ("\U000e0041", r"\U000e0041"),
        ("\xa0", r"\xa0"),
        ("é 中文 עברית", "é 中文 עברית"),
    ],
)
def test_characters_that_show_nothing_are_shown_as_codes(text: str, expected: str):
    assert visible(text) == expected
    assert "".join(foreign(text).itertext()) == expected


def test_a_code_looks_different_from_the_same_letters():
    assert [part.get("class") for part in foreign("a\x07") if part.tag == "span"] == ["code"]
    assert not list(foreign(r"a\x07"))


def test_spaces_at_the_edges_are_shown():
    assert "".join(foreign(" a b  ").itertext()) == r"\x20a b\x20\x20"


def test_nothing_and_an_empty_text_differ():
    assert foreign(None).text != foreign("").text
    assert foreign("").text == "empty"


def test_attributes_and_drawn_texts_are_escaped():
    made = document(h("svg", h("title", "<b>\x07"), h("text", "a\u202e"), aria_label='"><b>\x07'))
    assert made == (
        '<!DOCTYPE html>\n<svg aria-label="&quot;&gt;<b&gt;\\x07"><title>&lt;b&gt;\\x07</title>'
        "<text>a\\u202e</text></svg>\n"
    )


def test_nothing_can_be_put_where_texts_are_not_escaped():
    for tag in ("script", "style"):
        with pytest.raises(ValueError, match="not escaped"):
            h(tag, "a")
    with pytest.raises(ValueError, match="could end"):
        stylesheet("</style>")


def test_the_policy_forbids_scripts_and_requests():
    page = page_of(audit())
    policies = [node for node in page.all("meta") if node.attributes.get("http-equiv") == "Content-Security-Policy"]
    (policy,) = [node.attributes["content"] or "" for node in policies]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'")
    assert "script" not in policy
    assert "url(" not in report_page(audit())
    assert "@import" not in report_page(audit())


def test_the_page_is_made_for_everybody():
    page = page_of(realistic(300))
    assert page.all("html")[0].attributes["lang"] == "en"
    levels = [int(node.tag[1]) for node in page.all("h1", "h2", "h3")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    names = [node.attributes["id"] for node in page.all() if "id" in node.attributes]
    assert len(names) == len(set(names))
    for table in page.all("table"):
        assert len(table.all("caption")) == 1
        assert {cell.attributes.get("scope") for cell in table.all("th")} == {"col", "row"}
    for chart in page.all("svg"):
        if chart.attributes.get("aria-hidden") != "true":
            assert chart.attributes["role"] == "img"
            assert page.by_id(chart.attributes["aria-labelledby"] or "").tag == "title"
            assert page.by_id(chart.attributes["aria-describedby"] or "").tag == "desc"

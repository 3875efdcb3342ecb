"""A finding about a line of a hand-written text is at that line of the file, wherever the two go together."""

from __future__ import annotations

import pytest

import xtrig
from xtrig.findings import Finding, Location, Path, Severity
from xtrig.handwritten import hand_written
from xtrig.resolve import resolve

BLOCK = """xtrig: 1
triggers:
  x:
    event: logon
    body:
      postgresql: {0}

        BEGIN
          hit;
        END
      other: BEGIN hit; END
"""
FOLDED = """xtrig: 1
triggers:
  x:
    event: logon
    steps:
      - sql: "a;

          hit"
"""


def place(definition: str, name: str = "a.yaml") -> list[str]:
    triggers = xtrig.load_text(definition, name)
    found = []
    resolved = resolve(triggers)
    texts = {text.path: text for dialect in ("postgresql", "other") for text in hand_written(resolved, dialect)}
    for text in texts.values():
        finding = at(text.path, text.line_at(text.text.index("hit")))
        found.append(str(finding.at(triggers.locate(finding.path)).location))
    return found


def at(path: Path, line: int) -> Finding:
    return Finding("XT304", Severity.WARNING, "x", "m", "r", path, text_line=line)


@pytest.mark.parametrize("indicator", ["|", "|-", "|+", "| # a comment", "&anchor |", "|2"])
def test_a_line_of_a_literal_block_is_a_line_of_the_file(indicator: str):
    assert place(BLOCK.replace("{0}", indicator)) == ["a.yaml:9", "a.yaml:11"]


def test_an_indicator_on_a_line_of_its_own_counts():
    assert place(BLOCK.replace("{0}", "\n        |")) == ["a.yaml:10", "a.yaml:12"]


@pytest.mark.parametrize("indicator", [">", ">-"])
def test_folded_text_is_at_its_key(indicator: str):
    assert place(BLOCK.replace("{0}", indicator))[0] == "a.yaml:6"
    assert place(FOLDED) == ["a.yaml:6"]


def test_text_in_json_is_at_its_key():
    text = '{"xtrig": 1, "triggers": {"x": {"event": "logon",\n"steps": [{"sql":\n"a;\\nhit"}]}}}'
    assert place(text, "a.json") == ["a.json:2"]


def test_a_set_made_in_python_has_no_place():
    triggers = xtrig.TriggerSet.model_validate({"triggers": {"x": {"event": "logon", "steps": [{"sql": "a;\nhit"}]}}})
    (text,) = hand_written(resolve(triggers), "postgresql")
    assert at(text.path, 2).at(triggers.locate(text.path)).location is None


def test_a_place_without_a_block_stays():
    assert Location("a", 3).inside(7) == Location("a", 3)
    assert Location("a", 3, 4).inside(None) == Location("a", 3, 4)
    assert Location("a", 3, 4).inside(1) == Location("a", 4)


def test_texts_for_one_dialect_are_those_it_uses():
    triggers = resolve(xtrig.load_text(BLOCK.replace("{0}", "|"), "a.yaml"))
    for dialect in ("postgresql", "other"):
        assert [text.path[-1] for text in hand_written(triggers, dialect)] == [dialect]

"""Explanations as Markdown: nothing in a definition is read as markup."""

from __future__ import annotations

import re

import pytest

import xtrig
from tests.unit.given import load
from xtrig.explain.markdown import as_markdown, code, escaped

HOSTILE = ["*bold*", "a | b", "<script>", "`tick`", "``", "[x](y)", "# no", "a\nb", "\x1b[31m", "${now}", "x_y_z", "é"]


@pytest.mark.parametrize("text", HOSTILE)
def test_text_is_one_line_without_markup(text: str):
    shown = escaped(text)
    assert "\n" not in shown
    assert "\x1b" not in shown
    assert not re.search(r"(?<!\\)[*_`<>|\[\]#]", shown)


@pytest.mark.parametrize("text", HOSTILE)
def test_code_holds_any_backticks(text: str):
    shown = code(text)
    fence = shown[: len(shown) - len(shown.lstrip("`"))]
    assert shown.endswith(fence)
    assert fence not in shown[len(fence) : -len(fence)]
    assert "\n" not in shown


def test_a_hostile_definition_stays_one_list_item_a_sentence():
    definition = load("""
tables: {"t|<b>\\n": {columns: {"a`b": text}}}
triggers:
  "x*\\u001b[0m":
    event: logon
    steps:
      - {insert: "t|<b>\\n", values: {"a`b": "'`x` | \\n'"}}
      - {log: "*no* \\u0007"}
""")
    explanations = xtrig.explain(definition, dialects=["postgresql"])
    text = as_markdown(explanations, "1")
    items = [line for line in text.splitlines() if line.lstrip().startswith("- ")]
    said = sum(len(list(each.sentences)) + len(each.findings) for each in explanations)
    assert len(items) == said + 3
    assert all(char.isprintable() or char == "\n" for char in text)


def test_nothing_to_explain_is_an_empty_document():
    assert as_markdown((), "1") == ""


def test_sources_are_numbered_once():
    text = as_markdown(
        xtrig.explain(load("triggers: {x: {event: logon, steps: [{log: a}]}}"), dialects=["postgresql"]), "1"
    )
    sources = text.partition("**Sources**")[2].split("\n")
    numbers = [int(line.partition(".")[0]) for line in sources if line]
    assert numbers == list(range(1, len(numbers) + 1))
    assert {int(each) for each in re.findall(r"\((?:server|documented|unverified) (\d+)\)", text)} == set(numbers)

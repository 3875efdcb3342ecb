"""What each example comes to on each dialect, in tests/explain, byte for byte; ``make golden`` writes it anew."""

from __future__ import annotations

from pathlib import Path

import pytest

import xtrig
from xtrig.explain.markdown import as_markdown

ROOT = Path(__file__).parents[1]
EXPLAINED = ROOT / "tests" / "explain"
EXAMPLES = sorted(path.stem for path in (ROOT / "examples").glob("*.yaml"))
DIALECTS = ("polardb", "polardb-oracle", "postgresql")
VERSION = "0"
"""Not xtrig's own, so that a release changes no golden file."""


@pytest.mark.parametrize("example", EXAMPLES)
def test_explanation_is_the_golden_one(example: str, update_golden: bool) -> None:
    source = ROOT / "examples" / f"{example}.yaml"
    triggers = xtrig.load_text(source.read_text("utf-8"), f"examples/{source.name}")
    text = as_markdown(xtrig.explain(triggers, dialects=DIALECTS), VERSION)
    golden = EXPLAINED / f"{example}.md"
    if update_golden:
        golden.write_text(text, encoding="utf-8", newline="\n")
    assert golden.exists(), f"{golden.name} is missing: make golden, and review it"
    assert text == golden.read_text("utf-8")


def test_there_is_one_file_for_each_example_and_no_other() -> None:
    assert sorted(path.name for path in EXPLAINED.iterdir()) == [f"{example}.md" for example in EXAMPLES]

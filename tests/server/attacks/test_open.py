"""The list of open attacks names tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

from tests.server.attacks.open import OPEN


def test_every_entry_is_a_test() -> None:
    texts = [path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*.py")]
    tests = {name for text in texts for name in re.findall(r"^def (test_\w+)", text, re.M)}
    assert sorted(set(OPEN) - tests) == []

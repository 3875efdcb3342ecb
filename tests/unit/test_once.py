"""A command resolves a set once, and translates it once to each dialect."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

import xtrig
from tests.distributions import ROOT
from xtrig.checks import examination
from xtrig.cli import main

EXAMPLE = str(ROOT / "examples" / "session_audit.yaml")


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count how often a set is resolved and translated, wherever a command does it."""
    return counted(monkeypatch)


def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    found: Counter[str] = Counter()
    resolve, offered = examination.resolve, examination.offered

    def resolving(*arguments):
        found["resolve"] += 1
        return resolve(*arguments)

    def translating(*arguments):
        found["translate"] += 1
        return offered(*arguments)

    monkeypatch.setattr(examination, "resolve", resolving)
    monkeypatch.setattr(examination, "offered", translating)
    return found


@pytest.mark.parametrize(
    ("arguments", "translations"),
    [
        (["render", EXAMPLE], 1),
        (["render", EXAMPLE, "--drop"], 1),
        (["check", EXAMPLE], 0),
        (["check", EXAMPLE, "-d", "all"], len(xtrig.dialects())),
        (["explain", EXAMPLE], len(xtrig.dialects())),
    ],
    ids=lambda each: " ".join(each[:1] + each[2:]) if isinstance(each, list) else "",
)
def test_a_command_does_it_once(calls: Counter[str], arguments: list[str], translations: int):
    with pytest.raises(SystemExit):
        main(arguments)
    assert (calls["resolve"], calls["translate"]) == (1, translations)


def test_nothing_resolves_beside_it():
    """Everything else hands the set on."""
    callers = {
        file.relative_to(ROOT).as_posix()
        for file in Path(ROOT / "xtrig").rglob("*.py")
        if " resolve(" in file.read_text("utf-8").replace("(resolve(", " resolve(") and "testing" not in file.parts
    }
    assert callers == {"xtrig/checks/examination.py", "xtrig/resolve.py"}

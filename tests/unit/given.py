"""Definitions for unit tests, as short as they can be written."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent

import pytest

import xtrig
from xtrig.checks import examine
from xtrig.errors import DefinitionError
from xtrig.findings import Finding
from xtrig.registry import get_dialect

FILE = "audit.yaml"
MARK = "# here"


@dataclass(frozen=True)
class TranslationCase:
    """A definition with one finding at the marked line on one dialect, and the same definition cured."""

    code: str
    dialect: str
    version: str | None
    definition: str
    said: str
    old: str
    new: str


def text_of(definition: str) -> str:
    """Return the definition as a file's text."""
    return "xtrig: 1\n" + dedent(definition).lstrip("\n")


def load(definition: str) -> xtrig.TriggerSet:
    """Load a definition that is right."""
    return xtrig.load_text(text_of(definition), FILE)


def wrong(definition: str) -> tuple[Finding, ...]:
    """Load a definition that is wrong, and return what is."""
    with pytest.raises(DefinitionError) as caught:
        load(definition)
    return caught.value.findings


def place(definition: str) -> str:
    """Return file:line of the line that carries the mark."""
    lines = text_of(definition).splitlines()
    return f"{FILE}:{next(number for number, line in enumerate(lines, 1) if MARK in line)}"


def translate(definition: str, dialect: str, version: str | None = None) -> list[Finding]:
    """Check a definition against a dialect; the findings have their places, and waived ones are left out."""
    triggers = load(definition)
    assert [str(finding) for finding in xtrig.check(triggers) if finding.severity == "error"] == []
    target = get_dialect(dialect)
    found = examine(triggers).translate(target, target.parse_version(version)).findings
    return [finding for finding in found if finding.waiver is None]


def step(yaml: str, event: str = "logon", column: str = "a") -> str:
    """Return a definition with one trigger of one step, given in flow style."""
    return f"""
tables:
  t: {{columns: {{{column}: text}}}}
triggers:
  x:
    event: {event}
    steps:
      - {yaml}
"""

"""Definitions for unit tests, as short as they can be written."""

from __future__ import annotations

from textwrap import dedent

import pytest

import xtrig
from xtrig.checks import check_translation
from xtrig.errors import DefinitionError
from xtrig.findings import Finding
from xtrig.registry import get_dialect
from xtrig.resolve import resolve

FILE = "audit.yaml"
MARK = "# here"


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
    """Check a definition against a dialect; the findings have their places."""
    triggers = load(definition)
    assert [str(finding) for finding in xtrig.check(triggers) if finding.severity == "error"] == []
    target = get_dialect(dialect)
    found = check_translation(resolve(triggers), target, target.parse_version(version))
    return [finding.at(triggers.locate(finding.path)) for finding in found]


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

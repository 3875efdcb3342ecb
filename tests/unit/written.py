"""Hand-written texts for unit tests, and what is found in them."""

from __future__ import annotations

from textwrap import dedent, indent

from tests.unit.given import load
from xtrig.checks import examine
from xtrig.findings import Finding
from xtrig.registry import get_dialect

DECLARED = "tables: {t: {columns: {a: text}}}\n"


def found(
    text: str,
    dialect: str = "postgresql",
    *,
    event: str = "logon",
    policies: str = "",
    step: bool = False,
    version: str | None = None,
) -> list[Finding]:
    """Return the findings XT3## in a body, or in an ``sql:`` step; ``policies`` are keys in flow style."""
    head = f"    {policies}\n" if policies else ""
    opening = "    steps:\n      - sql: |\n" if step else f"    body:\n      {dialect}: |\n"
    shifted = indent(dedent(text).strip("\n"), " " * 10)
    triggers = load(f"triggers:\n  x:\n    event: {event}\n{head}{opening}{shifted}\n")
    target = get_dialect(dialect)
    findings = examine(triggers).translate(target, target.parse_version(version)).findings
    return [finding for finding in findings if finding.code.startswith("XT3")]


def codes(text: str, dialect: str = "postgresql", **options: object) -> set[str]:
    """Return the codes of what is found."""
    return {finding.code for finding in found(text, dialect, **options)}  # type: ignore[arg-type]


def block(statements: str) -> str:
    """Return statements as the body of a function."""
    return f"BEGIN\n{dedent(statements).strip()}\nEND"

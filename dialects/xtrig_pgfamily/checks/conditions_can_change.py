"""XT216: ${instance} is 1 on every server: a PostgreSQL server is one instance, and PolarDB documents a constant."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.plugin import Check, Fact, Finding, Severity, Translation, uses

_CONDITIONS = ("when", "if")


def find(translation: Translation) -> Iterator[Finding]:
    """Yield a finding for each condition on it."""
    for function in translation.triggers.functions:
        for use in uses(function):
            if use.path[-1] in _CONDITIONS and Fact.INSTANCE in use.template.facts:
                message = f"a condition on ${{instance}}: on {translation.dialect.title} it is always 1"
                yield CHECK.finding(function.subject, message, "leave it out of the condition", use.path)


CHECK = Check("XT216", Severity.WARNING, find)

"""What the lines ``{{ name argument ... }}`` of a template become."""

from __future__ import annotations

from collections.abc import Callable

from _generate import cli, dialects, facts, findings, model

DIRECTIVES: dict[str, Callable[..., str]] = {
    "keys": model.keys,
    "case": model.case,
    "facts": facts.sections,
    "commands": cli.commands,
    "findings_table": findings.table,
    "findings": findings.sections,
    "support_matrix": dialects.support_matrix,
    "dialect_list": dialects.listed,
    "events": dialects.events,
    "dialect_facts": dialects.facts,
}

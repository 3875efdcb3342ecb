"""What the lines ``{{ name argument ... }}`` of a template become."""

from __future__ import annotations

from collections.abc import Callable

from _generate import cli, dialects, facts, findings, importing, model

DIRECTIVES: dict[str, Callable[..., str]] = {
    "keys": model.keys,
    "case": model.case,
    "facts": facts.sections,
    "commands": cli.commands,
    "findings_table": findings.table,
    "support_matrix": dialects.support_matrix,
    "dialect_list": dialects.listed,
    "events": dialects.events,
    "cells": dialects.cells,
    "versions": dialects.versions,
    "dialect_facts": dialects.facts,
    "questions": dialects.questions,
    "imported_count": importing.counted,
    "imported_portable": importing.understood,
    "imported_kept": importing.left,
    "helper_difference": dialects.helper_difference,
}

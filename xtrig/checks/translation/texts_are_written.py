"""XT206: a hand-written body or statement is there for this dialect."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.dialect import Translation
from xtrig.findings import Check, Finding, Severity
from xtrig.model import Sql
from xtrig.resolve import walk


def find(translation: Translation) -> Iterator[Finding]:
    """Yield a finding for each mapping of texts without this dialect's."""
    name = translation.dialect.name
    for function in translation.triggers.functions:
        if function.body and name not in function.body:
            message = f"its body is written for {', '.join(function.body)}, not for {name}"
            remedy = f"add a body for {name}, or use steps"
            yield CHECK.finding(function.subject, message, remedy, function.path)
        for visit in walk(function):
            texts = visit.step.sql if isinstance(visit.step, Sql) else ""
            if not isinstance(texts, str) and name not in texts:
                message = f"its sql step is written for {', '.join(texts)}, not for {name}"
                yield CHECK.finding(function.subject, message, f"add a statement for {name}", visit.path)


CHECK = Check("XT206", Severity.ERROR, find)

"""XT208: on_error: deny keeps people out, as for a deny, where an error does so at all."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.checks.translation.effects import loose_end
from xtrig.dialect import Translation
from xtrig.findings import Check, Finding, Severity


def find(translation: Translation) -> Iterator[Finding]:
    """Yield a finding for each function that asks for it at an event where errors do not bind."""
    for function in translation.triggers.functions:
        if function.policies.on_error != "deny":
            continue
        if effect := loose_end(function, translation):
            yield CHECK.finding(function.subject, f"on_error: deny at {effect}", "write on_error: allow", function.path)


CHECK = Check("XT208", Severity.ERROR, find, waivable=True)

"""XT214: triggers of one event fire in the order of their names, wherever they stand in the definition."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.plugin import Check, Finding, Severity, Translation
from xtrig_pgfamily.checks.denials import binding, denies, in_order_of_names


def find(translation: Translation) -> Iterator[Finding]:
    """Yield a finding for each event whose triggers stand in another order, if one of them denies."""
    for event, written in binding(translation).items():
        fired = in_order_of_names(written)
        if fired == list(written) or not any(map(denies, written)):
            continue
        early, late = next(pair for pair in zip(fired, written, strict=True) if pair[0] is not pair[1])
        message = f"{event}: trigger {early.name!r} fires before it, since order is by name"
        yield CHECK.finding(late.subject, message, "give them names in the order that is meant", late.path)


CHECK = Check("XT214", Severity.NOTE, find)

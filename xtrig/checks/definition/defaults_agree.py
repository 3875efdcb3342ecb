"""XT107: on_error defaults to allow for sessions and to deny for DDL; a function run by both must say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from xtrig.facts import Event
from xtrig.findings import Check, Finding, Severity
from xtrig.model import TriggerSet


def find(triggers: TriggerSet) -> Iterator[Finding]:
    """Yield a finding for each function that leaves open which default it means."""
    if triggers.defaults.on_error is not None:
        return
    run: defaultdict[str | None, set[Event]] = defaultdict(set)
    for trigger in triggers.triggers.values():
        run[trigger.run].add(trigger.event)
    for name, function in triggers.functions.items():
        if function.on_error is None and len({event.is_session for event in run[name]}) > 1:
            listed = ", ".join(event for event in Event if event in run[name])
            message = f"it runs at {listed}, and an error means allow for sessions but deny for DDL"
            yield CHECK.finding(f"function {name!r}", message, "write on_error: allow or deny", ("functions", name))


CHECK = Check("XT107", Severity.ERROR, find)

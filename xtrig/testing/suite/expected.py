"""What a dialect's declared data says about a definition, and an attempt to render it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from xtrig import Finding, RefusedError, Script, TriggerSet, render
from xtrig.dialect import Dialect, Support, Version
from xtrig.facts import Event
from xtrig.findings import Severity
from xtrig.model import Deny
from xtrig.registry import checks
from xtrig.resolve import ResolvedFunction, ResolvedSet, resolve, uses, walk
from xtrig.testing.suite.situations import SITUATIONS, Situation

OWN_REFUSALS = frozenset({"XT204", "XT205", "XT207", "XT209"})
"""Codes of what no declared data can say: names, tags, steps and policies a vendor cannot express."""


def attempt(triggers: TriggerSet, dialect: str, version: str | None = None) -> Script | RefusedError:
    """Return the script, or the refusal whose every finding has been looked at."""
    try:
        script = render(triggers, dialect, target_version=version)
    except RefusedError as refusal:
        check_findings(refusal.findings)
        return refusal
    check_findings(script.findings)
    assert not [finding for finding in script.findings if finding.severity is Severity.ERROR]
    return script


def rendered(triggers: TriggerSet, dialect: str, version: str | None = None) -> Script:
    """Return the script of a definition that must not be refused."""
    outcome = attempt(triggers, dialect, version)
    assert isinstance(outcome, Script), f"it was refused: {outcome}"
    return outcome


def refused(triggers: TriggerSet, dialect: str, version: str | None = None) -> RefusedError:
    """Return the refusal of a definition that must not be rendered."""
    outcome = attempt(triggers, dialect, version)
    assert isinstance(outcome, RefusedError), f"it was rendered:\n{outcome}"
    return outcome


def errors(refusal: RefusedError, code: str = "") -> list[Finding]:
    """Return the findings that made it a refusal, or those of them with this code."""
    found = [finding for finding in refusal.findings if finding.severity is Severity.ERROR]
    return [finding for finding in found if code in ("", finding.code)]


@cache
def scripts(dialect: str) -> tuple[tuple[Situation, Script], ...]:
    """Return the situations that the dialect renders, with their scripts."""
    outcomes = [(situation, attempt(situation.triggers, dialect)) for situation in SITUATIONS]
    return tuple((situation, outcome) for situation, outcome in outcomes if isinstance(outcome, Script))


def check_findings(findings: Iterable[Finding]) -> None:
    """Assert that a user can do something with every finding."""
    known = checks()
    for finding in findings:
        assert finding.code in known, finding
        for text in (finding.subject, finding.message, finding.remedy):
            assert text.strip(), f"a finding says nothing: {finding!r}"
            assert "\n" not in text, f"a finding is more than one line: {finding!r}"


def due_refusals(triggers: TriggerSet, dialect: Dialect, version: Version) -> set[str]:
    """Return the codes of the errors that follow from the dialect's declared data."""
    resolved = resolve(triggers)
    offered = offered_triggers(resolved, dialect, version)
    codes = {
        "XT201" for trigger in resolved.triggers if trigger.name not in offered and trigger.if_unsupported != "skip"
    }
    for function in resolved.functions:
        run_at = {t.event for t in resolved.triggers if t.function is function and t.name in offered}
        codes |= set(_function_codes(function, run_at, dialect, version))
    return codes


def offered_triggers(resolved: ResolvedSet, dialect: Dialect, version: Version) -> set[str]:
    """Return the names of the triggers that a script for the dialect has to create."""
    wanted = {Support.NATIVE: ("refuse", "skip", "infer"), Support.EMULATED: ("infer",), Support.REFUSED: ()}
    return {
        trigger.name
        for trigger in resolved.triggers
        if trigger.if_unsupported in wanted[dialect.capability(trigger.event, version).support]
    }


def _function_codes(
    function: ResolvedFunction, events: set[Event], dialect: Dialect, version: Version
) -> Iterator[str]:
    for use in uses(function):
        for fact in use.template.facts:
            if any(dialect.lacks(fact, event, use.item, version) for event in events):
                yield "XT202"
    if any(not dialect.capability(event, version).deny_binds for event in events):
        if any(isinstance(visit.step, Deny) for visit in walk(function)):
            yield "XT203"
        if function.policies.on_error == "deny":
            yield "XT208"

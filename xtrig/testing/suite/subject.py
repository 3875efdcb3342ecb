"""The dialect under test, the definitions it is tried with, and an attempt to render each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from xtrig import Finding, RefusedError, Script, TriggerSet, check, load, render
from xtrig.dialect import Dialect, Support, Version
from xtrig.facts import Event
from xtrig.findings import Severity
from xtrig.model import Deny, Trigger
from xtrig.registry import checks, get_dialect
from xtrig.resolve import ResolvedFunction, ResolvedSet, resolve, uses, walk
from xtrig.testing.suite import reading

CASES = Path(__file__).parents[1] / "cases"

Document = Mapping[str, Any]
"""A definition as YAML would give it."""
OWN_REFUSALS = frozenset({"XT204", "XT205", "XT207", "XT209"})
"""Codes of what no declared data can say: names, tags, steps and policies a vendor cannot express."""


class Subject:
    """The dialect under test."""

    dialect_name: ClassVar[str]
    """The name that the plugin registers, as ``--dialect`` takes it."""

    @property
    def dialect(self) -> Dialect:
        """The dialect, loaded as xtrig itself loads it."""
        return get_dialect(self.dialect_name)

    @property
    def version(self) -> Version:
        """The default version."""
        return self.dialect.parse_version(None)

    def target_versions(self) -> Iterator[str]:
        """Yield every version the dialect names, and its default."""
        yield from dict.fromkeys((*self.dialect.versions, self.dialect.default_version))

    def offered_events(self) -> list[Event]:
        """Return the events that the dialect offers natively at its default version, in the order of Event."""
        return [event for event in Event if self.dialect.capability(event, self.version).support is Support.NATIVE]

    def names(self, name: str, sql: str) -> bool:
        """Whether ``sql`` holds the name, as it is or as the vendor folds it."""
        return any(reading.names(each, sql) for each in (name, self.dialect.folded(name)))

    def own_policy(self, event: Event) -> str:
        """Return the ``on_error`` that is the vendor's own at an event, and so asks nothing of it."""
        return "deny" if self.dialect.capability(event, self.version).deny_binds else "allow"


@dataclass(frozen=True, eq=False)
class Situation:
    """One definition, and what to call it."""

    name: str
    triggers: TriggerSet

    @property
    def is_least(self) -> bool:
        """Whether it asks for nothing but the event, so that no dialect with that event may refuse it."""
        return self.name.startswith("event-alone")

    def __str__(self) -> str:
        return self.name


def case_files() -> list[Path]:
    """Return the shared definition files, sorted by name."""
    return sorted(CASES.glob("*.yaml"))


def define(document: Document) -> TriggerSet:
    """Return a definition made in Python."""
    return TriggerSet.model_validate(document)


def moved(triggers: TriggerSet, event: Event) -> TriggerSet:
    """Return the same triggers for another event; those that refused to be left out may be inferred there."""
    return triggers.model_copy(
        update={"triggers": {name: _moved(trigger, event) for name, trigger in triggers.triggers.items()}}
    )


def _moved(trigger: Trigger, event: Event) -> Trigger:
    policy = "infer" if trigger.if_unsupported == "refuse" else trigger.if_unsupported
    return trigger.model_copy(update={"event": event, "if_unsupported": policy})


def _situations() -> Iterator[Situation]:
    for file in case_files():
        triggers = load(file)
        if len({trigger.event for trigger in triggers.triggers.values()}) > 1:
            yield Situation(file.stem, triggers)
            continue
        for event in Event:
            elsewhere = moved(triggers, event)
            if not check(elsewhere):
                yield Situation(f"{file.stem}-at-{event}", elsewhere)


SITUATIONS = tuple(_situations())


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
    """Return the refusal of a definition that must be refused."""
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
    codes = {"XT201" for trigger in resolved.triggers if trigger.name not in offered and not trigger.may_skip}
    for function in resolved.functions:
        run_at = {t.event for t in resolved.triggers if t.function is function and t.name in offered}
        codes |= set(_function_codes(function, run_at, dialect, version))
    return codes


def offered_triggers(resolved: ResolvedSet, dialect: Dialect, version: Version) -> set[str]:
    """Return the names of the triggers that a script for the dialect has to create."""
    supports = {trigger.name: dialect.capability(trigger.event, version).support for trigger in resolved.triggers}
    return {
        trigger.name
        for trigger in resolved.triggers
        if supports[trigger.name] is Support.NATIVE
        or (supports[trigger.name] is Support.EMULATED and trigger.may_infer)
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

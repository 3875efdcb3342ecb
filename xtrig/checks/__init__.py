"""Checks: over the definition alone, and over its translation to one dialect. Nothing here raises."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from xtrig.checks import references, scope
from xtrig.checks.translation import check_translation, translated
from xtrig.findings import Finding, Severity
from xtrig.model import TriggerSet
from xtrig.resolve import resolve

__all__ = ["check", "check_translation", "translated"]

_REFERENCES: tuple[Callable[[TriggerSet], Iterator[Finding]], ...] = (
    references.has_triggers,
    references.tables_exist,
    references.columns_exist,
    references.functions_exist,
    references.functions_have_names_of_their_own,
    references.functions_are_run,
    references.defaults_agree,
)
_SCOPE = (
    scope.facts_are_known,
    scope.items_are_listed,
    scope.tags_fit_the_event,
    scope.logon_is_not_denied_its_ddl,
    scope.policies_have_an_effect,
)


def check(triggers: TriggerSet) -> list[Finding]:
    """Return what is wrong or doubtful with a definition on any dialect, in the order of its text."""
    findings = [finding for rule in _REFERENCES for finding in rule(triggers)]
    if not any(finding.severity is Severity.ERROR for finding in findings):
        resolved = resolve(triggers)
        findings += [finding for rule in _SCOPE for finding in rule(resolved)]
    located = [finding.at(triggers.locate(finding.path)) for finding in findings]
    return sorted(located, key=lambda finding: (finding.location.line or 0) if finding.location else 0)

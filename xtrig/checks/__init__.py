"""Checks: over the definition alone, and over its translation to one dialect. Nothing here raises.

One check is one file that ends in its ``CHECK``; ``definition``, ``bodies`` and ``translation`` register theirs in
order, and a dialect yields its own from :meth:`xtrig.dialect.Dialect.check`.
"""

from __future__ import annotations

from xtrig.checks import definition, translation
from xtrig.checks.translation import translated
from xtrig.checks.waivers import unused, waived
from xtrig.dialect import Dialect, Translation, Version
from xtrig.findings import Finding, Severity
from xtrig.model import Sql, TriggerSet
from xtrig.resolve import ResolvedSet, resolve, walk

__all__ = ["check", "check_translation", "examine", "examine_translation", "translated"]


def check(triggers: TriggerSet) -> list[Finding]:
    """Return what is wrong or doubtful with a definition on any dialect, in the order of its text.

    What the definition waives is left out.
    """
    return [finding for finding in examine(triggers) if finding.waiver is None]


def examine(triggers: TriggerSet) -> list[Finding]:
    """Return the same with the waived findings, which bear the reason."""
    findings = _located([finding for each in definition.NAMES for finding in each.find(triggers)], triggers)
    if not any(finding.severity is Severity.ERROR for finding in findings):
        findings = waived([*findings, *_located(_meaning(resolve(triggers)), triggers)], triggers)
        findings += unused(findings, triggers, lambda code: code.startswith("XT1"))
    return sorted(findings, key=lambda finding: (finding.location.line or 0) if finding.location else 0)


def _meaning(triggers: ResolvedSet) -> list[Finding]:
    return [finding for each in definition.MEANING for finding in each.find(triggers)]


def check_translation(triggers: ResolvedSet, dialect: Dialect, version: Version) -> list[Finding]:
    """Return what stands between the set and ``dialect``, errors and remarks, without places in files."""
    found = translation.translation(triggers, dialect, version)
    findings = [finding for each in translation.CHECKS for finding in each.find(found)]
    findings += _hand_written(found)
    findings += dialect.check(found.triggers, version)
    # A function that several triggers run may be met more than once.
    return list(dict.fromkeys(findings))


def _hand_written(found: Translation) -> list[Finding]:
    functions = found.triggers.functions
    if not any(each.body or any(isinstance(visit.step, Sql) for visit in walk(each)) for each in functions):
        return []
    # A reader of whole bodies takes as long to import as everything else here, and few definitions hold any.
    from xtrig.checks import bodies

    return [finding for text in bodies.readings(found) for each in bodies.CHECKS for finding in each.find(text)]


def examine_translation(triggers: TriggerSet, dialect: Dialect, version: Version) -> list[Finding]:
    """Return the same with places, and for waived findings with the reason; the set's own checks must have passed."""
    return waived(_located(check_translation(resolve(triggers), dialect, version), triggers), triggers)


def _located(findings: list[Finding], triggers: TriggerSet) -> list[Finding]:
    return [finding.at(triggers.locate(finding.path)) for finding in findings]

"""Checks: over the definition alone, and over its translation to one dialect. Nothing here raises.

A file is a topic, a check is a class in it, and its docstring is its page of the documentation.
"""

from __future__ import annotations

from typing import Any

from xtrig.checks.examination import MEANING, NAMES, TRANSLATION, Examination
from xtrig.checks.offers import PolicyNotExpressible, StepNotExpressible
from xtrig.checks.sources import SOURCES
from xtrig.checks.waivers import UnusedWaiver
from xtrig.dialect import Dialect, Version
from xtrig.errors import check_type
from xtrig.findings import Checks, Finding
from xtrig.model import TriggerSet

__all__ = ["CHECKS", "Examination", "check", "examine", "with_waivers"]

CHECKS: Checks[Any] = (
    *SOURCES,
    *NAMES,
    *MEANING,
    UnusedWaiver,
    *TRANSLATION,
    StepNotExpressible,
    PolicyNotExpressible,
)
"""Every check that is not a dialect's."""


def check(triggers: TriggerSet) -> list[Finding]:
    """Return what is wrong or doubtful with a definition on any dialect, in the order of its text.

    What the definition waives is left out.
    """
    return [finding for finding in examine(triggers).findings if finding.waiver is None]


def examine(triggers: TriggerSet) -> Examination:
    """Return the definition checked; in its findings those that it waives bear the reason.

    Raises :class:`~xtrig.errors.UsageError` for what is no set.
    """
    check_type(triggers, TriggerSet, "a definition", "read a file with xtrig.load(PATH)")
    return Examination(triggers)


def with_waivers(triggers: TriggerSet, target: Dialect, version: Version, reason: str) -> TriggerSet:
    """Return a set of which every error that a definition may waive is waived, for the same reason.

    A set that is wrong on any dialect is returned as it is.
    """
    examination = examine(triggers)
    if examination.has_error:
        return triggers
    data = triggers.to_dict()
    for finding in examination.translate(target, version).findings:
        if finding.stops and finding.waivable:
            kind, name = finding.path[:2]
            owner = data[str(kind)][name]
            owner["ignore"] = {**owner.get("ignore", {}), finding.code: reason}
    return TriggerSet.model_validate(data)

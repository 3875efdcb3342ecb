"""A set and a dialect to a script: check, refuse or compile."""

from __future__ import annotations

from dataclasses import replace

from xtrig.checks import examine, examine_translation, translated
from xtrig.dialect import Dialect, Version
from xtrig.errors import DefinitionError, RefusedError
from xtrig.findings import Finding, Severity
from xtrig.model import TriggerSet
from xtrig.registry import get_dialect
from xtrig.resolve import ResolvedSet, resolve
from xtrig.script import Script


def render(
    triggers: TriggerSet,
    dialect: str = "postgresql",
    *,
    target_version: str | None = None,
    drop: bool = False,
    with_data: bool = False,
) -> Script:
    """Return the script that creates the set on ``dialect``, or with ``drop`` the one that removes it.

    ``target_version`` is the server's version, such as ``"17"``; None takes the dialect's default.
    A drop script keeps the tables, and so what was recorded, unless ``with_data`` is true.

    Raises :class:`~xtrig.errors.DefinitionError` for a definition that is wrong anywhere,
    :class:`~xtrig.errors.RefusedError` where this dialect cannot keep its meaning, and
    :class:`~xtrig.errors.UsageError` for an unknown dialect or version.
    """
    target = get_dialect(dialect)
    version = target.parse_version(target_version)
    resolved, findings = translate(triggers, target, version)
    script = target.compile(resolved, version)
    if drop:
        script = script.undone(f"{script.title} (removal)", with_data=with_data)
    return replace(script, findings=findings)


def translate(triggers: TriggerSet, target: Dialect, version: Version) -> tuple[ResolvedSet, tuple[Finding, ...]]:
    """Return the set that ``target`` compiles, and what was remarked on it.

    Raises :class:`~xtrig.errors.DefinitionError` and :class:`~xtrig.errors.RefusedError` as :func:`render` does.
    """
    general = _unwaived(examine(triggers))
    if _has_error(general):
        raise DefinitionError(_weighty(general))
    special = _unwaived(examine_translation(triggers, target, version))
    if _has_error(special):
        raise RefusedError(_weighty([*general, *special]))
    return translated(resolve(triggers), target, version), (*general, *special)


def _unwaived(findings: list[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.waiver is None]


def _weighty(findings: list[Finding]) -> list[Finding]:
    """Return what goes with a refusal: a note is for those who ask, with check."""
    return [finding for finding in findings if finding.severity is not Severity.NOTE]


def _has_error(findings: list[Finding]) -> bool:
    return any(finding.severity is Severity.ERROR for finding in findings)

"""A set and a dialect to a script: check, refuse or compile."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from xtrig.checks import Examination, examine
from xtrig.dialect import Dialect, Translation, Version
from xtrig.errors import DefinitionError, RefusedError
from xtrig.findings import Finding, Severity
from xtrig.model import TriggerSet
from xtrig.registry import get_dialect
from xtrig.script import Script


def render(
    triggers: TriggerSet,
    dialect: str = "postgresql",
    *,
    target_version: str | int | None = None,
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
    version = target.parse_version(None if target_version is None else str(target_version))
    script = compiled(examine(triggers), target, version)
    return script.undone(f"{script.title} (removal)", with_data=with_data) if drop else script


def compiled(examination: Examination, target: Dialect, version: Version) -> Script:
    """Return the script of a set that was examined. Raises the errors of :func:`translate`."""
    translation, findings = translate(examination, target, version)
    return replace(target.compile(translation.triggers, version), findings=findings)


def translate(examination: Examination, target: Dialect, version: Version) -> tuple[Translation, tuple[Finding, ...]]:
    """Return what ``target`` compiles, and what was remarked on the set and on its translation.

    Raises :class:`~xtrig.errors.DefinitionError` and :class:`~xtrig.errors.RefusedError` as :func:`render` does.
    """
    general = _unwaived(examination.findings)
    if examination.has_error:
        raise DefinitionError(_weighty(general))
    translation = examination.translate(target, version)
    findings = (*general, *_unwaived(translation.findings))
    if any(finding.stops for finding in findings):
        raise RefusedError(_weighty(findings))
    return translation, findings


def _unwaived(findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.waiver is None]


def _weighty(findings: Iterable[Finding]) -> list[Finding]:
    """Return what goes with a refusal: a note is for those who ask, with check."""
    return [finding for finding in findings if finding.severity is not Severity.NOTE]

"""``ignore`` of a function or trigger: findings that it has, that may be waived, and why they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from xtrig.findings import OWN_CODES, Check, Finding, Path, Severity
from xtrig.model import TriggerSet

Waiver = tuple[Path, str]
"""Whose waiver it is, ``("triggers", "x")``, and the code that it names."""


class UnusedWaiver(Check[TriggerSet], code="XT112", severity=Severity.WARNING):
    """A waiver that silences nothing.

    A function or trigger waives a finding that it does not have, or one that cannot be waived. A waiver that is kept
    after its reason is gone would silence the next finding of that code, unseen.

    Remedy: Remove it. Waivers of codes XT2## and XT3## depend on the dialect, so these are judged by `xtrig check
    --dialect all` alone. An error can be waived where its page says so: others would render something that does not
    work.
    Source: [Waivers](../model/index.md#waivers).
    """


def waived(findings: Iterable[Finding], triggers: TriggerSet) -> list[Finding]:
    """Return the findings; those that the definition waives bear the reason.

    A waiver covers what stands in its own function or trigger. An error that is not waivable stays one.
    """
    reasons = _waivers(triggers)
    return [
        replace(finding, waiver=reasons.get((finding.path[:2], finding.code))) if _may_be_waived(finding) else finding
        for finding in findings
    ]


def unused(findings: Iterable[Finding], triggers: TriggerSet, judged: Callable[[str], bool]) -> Iterator[Finding]:
    """Yield XT112 for waivers that silence nothing, of the codes for which ``judged`` is true.

    ``findings`` are those of every check that gives such codes, marked by :func:`waived`.
    """
    found = {(finding.path[:2], finding.code): finding for finding in findings if finding.waiver is None}
    used = {(finding.path[:2], finding.code) for finding in findings if finding.waiver is not None}
    for waiver in _waivers(triggers):
        path, code = waiver
        if waiver in used or not (judged(code) or _is_unknown(code)):
            continue
        message, remedy = _why(code, waiver in found)
        place = (*path, "ignore", code)
        subject = f"{str(path[0]).removesuffix('s')} {path[1]!r}"
        said = f"ignore {code}: {message}"
        yield UnusedWaiver.finding(subject, said, remedy, place).at(triggers.locate(place))


def _waivers(triggers: TriggerSet) -> dict[Waiver, str]:
    return {
        ((section, name), code): reason
        for section in ("functions", "triggers")
        for name, owner in getattr(triggers, section).items()
        for code, reason in owner.ignore.items()
    }


def _is_unknown(code: str) -> bool:
    # Codes of other prefixes are known when their dialects are loaded.
    return code.startswith("XT") and code not in OWN_CODES


def _may_be_waived(finding: Finding) -> bool:
    return finding.waivable or finding.severity is not Severity.ERROR


def _why(code: str, is_found: bool) -> tuple[str, str]:
    if _is_unknown(code):
        return "there is no such code", "correct it, or remove it"
    if is_found:
        return "this error cannot be waived: what it is about would not work", "follow its own remedy"
    return "there is no such finding here", "remove it"

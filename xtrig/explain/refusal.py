"""The findings about a trigger on a dialect, and why the dialect refuses it."""

from __future__ import annotations

from xtrig.checks import Examination
from xtrig.dialect import Dialect, Version
from xtrig.explain.sentences import Heading, Section, Sentence, Subject, known
from xtrig.findings import Finding, Path
from xtrig.resolve import ResolvedTrigger, walk


def found(examination: Examination, trigger: ResolvedTrigger, dialect: Dialect, version: Version) -> list[Finding]:
    """Return the findings that concern a trigger, waived ones too, and those errors of the set that stop its script.

    One error anywhere prevents the whole definition from being rendered.
    """
    findings = dict.fromkeys([*examination.findings, *examination.translate(dialect, version).findings])
    return [each for each in findings if each.stops or concerns(each, trigger)]


def refuses(finding: Finding, trigger: ResolvedTrigger) -> bool:
    """Whether a finding is why nothing of a trigger is rendered: an error, or an event that is left out."""
    return finding.stops or (finding.code == "XT201" and _within(finding.path, trigger.path))


def finding_line(finding: Finding) -> str:
    """Return a finding as a line, with the reason of its waiver if it is waived."""
    return f"{finding} (waived: {finding.waiver})" if finding.waiver is not None else str(finding)


def concerns(finding: Finding, trigger: ResolvedTrigger) -> bool:
    """Whether a finding is about a trigger, its function, or a table that it writes to."""
    tables = [("tables", visit.step.table) for visit in walk(trigger.function) if hasattr(visit.step, "table")]
    return any(_within(finding.path, path) for path in (trigger.path, trigger.function.path, *tables))


def refusal_section(subject: Subject, findings: list[Finding]) -> Section:
    """Return why nothing of the trigger is rendered, and what to do."""
    dialect = subject.dialect.title
    sentences = [Sentence(f"Nothing of it is rendered for {dialect}, and nothing of it is there.", "xtrig")]
    own = [each for each in findings if refuses(each, subject.trigger) and concerns(each, subject.trigger)]
    for finding in own:
        sentences.append(_sentence(subject, finding))
        sentences.append(Sentence(f"What to do: {finding.remedy}.", _place(finding), None, 1))
    others = [each for each in findings if each.stops and each not in own]
    if others:
        sentences.append(
            Sentence("Other parts of the definition are refused, so no script is rendered from it:", "xtrig")
        )
        sentences += [
            Sentence(f"{each.subject}: {each.message}; {each.remedy}. [{each.code}]", _place(each), None, 1)
            for each in others
        ]
    return Section(Heading.REFUSED, tuple(sentences))


def _sentence(subject: Subject, finding: Finding) -> Sentence:
    text = f"{finding.subject}: {finding.message}. [{finding.code}]"
    capability = subject.capability
    if capability.reason and capability.reason in finding.message:
        return known(text, capability.evidence)
    if finding.code in ("XT203", "XT208"):
        return known(text, capability.deny_binds.evidence)
    return Sentence(text, _place(finding))


def _place(finding: Finding) -> str:
    return str(finding.location or finding.code)


def _within(path: Path, outer: Path) -> bool:
    return path[: len(outer)] == outer

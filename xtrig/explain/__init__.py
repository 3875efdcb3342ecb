"""What a trigger does on each dialect, in words, for reviewers and auditors."""

from __future__ import annotations

from collections.abc import Iterable

from xtrig.checks import Examination, examine
from xtrig.dialect import Dialect, Situation, Support, Topic, trigger_support
from xtrig.errors import DefinitionError, UsageError, suggest
from xtrig.explain.behaviours import behaviour_sections, facts_section, policies_section
from xtrig.explain.refusal import found, refusal_section, refuses
from xtrig.explain.sentences import Definition, Explanation, Section, Sentence, Subject, defined
from xtrig.explain.step_sentences import recorded_section, steps_section
from xtrig.model import TriggerSet
from xtrig.registry import dialect_names, get_dialect

__all__ = ["Definition", "Explanation", "Section", "Sentence", "Subject", "explain"]


def explain(
    triggers: TriggerSet,
    *names: str,
    dialects: Iterable[str] | None = None,
    target_version: str | None = None,
) -> tuple[Explanation, ...]:
    """Return what each trigger does on each dialect: when it fires, what it records, what failures do.

    ``names`` are those of the triggers, by default all; ``dialects`` are all that are installed. A trigger
    that a dialect refuses is explained by the reason.

    Raises :class:`~xtrig.errors.DefinitionError` for a definition with an error, and
    :class:`~xtrig.errors.UsageError` for an unknown trigger, dialect or version.
    """
    unknown = [name for name in names if name not in triggers.triggers]
    if unknown:
        raise UsageError(f"there is no trigger {unknown[0]!r}; {suggest(unknown[0], triggers.triggers, 'triggers')}")
    examination = examine(triggers)
    if examination.has_error:
        raise DefinitionError([finding for finding in examination.findings if finding.waiver is None])
    wanted = [get_dialect(name) for name in (dialect_names() if dialects is None else dict.fromkeys(dialects))]
    definition = defined(triggers)
    return tuple(
        _explained(examination, name, dialect, target_version, definition)
        for name in names or triggers.triggers
        for dialect in wanted
    )


def _explained(
    examination: Examination, name: str, dialect: Dialect, target_version: str | None, definition: Definition
) -> Explanation:
    version = dialect.parse_version(target_version)
    triggers, resolved = examination.triggers, examination.resolved
    assert resolved is not None  # noqa: S101  # for mypy: a definition with errors is not explained
    trigger = next(each for each in resolved.triggers if each.name == name)
    findings = found(examination, trigger, dialect, version)
    support = trigger_support(trigger, dialect, version)
    subject = Subject(triggers, resolved, trigger, dialect, version, dialect.capability_of(trigger, version))
    is_refused = support is Support.REFUSED or any(each.stops for each in findings)
    sections = [refusal_section(subject, findings)] if is_refused else _sections(subject)
    rest = [each for each in findings if not (is_refused and refuses(each, trigger))]
    return Explanation(
        trigger=name,
        event=trigger.event,
        dialect=dialect.name,
        title=dialect.title,
        version=".".join(map(str, version)),
        support=Support.REFUSED if is_refused else support,
        spelling="" if is_refused else subject.capability.spelling,
        definition=definition,
        place=str(triggers.locate(trigger.path) or ""),
        findings=tuple(rest),
        sections=tuple(section for section in sections if section.sentences),
    )


def _sections(subject: Subject) -> list[Section]:
    situation = Situation(subject.trigger, subject.version)
    said = behaviour_sections(subject, situation)
    steps = steps_section(subject)
    return [
        said[Topic.FIRES],
        said[Topic.SILENT],
        Section(steps.heading, (*steps.sentences, *said[Topic.STEPS].sentences)),
        recorded_section(subject),
        said[Topic.UNRECORDED],
        said[Topic.FAILURE],
        policies_section(subject, situation),
        facts_section(subject),
    ]

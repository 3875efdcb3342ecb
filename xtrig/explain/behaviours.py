"""When a trigger fires and when not, what it leaves out, what its failures do: the dialect's data, for this trigger."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.dialect import Situation, Topic
from xtrig.explain.sentences import Heading, Section, Sentence, Subject, known

_SECTIONS = {
    Topic.FIRES: Heading.FIRES,
    Topic.SILENT: Heading.SILENT,
    Topic.STEPS: Heading.STEPS,
    Topic.UNRECORDED: Heading.UNRECORDED,
    Topic.FAILURE: Heading.FAILURE,
}


def behaviour_sections(subject: Subject, situation: Situation) -> dict[Topic, Section]:
    """Return when it fires, when it does not, how its steps are run, what it does not record, what failures do."""
    said = {topic: list(_said(subject, situation, topic)) for topic in _SECTIONS}
    said[Topic.FIRES] = [*_offered(subject), *said[Topic.FIRES], *_tags(subject)]
    said[Topic.SILENT] = [*_exempt(subject), *said[Topic.SILENT]]
    said[Topic.FAILURE] = [*_failures(subject, situation), *said[Topic.FAILURE]]
    if not situation.records:
        said[Topic.UNRECORDED] = []
    return {topic: Section(heading, tuple(said[topic])) for topic, heading in _SECTIONS.items()}


def _said(subject: Subject, situation: Situation, topic: Topic) -> Iterator[Sentence]:
    for behaviour in subject.dialect.behaviours:
        if behaviour.topic is topic and behaviour.holds(situation):
            yield known(situation.fill(behaviour.text), behaviour.evidence.at(subject.version))


def _offered(subject: Subject) -> Iterator[Sentence]:
    capability = subject.capability
    yield known(f"As a trigger {capability.spelling} ({capability.support}).", capability.evidence)


def _tags(subject: Subject) -> Iterator[Sentence]:
    if subject.trigger.tags:
        tags = ", ".join(subject.trigger.tags)
        yield subject.say(f"Only at commands with one of these tags: {tags}.", (*subject.trigger.path, "tags"))


def _exempt(subject: Subject) -> Iterator[Sentence]:
    if subject.capability.exempt:
        yield known(f"Exempt: {subject.capability.exempt}.", subject.capability.exempt.evidence)
    for role in subject.trigger.function.policies.exempt_roles:
        path = (*subject.trigger.function.path, "exempt_roles")
        yield subject.say(f"For role {role} its steps are not run (exempt_roles).", path)


def _failures(subject: Subject, situation: Situation) -> Iterator[Sentence]:
    capability = subject.capability
    if capability.on_error:
        yield known(f"An error that nothing catches: {capability.on_error}.", capability.on_error.evidence)
    if situation.denies:
        yield known(_denial(subject), capability.deny_binds.evidence)
    for title, claim in (
        ("Transaction", capability.transaction),
        ("Order of several triggers", capability.order),
        ("The way in when it is broken", capability.way_out),
    ):
        if claim:
            yield known(f"{title}: {claim}.", claim.evidence)


def _denial(subject: Subject) -> str:
    if not subject.capability.deny_binds:
        return "A deny keeps nobody out."
    return f"A deny {'refuses the session' if subject.trigger.event.is_session else 'stops the command'}."

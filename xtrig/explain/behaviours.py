"""What the dialect declares, for one trigger: its behaviours, its policies, its session facts."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.dialect import Behaviour, Situation, Support, Topic, Verified
from xtrig.explain.sentences import Heading, Section, Sentence, Subject, known
from xtrig.facts import FACTS, Fact, Item
from xtrig.findings import Path
from xtrig.resolve import uses

_SECTIONS = {
    Topic.FIRES: Heading.FIRES,
    Topic.SILENT: Heading.SILENT,
    Topic.STEPS: Heading.STEPS,
    Topic.UNRECORDED: Heading.UNRECORDED,
    Topic.FAILURE: Heading.FAILURE,
}


def behaviour_sections(subject: Subject, situation: Situation) -> dict[Topic, Section]:
    """Return a section for each topic: fires, does not fire, steps, does not record, failures."""
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


_SESSION = ("security", "on_error", "standby", "lock_timeout", "timeout", "durability", "exempt_roles")
_DDL = ("security", "on_error", "lock_timeout", "exempt_roles")


def policies_section(subject: Subject, situation: Situation) -> Section:
    """Return every policy that applies to the event, with its value and its effect."""
    names = _SESSION if subject.trigger.event.is_session else _DDL
    sentences = [_policy(subject, situation, name) for name in names]
    return Section(
        Heading.POLICIES, (*sentences, _policy(subject, situation, "enable"), *_language(subject), *_asked(subject))
    )


def _policy(subject: Subject, situation: Situation, name: str) -> Sentence:
    value = situation.policy(name)
    stated = _is_stated(subject, name)
    said = f"{name}: {value or 'none'}{'' if stated else ' (default)'}."
    behaviour = _behaviour(subject, situation, name)
    if behaviour is not None:
        text = f"{said} {situation.fill(behaviour.text)}"
        return known(text, behaviour.evidence.at(subject.version))
    if name == "exempt_roles" and value is None:
        return subject.say(f"{said} Nobody is let past the function.", _path(subject, name))
    if situation.by_hand:
        return subject.say(f"{said} It changes nothing: the body is written by hand.", _path(subject, name))
    text = f"{said} {subject.dialect.title} declares nothing about its effect."
    return Sentence(text, f"the plugin of {subject.dialect.name}", Verified.UNVERIFIED)


def _behaviour(subject: Subject, situation: Situation, name: str) -> Behaviour | None:
    candidates = (each for each in subject.dialect.behaviours if each.topic is Topic.POLICY and each.policy == name)
    return next((each for each in candidates if each.holds(situation)), None)


def _is_stated(subject: Subject, name: str) -> bool:
    if name == "enable":
        return "enable" in subject.definition.triggers[subject.trigger.name].model_fields_set
    defaults = getattr(subject.definition.defaults, name) is not None
    return defaults or name in subject.trigger.function.policies.stated


def _path(subject: Subject, name: str) -> Path:
    return (*subject.trigger.function.path, name)


def _language(subject: Subject) -> Iterator[Sentence]:
    language = subject.trigger.function.policies.language
    if language != "native":
        yield subject.say(f"language: {language}.", _path(subject, "language"))


def _asked(subject: Subject) -> Iterator[Sentence]:
    asked = subject.trigger.if_unsupported
    path = (*subject.trigger.path, "if_unsupported")
    if subject.capability.support is Support.EMULATED:
        text = f"if_unsupported: {asked}. {subject.capability.reason}, so it is inferred from others."
        yield known(text, subject.capability.evidence)
    elif asked != "refuse":
        yield subject.say(f"if_unsupported: {asked}. It changes nothing: the event is native here.", path)


def facts_section(subject: Subject) -> Section:
    """Return every fact that the steps use, in the order of the list of facts."""
    used = {(fact, use.item) for use in uses(subject.trigger.function) for fact in use.template.facts}
    items = (None, *Item)
    ordered = sorted(used, key=lambda each: (list(Fact).index(each[0]), items.index(each[1])))
    sentences = dict.fromkeys(sentence for fact, item in ordered for sentence in _fact(subject, fact, item))
    return Section(Heading.FACTS, tuple(sentences))


def _fact(subject: Subject, fact: Fact, item: Item | None) -> Iterator[Sentence]:
    if fact is Fact.EVENT:
        yield Sentence(f"${{event}}: The portable name of the event, {subject.trigger.event}.", "xtrig")
        return
    spelling = subject.dialect.written(fact, subject.trigger, item, subject.version)
    if spelling is None:  # a fact that the dialect lacks is refused before
        return
    meaning = FACTS[fact].meaning.rstrip(".")
    note = f" Here: {spelling.remark}." if spelling.remark and spelling.remark not in meaning else ""
    yield known(f"${{{fact}}}: {meaning}.{note} It is written", spelling.evidence, spelling.sql)

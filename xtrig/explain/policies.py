"""What the policies of a trigger come to."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.dialect import Behaviour, Situation, Support, Topic, Verified
from xtrig.explain.sentences import Heading, Section, Sentence, Subject, known
from xtrig.findings import Path

_SESSION = ("security", "on_error", "standby", "lock_timeout", "timeout", "durability", "exempt_roles")
_DDL = ("security", "on_error", "lock_timeout", "exempt_roles")


def policies_section(subject: Subject, situation: Situation) -> Section:
    """Return every policy that counts at the event, with its value and what that comes to."""
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
    text = f"{said} {subject.dialect.title} declares nothing about what it comes to."
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
    if subject.trigger.function.policies.language != "native":
        yield subject.say("language: plpgsql.", _path(subject, "language"))


def _asked(subject: Subject) -> Iterator[Sentence]:
    asked = subject.trigger.if_unsupported
    path = (*subject.trigger.path, "if_unsupported")
    if subject.capability.support is Support.EMULATED:
        text = f"if_unsupported: {asked}. {subject.capability.reason}, so it is inferred from others."
        yield known(text, subject.capability.evidence)
    elif asked != "refuse":
        yield subject.say(f"if_unsupported: {asked}. It changes nothing: the event is native here.", path)

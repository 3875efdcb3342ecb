"""The body of a trigger: its steps, with the guards of its policies around them."""

from __future__ import annotations

from xtrig.model import Call, Set
from xtrig.plugin import Dialect, Event, Lines, ResolvedSet, ResolvedTrigger, Version, layout, walk
from xtrig_firebird.column_types import ZONES
from xtrig_firebird.steps import IGNORED, StepWriter, denies
from xtrig_firebird.words import folded, text


def written(triggers: ResolvedSet, trigger: ResolvedTrigger, dialect: Dialect, version: Version) -> str:
    """Return what stands behind AS; a body written by hand is used as it is."""
    by_hand = trigger.function.body.get(dialect.name)
    if by_hand is not None:
        # The script ends every statement itself.
        return by_hand.strip().removesuffix(";").rstrip()
    return layout(_body(triggers, trigger, dialect, version))


def _body(triggers: ResolvedSet, trigger: ResolvedTrigger, dialect: Dialect, version: Version) -> Lines:
    function, event = trigger.function, trigger.event
    writes = any(visit.step.may_write for visit in walk(function))
    guards = function.policies.standby == "skip" and event.is_session and writes
    catches = function.policies.on_error == "allow"
    writer = StepWriter(
        triggers,
        dialect,
        version,
        event,
        catches=catches,
        outlives=event is Event.LOGON and _refuses_logins(triggers),
        guards=guards,
    )
    effect = _effect(event)
    explained = [f"-- on_error: allow. {effect} goes on after an error." if catches else ""]
    explained += ["-- standby: skip. Nothing is written on a read-only database or replica." if guards else ""]
    steps: Lines = [*filter(None, explained), *writer.write(function.steps)]
    declared: Lines = [f"DECLARE {IGNORED} INTEGER;"] if _has_results(trigger) else []
    return [
        *([declared] if declared else []),
        "BEGIN",
        [*_exempt(trigger), *_resetting(trigger, version), *steps],
        "END",
    ]


def rehearsal(triggers: ResolvedSet, trigger: ResolvedTrigger, dialect: Dialect, version: Version) -> str:
    """Return the block that does once what the steps do, and hides no error; a refusal refuses nothing."""
    writer = StepWriter(triggers, dialect, version, trigger.event, rehearses=True)
    declared: Lines = [f"DECLARE {IGNORED} INTEGER;"] if _has_results(trigger) else []
    return layout(
        ["EXECUTE BLOCK AS", *([declared] if declared else []), "BEGIN", writer.write(trigger.function.steps), "END"]
    )


def _effect(event: Event) -> str:
    return {Event.LOGON: "The login", Event.LOGOFF: "The end of the session"}.get(event, "The command")


def _exempt(trigger: ResolvedTrigger) -> Lines:
    roles = ", ".join(text(folded(role)) for role in trigger.function.policies.exempt_roles)
    if not roles:
        return []
    return ["-- exempt_roles: nothing below can stop these users.", f"IF (current_user IN ({roles})) THEN", ["EXIT;"]]


def _resetting(trigger: ResolvedTrigger, version: Version) -> Lines:
    """Return the guard against ALTER SESSION RESET, which 4.0 has: what it takes away, ``set`` steps give again."""
    if version < ZONES or not trigger.event.is_session:
        return []
    if all(isinstance(visit.step, Set) for visit in walk(trigger.function)):
        return []
    return ["-- ALTER SESSION RESET ends no session and begins none.", "IF (resetting) THEN", ["EXIT;"]]


def _refuses_logins(triggers: ResolvedSet) -> bool:
    """Whether a trigger of the set may refuse a login: then the rows of all of them have to be committed before."""
    at_logon = (trigger for trigger in triggers.triggers if trigger.event is Event.LOGON)
    return any(denies(step) for trigger in at_logon for step in trigger.function.steps)


def _has_results(trigger: ResolvedTrigger) -> bool:
    steps = [visit.step for visit in walk(trigger.function)]
    return any(isinstance(step, Set) or (isinstance(step, Call) and step.kind == "function") for step in steps)

"""What a vendor does when a trigger fires, fails or records, as sentences for ``xtrig explain``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from xtrig.dialect.evidence import Evidence, Version
from xtrig.facts import ALL_EVENTS, Event
from xtrig.model import Deny, If, Insert, Policies, Step
from xtrig.resolve import EffectivePolicies, ResolvedTrigger, walk


class Topic(StrEnum):
    """What a behaviour is about."""

    FIRES = "fires"
    """When the trigger fires."""
    SILENT = "silent"
    """When it does not fire."""
    STEPS = "steps"
    """How the server runs its steps."""
    UNRECORDED = "unrecorded"
    """What its tables do not record."""
    FAILURE = "failure"
    """What an error does to the session or the command."""
    POLICY = "policy"
    """What a policy does."""


class Situation(NamedTuple):
    """One trigger on one server version: all that a behaviour may depend on."""

    trigger: ResolvedTrigger
    version: Version

    @property
    def policies(self) -> EffectivePolicies:
        """The policies of the trigger's function."""
        return self.trigger.function.policies

    @property
    def by_hand(self) -> bool:
        """Whether the function's body is written by hand."""
        return bool(self.trigger.function.body)

    @property
    def denies(self) -> bool:
        """Whether a step may refuse."""
        return any(isinstance(step, Deny) for step in self._steps())

    @property
    def records(self) -> bool:
        """Whether a step inserts a row."""
        return any(isinstance(step, Insert) for step in self._steps())

    @property
    def decides(self) -> bool:
        """Whether a step depends on a condition."""
        return any(isinstance(step, If) or step.when is not None for step in self._steps())

    @property
    def writes(self) -> bool:
        """Whether a step writes to the database or may do so: a called routine may."""
        return any(step.may_write for step in self._steps())

    def policy(self, name: str) -> str | None:
        """Return a policy's value as a definition spells it; None for a timeout of 0 or an empty list of roles."""
        if name in ("enable", "if_unsupported"):
            return str(getattr(self.trigger, name))
        value = getattr(self.policies, name)
        return ", ".join(value) or None if isinstance(value, tuple) else value

    def fill(self, text: str) -> str:
        """Return a sentence with ``{timeout}``, ``{function}`` and the like filled in."""
        function = self.trigger.function
        names = {name: self.policy(name) or "none" for name in (*Policies.model_fields, "enable")}
        schema = {"trigger": self.trigger.name, "schema": function.schema, "function": function.name}
        return text.format_map({**names, **schema, "event": str(self.trigger.event)})

    def _steps(self) -> Iterator[Step]:
        return (visit.step for visit in walk(self.trigger.function))


Condition = Callable[[Situation], bool]


def always(_: Situation) -> bool:
    """Return True: the condition of a behaviour that always holds."""
    return True


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One sentence about the vendor, the evidence for it, and the triggers and versions of which it is true.

    ``text`` is a whole sentence. In it ``{timeout}``, ``{lock_timeout}``, ``{exempt_roles}`` and the other policies
    stand for their values, ``{trigger}``, ``{schema}``, ``{function}`` and ``{event}`` for names. It holds for a
    trigger on one of ``events`` for which ``applies`` is true, on servers from version ``since`` on and before
    ``before``. Of the behaviours of one ``policy`` only the first that holds is used.
    """

    topic: Topic
    text: str
    evidence: Evidence
    events: frozenset[Event] = field(default=ALL_EVENTS)
    since: Version = ()
    before: Version | None = None
    applies: Condition = always
    policy: str = ""

    def holds(self, situation: Situation) -> bool:
        """Whether it is true of the trigger and the version of ``situation``."""
        is_new = self.before is not None and situation.version >= self.before
        fits = situation.trigger.event in self.events and self.since <= situation.version and not is_new
        return fits and self.applies(situation)

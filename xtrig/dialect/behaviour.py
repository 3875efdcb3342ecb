"""How a vendor behaves around a trigger, as sentences: what ``xtrig explain`` says beyond the capabilities."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from xtrig.dialect.evidence import Evidence, Version
from xtrig.facts import ALL_EVENTS, Event
from xtrig.model import Deny, If, Insert, Policies, Step
from xtrig.resolve import EffectivePolicies, ResolvedTrigger, walk


class Topic(StrEnum):
    """What a behaviour is about."""

    FIRES = "fires"
    """An occasion on which the trigger fires."""
    SILENT = "silent"
    """An occasion on which it does not."""
    STEPS = "steps"
    """How its steps are run."""
    UNRECORDED = "unrecorded"
    """Something of which its tables will hold nothing."""
    FAILURE = "failure"
    """What an error does to the session or the command."""
    POLICY = "policy"
    """What a policy comes to."""


@dataclass(frozen=True, slots=True)
class Situation:
    """One trigger on one version of a dialect: what a behaviour may depend on."""

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
        """Whether a step writes to the database, or may."""
        return any(step.may_write for step in self._steps())

    def policy(self, name: str) -> str | None:
        """Return a policy's value as a definition writes it; None for an unbounded timeout or no roles."""
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
    """Hold in every situation."""
    return True


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One sentence about the vendor, with how it is known and when it is true.

    ``text`` is a whole sentence, in which ``{timeout}``, ``{lock_timeout}``, ``{exempt_roles}`` and the other
    policies stand for their values, ``{trigger}``, ``{schema}``, ``{function}`` and ``{event}`` for names.
    It is said at ``events``, from version ``since`` on and before ``before``, where ``applies`` holds. Of the
    behaviours with a ``policy`` the first that holds says what that policy comes to.
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
        """Whether it is true of a trigger on a version."""
        is_new = self.before is not None and situation.version >= self.before
        fits = situation.trigger.event in self.events and self.since <= situation.version and not is_new
        return fits and self.applies(situation)

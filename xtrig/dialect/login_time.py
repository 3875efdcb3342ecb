"""How long a login takes on a server that a definition is tried on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any, Protocol

from xtrig.errors import DriverError
from xtrig.script import Hazard, Script

if TYPE_CHECKING:
    from xtrig.dialect.trial import Action
    from xtrig.progress import Progress

_WARM_UP = 2
_BUDGET_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class LoginTime:
    """How long a login takes: medians over ``rounds`` logins of each kind, in milliseconds."""

    role: str
    rounds: int
    with_triggers: float
    without_triggers: float

    @property
    def ratio(self) -> float:
        """How many times as long the login takes with the triggers."""
        return self.with_triggers / self.without_triggers

    def to_dict(self) -> dict[str, Any]:
        """Return the times as JSON-able data."""
        return {
            "role": self.role,
            "rounds": self.rounds,
            "with_ms": round(self.with_triggers, 3),
            "without_ms": round(self.without_triggers, 3),
            "ratio": round(self.ratio, 3),
        }


class Closable(Protocol):
    """A session."""

    def close(self) -> None:
        """End it."""


def has_hazard(script: Script, hazard: Hazard) -> bool:
    """Whether a statement of the script has it, as that of a trigger at login may refuse logins."""
    return any(hazard in statement.hazards for statement in script.statements)


def login_time(
    role: str,
    script: Script,
    actions: Iterable[Action],
    rounds: int,
    listener: Progress,
    log_in: Callable[[bool], Closable],
) -> LoginTime | str:
    """Measure logins that meet the triggers and logins that do not in turn, so that other load affects both alike.

    ``log_in`` opens a session of ``role``, which meets the triggers or does not; it raises
    :class:`~xtrig.errors.DriverError` for a refusal. Stops early, after a whole round, when half a minute is over.
    Returns a sentence where there is nothing to measure.
    """
    if not has_hazard(script, Hazard.REFUSES_LOGINS):
        return "not measured: no trigger of the definition fires at login"
    if any(action.error and action.is_login and action.role == role for action in actions):
        return f"not measured: the login of {role} was refused"
    if not rounds:
        return "not measured: --rounds 0"
    listener.step(f"timing up to {rounds} logins with and without the triggers")
    times: tuple[list[float], list[float]] = ([], [])
    deadline = time.monotonic() + _BUDGET_SECONDS
    try:
        for number in range(-_WARM_UP, rounds):
            taken = [_milliseconds(log_in, meets_triggers) for meets_triggers in (True, False)]
            if number >= 0:
                for kind, milliseconds in zip(times, taken, strict=True):
                    kind.append(milliseconds)
                if time.monotonic() > deadline:
                    break
    except DriverError as error:
        return f"not measured: {role} could not log in: {error}"
    return LoginTime(role, len(times[0]), median(times[0]), median(times[1]))


def _milliseconds(log_in: Callable[[bool], Closable], meets_triggers: bool) -> float:
    start = time.perf_counter()
    session = log_in(meets_triggers)
    taken = time.perf_counter() - start
    session.close()
    return taken * 1000

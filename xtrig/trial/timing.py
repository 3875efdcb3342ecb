"""How long a login takes with the triggers and without them."""

from __future__ import annotations

import time
from statistics import median

import psycopg

from xtrig.trial.client import refusal
from xtrig.trial.report import LoginTime
from xtrig.trial.scratch import TrialRole
from xtrig_pgfamily.driver.address import Address

WARM_UP = 2
BUDGET_SECONDS = 30.0


def login_time(role: TrialRole, rounds: int) -> LoginTime | str:
    """Measure logins in turn with and without, so that whatever else the machine does hits both alike.

    ``role`` must be a superuser: only one can switch the triggers off for a login. Returns a sentence if
    the triggers refuse the login. Stops early, after a whole round, when half a minute is over.
    """
    off = role.address.with_setting("event_triggers", "off")
    on = role.address.with_setting("event_triggers", "on")
    times: tuple[list[float], list[float]] = ([], [])
    deadline = time.monotonic() + BUDGET_SECONDS
    try:
        for number in range(-WARM_UP, rounds):
            taken = _login(on), _login(off)
            if number >= 0:
                for kind, milliseconds in zip(times, taken, strict=True):
                    kind.append(milliseconds)
                if time.monotonic() > deadline:
                    break
    except psycopg.Error as error:
        told = refusal(error).message.splitlines()[0]
        return f"not measured: {role.name} could not log in: {told}"
    return LoginTime(role.name, len(times[0]), median(times[0]), median(times[1]))


def _login(address: Address) -> float:
    """Return the milliseconds until the session is ready for its first command."""
    start = time.perf_counter()
    session = address.connect()
    taken = time.perf_counter() - start
    session.close()
    return taken * 1000

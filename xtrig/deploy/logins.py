"""New connections, made to see whether people can log in."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from statistics import median

from xtrig.deploy.options import Canary
from xtrig.deploy.report import Latency, Login
from xtrig.deploy.target import Target, is_pooled
from xtrig.dialect.driver import Address
from xtrig.errors import UsageError, database_errors

_OWN = "the deploying role"


@dataclass(frozen=True, slots=True)
class Account:
    """A way in: ``who`` is the role."""

    who: str
    address: Address
    may_be_canary: bool = False

    def log_in(self, proof: str, settings: Mapping[str, str]) -> Login:
        """Log in once and out again, with server parameters set from the first moment."""
        start = time.perf_counter()
        refusal = self.address.log_in(settings)
        return Login(self.who, proof, time.perf_counter() - start, refusal)

    def without_triggers(self) -> Login | None:
        """Log in past the triggers: the way back in, if all else fails. None: the vendor has no such way."""
        past = self.address.without_triggers()
        return None if past is None else Account(self.who, past).log_in("without triggers", {})


class Accounts:
    """Everybody who proves that logins work: the deploying role first, then those of the canary's URLs."""

    def __init__(self, address: Address, canary: Canary, target: Target) -> None:
        self._target = target
        self._canary = canary
        driver = target.platform.driver(target.version)
        self.own = self._account(address, _OWN)
        self.all: Sequence[Account] = (
            self.own,
            *(self._account(driver.address(url), "--canary-url") for url in canary.urls),
        )

    def _account(self, address: Address, which: str) -> Account:
        """Log in while no new trigger can be the reason to refuse, and see who and where one is."""
        bounded = address.bounded(self._canary.login_timeout)
        with (
            database_errors(f"{which} cannot log in even before anything is changed"),
            closing(bounded.open()) as session,
        ):
            platform = self._target.platform
            with session.reading():
                here = platform.server(session.row(platform.recognition))
            may_be_canary = session.may_be_canary()
            is_behind_pooler = is_pooled(session, here)
            is_elsewhere = which != _OWN and not session.sees_lock()
        if here.identity != self._target.server.identity:
            wanted = self._target.server.database
            what = "another server, with a database of the same name" if here.database == wanted else "another database"
            raise UsageError(f"{which} leads to {what}: {here.database!r} instead of {wanted!r}; name the same one")
        if is_elsewhere:
            raise UsageError(f"{which} leads to another server, with a database of the same name; name the same one")
        if is_behind_pooler:
            raise UsageError(
                f"{which} leads through a connection pooler, where a login is not a login of the server's; "
                "name the server itself"
            )
        return Account(here.role, bounded, may_be_canary)

    def latency(self) -> Latency | None:
        """Measure logins in turn with and without the triggers; None if this role cannot switch them off."""
        off: list[float] = []
        on: list[float] = []
        for _ in range(self._canary.rounds):
            without, ordinary = self.own.without_triggers(), self.own.log_in("latency", {})
            if without is None or without.refusal or ordinary.refusal:
                return None
            off.append(without.seconds * 1000)
            on.append(ordinary.seconds * 1000)
        return Latency(len(on), median(on), median(off)) if on else None


def refused(logins: Iterable[Login]) -> list[Login]:
    """Return the logins that failed."""
    return [login for login in logins if login.refusal is not None]

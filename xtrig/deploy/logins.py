"""New connections, made to see whether people can log in."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import psycopg

from xtrig.connect import Address, address_for, database_errors, login_answer
from xtrig.deploy.options import Canary
from xtrig.deploy.report import Latency, Login
from xtrig.deploy.target import Target
from xtrig.errors import UsageError
from xtrig.sqltext import literal

_OWN = "the deploying role"
_LEAST_TIMEOUT = 2
"""libpq takes a connect_timeout of 1 s for one of 2 s."""


@dataclass(frozen=True, slots=True)
class Account:
    """A way in: ``who`` is the role."""

    who: str
    address: Address
    may_be_canary: bool

    def log_in(self, proof: str, settings: Mapping[str, str]) -> Login:
        """Log in once and out again, with server parameters set from the first moment."""
        address = self.address
        for name, value in settings.items():
            address = address.with_setting(name, value)
        start = time.perf_counter()
        try:
            connection = address.connect()
        except psycopg.Error as error:
            return Login(self.who, proof, time.perf_counter() - start, refusal(error))
        taken = time.perf_counter() - start
        connection.close()
        return Login(self.who, proof, taken)


class Accounts:
    """Everybody who proves that logins work: the deploying role first, then those of the canary's URLs."""

    def __init__(self, address: Address, canary: Canary, target: Target) -> None:
        self._target = target
        self._words = target.deployment.words
        self._canary = canary
        self.own = self._account(address, _OWN)
        self.all: Sequence[Account] = (
            self.own,
            *(self._account(address_for(url), "--canary-url") for url in canary.urls),
        )

    def _account(self, address: Address, which: str) -> Account:
        """Log in while no new trigger can be the reason to refuse, and see who and where one is."""
        timeout = max(_LEAST_TIMEOUT, round(self._canary.login_timeout))
        bounded = address.changed(connect_timeout=str(timeout))
        failure = database_errors(f"{which} cannot log in even before anything is changed")
        with failure, bounded.connect(pinned=True) as session:
            session.row_factory = psycopg.rows.dict_row
            row = session.execute(self._target.dialect.recognition.encode()).fetchone() or {}
            may = session.execute(self._words.may_be_canary.encode()).fetchone() or {}
            pid = session.info.backend_pid
            is_elsewhere = which != _OWN and self._is_elsewhere(session)
        here = self._target.deployment.server(row)
        if here.identity != self._target.server.identity:
            raise UsageError(f"{which} leads to database {here.database!r} of another server; name the same one")
        if is_elsewhere:
            raise UsageError(f"{which} leads to another server, with a database of the same name; name the same one")
        if here.backend_pid != pid:
            raise UsageError(
                f"{which} leads through a connection pooler, where a login is not a login of the server's; "
                "name the server itself"
            )
        return Account(here.role, bounded, bool(may["may"]))

    def _is_elsewhere(self, session: psycopg.Connection[Any]) -> bool:
        """Whether the session could have the lock too that the guard holds: then it is another server's lock."""
        try:
            with session.transaction():
                bound = self._words.set.format(name=literal(self._words.lock_timeout), value=literal("1"))
                session.execute(bound.encode())
                session.execute(self._words.lock_in_transaction.encode())
        except psycopg.errors.LockNotAvailable:
            return False
        return True

    def without_triggers(self) -> Login:
        """Log in as the deploying role with the triggers switched off: the way back in, if all else fails."""
        return self.own.log_in("without triggers", self._words.without_triggers)

    def latency(self) -> Latency | None:
        """Measure logins in turn with and without the triggers; None if this role cannot switch them off."""
        if not self._words.without_triggers:
            return None
        off: list[float] = []
        on: list[float] = []
        for _ in range(self._canary.rounds):
            without, ordinary = self.without_triggers(), self.own.log_in("latency", {})
            if without.refusal or ordinary.refusal:
                return None
            off.append(without.seconds * 1000)
            on.append(ordinary.seconds * 1000)
        return Latency(len(on), median(on), median(off)) if on else None


def refused(logins: Iterable[Login]) -> list[Login]:
    """Return the logins that failed."""
    return [login for login in logins if login.refusal is not None]


def refusal(error: psycopg.Error) -> str:
    """Return what the server said to a login, in one line, without the driver's words on where it had tried."""
    if isinstance(error, psycopg.errors.ConnectionTimeout):
        return "no answer in time"
    text = re.sub(r"\nLINE \d+: .*\n *\^", "", login_answer(error))
    said = re.split(r"\n(?:QUERY|CONTEXT):", text)[0]
    return " ".join(said.split()).removeprefix("FATAL: ")

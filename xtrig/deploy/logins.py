"""New connections, made to see whether people can log in."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import psycopg

from xtrig.connect import Address, address_for, database_errors
from xtrig.deploy.options import Canary
from xtrig.deploy.report import Latency, Login
from xtrig.dialect.deployment import Words
from xtrig.errors import UsageError

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

    def __init__(self, address: Address, canary: Canary, words: Words, identity: str, recognition: str) -> None:
        self._words = words
        self._canary = canary
        self._recognition = recognition
        self.own = self._account(address, identity, "the deploying role")
        self.all: Sequence[Account] = (
            self.own,
            *(self._account(address_for(url), identity, "--canary-url") for url in canary.urls),
        )

    def _account(self, address: Address, identity: str, which: str) -> Account:
        """Log in while no new trigger can be the reason to refuse, and see who and where one is."""
        timeout = max(_LEAST_TIMEOUT, round(self._canary.login_timeout))
        bounded = address.changed(connect_timeout=str(timeout))
        with database_errors(f"{which} cannot log in even before anything is changed"), bounded.connect() as session:
            session.row_factory = psycopg.rows.dict_row
            here = session.execute(self._recognition.encode()).fetchone() or {}
            may = session.execute(self._words.may_be_canary.encode()).fetchone() or {}
            pid, who = session.info.backend_pid, session.info.user
        if f"{here['database']}/{here['database_oid']}" != identity:
            raise UsageError(f"{which} leads to database {here['database']!r} of another server; name the same one")
        if here["backend_pid"] != pid:
            raise UsageError(
                f"{which} leads through a connection pooler, where a login is not a login of the server's; "
                "name the server itself"
            )
        return Account(str(here.get("role") or who), bounded, bool(may["may"]))

    def without_triggers(self) -> Login:
        """Log in as the deploying role with the triggers switched off: the way back in, if all else fails."""
        return self.own.log_in("without triggers", self._words.without_triggers)

    def latency(self) -> Latency | None:
        """Measure logins in turn with and without the triggers; None if this role cannot switch them off."""
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
    text = str(error)
    start = text.find("FATAL:")
    return " ".join(text[max(start, 0) :].split("\nCONTEXT:")[0].split()).removeprefix("FATAL: ")

"""The rehearsal: what a deployment makes is run before anybody can meet it, and all of it is rolled back.

Functions run as the deploying role, as each canary role, and as a role without rights that is made for it; triggers on
commands meet a command of each kind. An error fails the rehearsal also where the function catches it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from xtrig.deploy.options import Canary
from xtrig.deploy.report import Login, Report, StageError
from xtrig.deploy.turns import in_turns
from xtrig.dialect.deployment import Command, CommandTriggers, Stage
from xtrig.dialect.driver import CaughtError, Session
from xtrig.errors import DriverError
from xtrig.findings import Location, Path
from xtrig.script import Statement
from xtrig.sqltext import one_line

_ORDINARY = "a role without rights"
_SHOWN = 8
"""How many kinds of commands a message names."""
_SKIPPED = "wherever its condition lets it run"
_ACCEPT = "correct it, or let it be with --accept-errors"

_NO_RIGHT = "42501"
"""The SQLSTATE of a missing right: one to make a schema is not needed for anything else."""

Locate = Callable[[Path], Location | None]
"""Gives the file and line of a path in the definition."""


@dataclass(frozen=True, slots=True)
class _Role:
    """Who rehearses; ``is_made`` is the role without rights, which a deny may refuse for good reason."""

    name: str
    is_made: bool = False

    @property
    def title(self) -> str:
        """The role as a report calls it."""
        return _ORDINARY if self.is_made else self.name


@dataclass(slots=True)
class _Seen:
    """What one attempt has shown."""

    logins: list[Login] = field(default_factory=list)
    proved: list[str] = field(default_factory=list)
    unproved: list[str] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)
    """The kinds of commands that some role has given, with the triggers there."""


class Rehearsal:
    """The rehearsal of one stage, in a session of its own: a time-out of a function ends the session."""

    def __init__(self, session: Session, stage: Stage, role: str, canary: Canary, locate: Locate) -> None:
        self._session = session
        self._stage = stage
        self._own = role
        self._canary = canary
        self._locate = locate
        self._seen = _Seen()
        self._doing = ""
        self._accepted: set[CaughtError] = set()

    def run(self, lock_timeout: float, report: Report) -> None:
        """Rehearse, and say in the report what was seen.

        Raises :class:`~xtrig.deploy.report.StageError` if a function failed, and if the server refused.
        """
        try:
            in_turns(self._session, self._session.rolled_back, self._attempt, lock_timeout)
        except DriverError as error:
            raise StageError(f"{self._doing}: {error}" if self._doing else str(error), is_proof=False) from None
        finally:
            report.logins += self._seen.logins
            report.proved += self._seen.proved
            report.unproved += self._seen.unproved

    def _attempt(self) -> None:
        self._seen = _Seen(unproved=list(self._stage.unproved))
        for statement in self._stage.statements:
            self._doing = one_line(statement.purpose) or self._doing
            self._session.execute(statement.sql)
        if not (self._stage.probes or self._stage.commands):
            return
        roles = []
        for role in self._roles():
            roles.append(role)
            self._doing = f"cannot rehearse as {role.title}"
            with self._session.acting_as(role.name, self._canary.login_timeout):
                pass  # a role that is not there is no function's fault
            self._run_functions(role)
            self._give_commands(role)
        self._plan(roles)
        self._name_unrehearsed()

    def _roles(self) -> Iterator[_Role]:
        for name in dict.fromkeys((self._own, *self._canary.roles)):
            yield _Role(name)
        self._doing = f"cannot make {_ORDINARY}"
        made = self._session.ordinary_role()
        if made is not None:
            yield _Role(made, is_made=True)
        else:
            self._seen.unproved.append(f"{_ORDINARY}: {self._own} may not act as another role, as a superuser may")
        if not (self._canary.roles or self._canary.urls):
            self._seen.unproved.append(
                "no role of an application was tried; name one with --canary-role, or its way in with --canary-url"
            )

    def _run_functions(self, role: _Role) -> None:
        probes = self._stage.probes
        if not probes:
            return
        start = time.perf_counter()
        try:
            caught = self._probe(role, probes)
        except DriverError as error:
            if role.is_made and error.is_raised:
                self._seen.unproved.append(f"{role.title} is refused, and may be meant to be: {error}")
                return
            self._login(role, start, str(error))
            raise StageError(f"the functions fail when {role.title} runs them: {_told(error)}", is_proof=True) from None
        if caught:
            self._check_locks(caught)
            with self._session.savepoint():
                self._trace()
                caught = self._probe(role, probes) or caught
            self._fail(role, start, caught, f"when {role.title} logs in")
        self._login(role, start)

    def _probe(self, role: _Role, probes: Iterable[Statement]) -> list[CaughtError]:
        with self._session.acting_as(role.name, self._canary.login_timeout), self._session.caught_errors() as caught:
            for probe in probes:
                self._session.execute(probe.sql)
        return caught

    def _trace(self) -> None:
        """Put functions that note each step in the place of those that only say that an error was caught."""
        for statement in self._stage.tracing:
            self._session.execute(statement.sql)

    def _plan(self, roles: Sequence[_Role]) -> None:
        """Fail by what a step that did not run would fail by, whoever of the roles fires it.

        A role that lacks a right does not get as far as another one's error, and would fail by it, too.
        """
        if not self._stage.planning:
            return
        *made, probe = self._stage.planning
        told: list[list[CaughtError]] = []
        try:
            with self._session.savepoint():
                for statement in made:
                    self._session.execute(statement.sql)
                # A plan waits for locks, and a function may have no bound of its own: acting as a role has one.
                told += [self._probe(role, (probe,)) for role in roles]
        except DriverError as error:
            if self._session.is_broken:
                raise
            self._seen.unproved.append(f"steps whose condition is false now were not planned: {error}")
            return
        for caught in told:
            self._check_locks(caught)
        found = [each for each in dict.fromkeys(told[0]) if each not in self._accepted and not each.lacks_right]
        lacking = [{each.path for each in caught if each.lacks_right} for caught in told]
        common = [
            each
            for each in found
            if all(each in caught or each.path in paths for caught, paths in zip(told, lacking, strict=True))
        ]
        self._fail(_Role(self._own), time.perf_counter(), common, _SKIPPED)
        for role, caught in zip(roles, told, strict=True):
            self._seen.unproved += [
                f"{role.title} lacks a right for {self._where(each)}, should its condition let it run: {each.error}"
                for each in dict.fromkeys(caught)
                if each.lacks_right
            ]

    def _give_commands(self, role: _Role) -> None:
        commands = self._stage.commands
        if commands is None:
            return
        start = time.perf_counter()
        attempt = _Commands(self._session, commands, role.name, self._own, self._canary.login_timeout)
        try:
            with self._session.savepoint():
                attempt.run()
        except DriverError as error:
            said = f"no command was rehearsed as {role.title}: {error}"
            if role.name == self._own and not error.is_raised and error.sqlstate != _NO_RIGHT:
                self._refuse(role, start, f"{said}; {_ACCEPT}")
            else:
                self._seen.unproved.append(said)
            return
        self._seen.kinds |= attempt.passed.keys() | attempt.denied.keys()
        for said, kinds in _by_reason(attempt.denied):
            self._seen.unproved.append(f"{role.title} is refused {kinds}, and may be meant to be: {said}")
        for said, kinds in _by_reason(attempt.failed):
            self._refuse(role, start, f"the triggers fail when {role.title} gives {kinds}: {said}; {_ACCEPT}")
        if attempt.caught:
            kinds = _named(dict.fromkeys(each.kind for each in attempt.caught))
            command, caught = next(iter(attempt.caught.items()))
            self._check_locks(caught)
            with self._session.savepoint():
                self._trace()
                traced = _Commands(self._session, commands, role.name, self._own, self._canary.login_timeout)
                traced.run([command])
            self._fail(role, start, traced.caught.get(command, caught), f"when {role.title} gives {kinds}")
        if attempt.passed:
            number = sum(attempt.passed.values())
            self._seen.proved.append(f"as {role.title}, {number} commands of {len(attempt.passed)} kinds")
        self._login(role, start)

    def _fail(self, role: _Role, start: float, caught: Sequence[CaughtError], when: str) -> None:
        """Fail by errors that only the server's log would have told of."""
        for each in dict.fromkeys(caught):
            hidden = "" if when == _SKIPPED else f", and {each.policy} hides it"
            self._refuse(role, start, f"{self._where(each)} fails {when}{hidden}: {each.error}; {_ACCEPT}")
            self._accepted.add(each)

    def _where(self, error: CaughtError) -> str:
        kind = "" if error.path[2:3] == ("body",) else "step "
        return f"{kind}{self._place(error.path)} of {error.function}" if error.path else error.function

    def _check_locks(self, caught: Iterable[CaughtError]) -> None:
        """Raise what only others' locks have caused as the error that it was: it is tried again."""
        for each in caught:
            if each.is_locked and not self._canary.accept_errors:
                raise DriverError(f"{each.function}: {each.error}", is_locked=True)

    def _refuse(self, role: _Role, start: float, message: str) -> None:
        if self._canary.accept_errors:
            self._seen.unproved.append(f"accepted: {message.removesuffix(f'; {_ACCEPT}')}")
            return
        self._login(role, start, message)
        raise StageError(message, is_proof=True)

    def _place(self, path: Path) -> str:
        named = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")
        location = self._locate(path)
        return f"{named} ({location})" if location is not None else named

    def _login(self, role: _Role, start: float, refusal: str | None = None) -> None:
        self._seen.logins.append(Login(role.title, "rehearsal", time.perf_counter() - start, refusal))

    def _name_unrehearsed(self) -> None:
        commands = self._stage.commands
        missing = commands.kinds - self._seen.kinds if commands is not None else ()
        if missing:
            self._seen.unproved.append(
                f"commands not tried, for want of one, of a right, or of time: {_named(sorted(missing))}"
            )


class _Commands:
    """One role's commands: first without the triggers, to see which of them it may give at all, then with them."""

    def __init__(self, session: Session, commands: CommandTriggers, role: str, own: str, seconds: float) -> None:
        self._session = session
        self._commands = commands
        self._act = partial(session.become, role, seconds)
        self._return = partial(session.become, own, seconds)
        self._seconds = seconds
        self.passed: dict[str, int] = {}
        self.denied: dict[str, str] = {}
        self.failed: dict[str, str] = {}
        self.caught: dict[Command, list[CaughtError]] = {}

    def run(self, commands: Sequence[Command] | None = None) -> None:
        """Give the commands; the caller rolls back. Raises :class:`~xtrig.errors.DriverError` if none can be given."""
        for statement in self._commands.opening:
            self._session.execute(statement.sql)
        self._act()
        for statement in self._commands.objects:
            self._session.execute(statement.sql)
        possible = [each for each in commands or self._commands.commands if self._error(each) is None]
        self._return()
        for statement in self._commands.triggers:
            self._session.execute(statement.sql)
        self._act()
        end = time.monotonic() + self._seconds
        for command in possible:
            with self._session.caught_errors() as caught:
                error = self._error(command)
            if error is None:
                self.passed[command.kind] = self.passed.get(command.kind, 0) + 1
            else:
                (self.denied if error.is_raised else self.failed).setdefault(command.kind, _told(error))
            if caught:
                self.caught[command] = caught
            if time.monotonic() > end:
                break

    def _error(self, command: Command) -> DriverError | None:
        try:
            with self._session.savepoint():
                self._session.execute(command.sql)
        except DriverError as error:
            if self._session.is_broken:
                raise
            return error
        return None


def _by_reason(kinds: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield each reason once, with the kinds of commands for which it was given."""
    for reason in dict.fromkeys(kinds.values()):
        yield reason, _named(kind for kind, given in kinds.items() if given == reason)


def _told(error: DriverError) -> str:
    return f"{error}, in {error.place}" if error.place and not error.is_raised else str(error)


def _named(kinds: Iterable[str]) -> str:
    names = list(kinds)
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")

"""What the roles of a trial do: log in, run DDL, log off; the results, and how long a login takes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import median
from typing import Any

import psycopg
from psycopg import sql

from xtrig.dialect.trial import Action, ClientError, LoginTime, Needs
from xtrig.plugin import Hazard, Script
from xtrig.progress import Progress
from xtrig_pgfamily.driver.address import Address
from xtrig_pgfamily.driver.errors import database_errors, login_answer
from xtrig_pgfamily.trial.scratch import Scratch, TrialRole
from xtrig_pgfamily.trial.servers import CONNECT_SECONDS
from xtrig_pgfamily.trial.witness import ServerLog, Witness

Session = psycopg.Connection[Any]

WARM_UP = 2
BUDGET_SECONDS = 30.0

_DDL = (
    ("CREATE TABLE", "CREATE TABLE public.new_table_of_{kind} (id integer, note text)"),
    # A table made beforehand, so that a refused CREATE TABLE does not make the next commands fail.
    ("ALTER TABLE (new column)", "ALTER TABLE public.table_of_{kind} ADD COLUMN note text"),
    ("ALTER TABLE (rewrite)", "ALTER TABLE public.table_of_{kind} ALTER COLUMN id TYPE bigint"),
    (
        "CREATE FUNCTION",
        "CREATE FUNCTION public.function_of_{kind}() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    ),
    ("DROP TABLE", "DROP TABLE public.table_of_{kind}"),
)


def fires_at_login(script: Script) -> bool:
    """Whether the script makes a trigger that fires at login."""
    return any(Hazard.REFUSES_LOGINS in statement.hazards for statement in script.statements)


def prepare_tables(owner: Address, roles: tuple[TrialRole, ...]) -> None:
    """Create a table with rows for each role, before a trigger could refuse it."""
    with database_errors("cannot prepare the database of the trial"), owner.connect() as connection:
        for role in roles:
            table = sql.Identifier("public", f"table_of_{role.kind}")
            connection.execute(sql.SQL("CREATE TABLE {} AS SELECT generate_series(1, 3) AS id").format(table))
            connection.execute(sql.SQL("ALTER TABLE {} OWNER TO {}").format(table, sql.Identifier(role.name)))


class Actions:
    """Runs the actions one by one; ``witness`` and ``log`` show the effects of each.

    ``script`` has been applied; its triggers decide which actions are worth running.
    """

    def __init__(self, place: Scratch, script: Script, needs: Needs, witness: Witness, log: ServerLog | None) -> None:
        self._roles = place.roles
        self._script = script
        self._needs = needs
        self._witness = witness
        self._log = log
        self._number = 0
        self._effects()  # what there is before the first action is no effect of it

    def run(self, listener: Progress) -> Iterator[Action]:
        """Run everything, and yield each action with its result."""
        for role in self._roles:
            listener.step(f"trying it as {role.name}")
            yield from self._visit(role)
        if fires_at_login(self._script):
            # An inferred logoff is noticed by the next login.
            yield from self._visit(self._roles[0], "log in again", briefly=True)

    def _visit(self, role: TrialRole, login: str = "log in", *, briefly: bool = False) -> Iterator[Action]:
        session: Session | None = None
        try:
            try:
                session = role.address.connect()
            except psycopg.OperationalError as error:
                yield self._done(login, role, error=login_refusal(error))
                return
            yield self._done(login, role, effects=self._parameters(session))
            if briefly:
                return
            if any(Hazard.REFUSES_DDL in statement.hazards for statement in self._script.statements):
                yield from self._ddl(role, session)
            yield self._log_off(role, session)
        finally:
            if session is not None:
                session.close()

    def _ddl(self, role: TrialRole, session: Session) -> Iterator[Action]:
        for name, command in _DDL:
            text = command.format(kind=role.kind)
            error = None
            try:
                session.execute(text.encode())
            except psycopg.Error as refused:
                error = command_refusal(refused)
            yield self._done(name, role, text, error)

    def _log_off(self, role: TrialRole, session: Session) -> Action:
        pid = session.info.backend_pid
        session.close()
        self._witness.wait_until_gone(pid)
        return self._done("log off", role)

    def _done(
        self,
        name: str,
        role: TrialRole,
        text: str | None = None,
        error: ClientError | None = None,
        effects: tuple[str, ...] = (),
    ) -> Action:
        self._number += 1
        recorded, seen, log = self._effects()
        return Action(self._number, name, role.name, text, error, recorded, (*seen, *effects), log)

    def _effects(self) -> tuple[dict[str, Any], tuple[str, ...], tuple[str, ...] | None]:
        return *self._witness.changes(), None if self._log is None else self._log.take()

    def _parameters(self, session: Session) -> tuple[str, ...]:
        """Return what the session's parameters are that the definition sets."""
        found = []
        for parameter in self._needs.parameters:
            row = session.execute("SELECT current_setting(%s, true)", [parameter]).fetchone()
            if row and row[0]:
                found.append(f"{parameter} = {row[0]}")
        return tuple(found)


def login_time(role: TrialRole, rounds: int) -> LoginTime | str:
    """Measure logins with and without the triggers in turn, so that other load on the machine affects both alike.

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
        return f"not measured: {role.name} could not log in: {login_refusal(error).message.splitlines()[0]}"
    return LoginTime(role.name, len(times[0]), median(times[0]), median(times[1]))


def _login(address: Address) -> float:
    """Return the milliseconds until the session is ready for its first command."""
    start = time.perf_counter()
    session = address.connect()
    taken = time.perf_counter() - start
    session.close()
    return taken * 1000


def login_refusal(error: psycopg.Error) -> ClientError:
    """Return the server's answer to a login, without the driver's text about where it tried to connect."""
    if isinstance(error, psycopg.errors.ConnectionTimeout):
        return ClientError(f"no answer for {CONNECT_SECONDS} s, and the client gave up", None)
    return ClientError(_tidy(login_answer(error)), error.sqlstate)


def command_refusal(error: psycopg.Error) -> ClientError:
    """Return the server's answer to a command."""
    severity = f"{error.diag.severity}:  " if error.diag.severity else ""
    return ClientError(_tidy(f"{severity}{error}"), error.sqlstate)


def _tidy(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())

"""What the roles of a trial do: log in, run DDL, log off; and the results."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
from psycopg import sql

from xtrig.dialect.login_time import has_hazard
from xtrig.dialect.trial import Action, ClientError, Needs
from xtrig.errors import DriverError
from xtrig.plugin import Hazard, Script
from xtrig.progress import Progress
from xtrig_pgfamily.driver.address import Address
from xtrig_pgfamily.driver.errors import database_errors, login_answer
from xtrig_pgfamily.trial.scratch import Scratch, TrialRole
from xtrig_pgfamily.trial.servers import CONNECT_SECONDS
from xtrig_pgfamily.trial.witness import ServerLog, Witness

Session = psycopg.Connection[Any]

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
        if has_hazard(self._script, Hazard.REFUSES_LOGINS):
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
            if has_hazard(self._script, Hazard.REFUSES_DDL):
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


def log_in(role: TrialRole, meets_triggers: bool) -> Session:
    """Open a session in which the triggers fire or, of a superuser, do not. Raises DriverError for a refusal."""
    try:
        return role.address.with_setting("event_triggers", "on" if meets_triggers else "off").connect()
    except psycopg.Error as error:
        raise DriverError(login_refusal(error).message.splitlines()[0]) from None


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

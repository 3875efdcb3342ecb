"""What the roles of a trial do: log in, run DDL, log off; and what came of each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
from psycopg import sql

from xtrig.listener import Listener
from xtrig.script import Script
from xtrig.trial.apply import fires_at_ddl, fires_at_login
from xtrig.trial.client import refusal, said
from xtrig.trial.needs import Needs
from xtrig.trial.report import Action, ClientError
from xtrig.trial.scratch import Scratch, TrialRole
from xtrig.trial.serverlog import ServerLog
from xtrig.trial.witness import Witness
from xtrig_pgfamily.driver.address import Address
from xtrig_pgfamily.driver.errors import database_errors

Session = psycopg.Connection[Any]

_DDL = (
    ("CREATE TABLE", "CREATE TABLE public.new_table_of_{kind} (id integer, note text)"),
    # A table of before, so that a refused CREATE TABLE does not spoil what comes after it.
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


class Programme:
    """Runs the actions one by one; ``witness`` and ``log`` see what each of them brought about.

    ``script`` has been applied, so what it holds says which actions can show anything.
    """

    def __init__(self, place: Scratch, script: Script, needs: Needs, witness: Witness, log: ServerLog | None) -> None:
        self._roles = place.roles
        self._script = script
        self._needs = needs
        self._witness = witness
        self._log = log
        self._number = 0
        self._take_stock()

    def run(self, listener: Listener) -> Iterator[Action]:
        """Do everything, and yield each action with what came of it."""
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
                yield self._happened(login, role, error=refusal(error))
                return
            yield self._happened(login, role, effects=self._parameters(session))
            if briefly:
                return
            if fires_at_ddl(self._script):
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
                error = said(refused)
            yield self._happened(name, role, text, error)

    def _log_off(self, role: TrialRole, session: Session) -> Action:
        pid = session.info.backend_pid
        session.close()
        self._witness.wait_until_gone(pid)
        return self._happened("log off", role)

    def _happened(
        self,
        name: str,
        role: TrialRole,
        text: str | None = None,
        error: ClientError | None = None,
        effects: tuple[str, ...] = (),
    ) -> Action:
        self._number += 1
        recorded, seen, log = self._take_stock()
        return Action(self._number, name, role.name, text, error, recorded, (*seen, *effects), log)

    def _take_stock(self) -> tuple[dict[str, Any], tuple[str, ...], tuple[str, ...] | None]:
        return *self._witness.changes(), None if self._log is None else self._log.take()

    def _parameters(self, session: Session) -> tuple[str, ...]:
        """Return what the session's parameters are that the definition sets."""
        found = []
        for parameter in self._needs.parameters:
            row = session.execute("SELECT current_setting(%s, true)", [parameter]).fetchone()
            if row and row[0]:
                found.append(f"{parameter} = {row[0]}")
        return tuple(found)

"""A database with a set applied, in which a test decides who logs in and what he runs."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from sqlalchemy import Engine

from xtrig.dialect.trial import ClientError, Needs, Outcome, Row, TrialDatabase
from xtrig.plugin import Script, one_line
from xtrig_pgfamily.driver.address import Address
from xtrig_pgfamily.driver.errors import database_errors
from xtrig_pgfamily.trial.actions import command_refusal, login_refusal
from xtrig_pgfamily.trial.servers import Server
from xtrig_pgfamily.trial.witness import ServerLog, Witness

_ROLES = "SELECT rolname FROM pg_roles"
"""What libpq's ``options`` takes for the end of a value."""


class PostgreSQLTrialDatabase(TrialDatabase):
    """A database on a server where ``owner`` is a superuser's way in, and ``log`` is this database's.

    ``passwords`` are those of the server's roles, for all databases of tests that are there at the same time.
    """

    def __init__(self, owner: Address, witness: Witness, log: ServerLog | None, passwords: dict[str, str]) -> None:
        self._owner = owner
        self._past = owner.with_setting("event_triggers", "off")
        self._witness = witness
        self._log = log
        self._passwords = passwords

    def execute(self, sql: str) -> list[Row]:
        """Execute it in a session that no trigger meets."""
        with database_errors("cannot execute the statement"), self._past.connect() as connection:
            cursor = connection.cursor(row_factory=dict_row).execute(sql.encode())
            return list(cursor) if cursor.description else []

    def login_as(self, role: str, settings: Mapping[str, str]) -> Outcome:
        """Log in by TCP with a password, and out."""
        address = self._address(role, settings)
        self._effects()
        try:
            session = address.connect()
        except psycopg.OperationalError as error:
            return self._outcome(login_refusal(error))
        done = self._outcome(None)
        self._log_out(session)
        return done

    def run_as(self, role: str, sql: str, settings: Mapping[str, str]) -> Outcome:
        """Log in, execute it, and log out."""
        try:
            session = self._address(role, settings).connect()
        except psycopg.OperationalError as error:
            return self._outcome(login_refusal(error))
        try:
            self._effects()
            session.execute(sql.encode())
            return self._outcome(None)
        except psycopg.Error as error:
            return self._outcome(command_refusal(error))
        finally:
            self._log_out(session)

    def _log_out(self, session: psycopg.Connection[object]) -> None:
        pid = session.info.backend_pid
        session.close()
        self._witness.wait_until_gone(pid)

    def _effects(self) -> tuple[Mapping[str, tuple[Row, ...]], tuple[str, ...], tuple[str, ...]]:
        rows, effects = self._witness.changes()
        return rows, effects, () if self._log is None else self._log.take()

    def _outcome(self, error: ClientError | None) -> Outcome:
        rows, effects, log = self._effects()
        refusal, sqlstate = ("", None) if error is None else (error.message, error.sqlstate)
        return Outcome(refusal, sqlstate, rows, effects, log)

    def _address(self, role: str, settings: Mapping[str, str]) -> Address:
        """Return the way in of a role, which gets a password of its own."""
        if role not in self._passwords and role != self._owner.parameters.get("user"):
            password = secrets.token_urlsafe(24)
            with database_errors(f"cannot make the role {role!r}"), self._past.connect() as connection:
                found = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [role]).fetchone()
                # As a verifier: a statement stands in the server's log, in clear.
                verifier = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
                statement = sql.SQL(
                    "CREATE ROLE {} LOGIN PASSWORD {}" if found is None else "ALTER ROLE {} PASSWORD {}"
                )
                connection.execute(statement.format(sql.Identifier(role), sql.Literal(verifier.decode())))
            self._passwords[role] = password
        self._witness.watch(role)
        given = {"user": role, "password": self._passwords[role]} if role in self._passwords else {}
        address = self._owner.changed(**given)
        for name, value in settings.items():
            address = address.with_setting(name, value)
        return address


@contextmanager
def made_for_test(
    server: Server, name: str, script: Script, needs: Needs, passwords: dict[str, str]
) -> Iterator[PostgreSQLTrialDatabase]:
    """Make a database with the script applied; drop it at the end, and every role that came meanwhile."""
    owner = server.address.changed(dbname=name)
    with database_errors("cannot make a database for the test"), server.admin() as connection:
        before = {role for (role,) in connection.execute(_ROLES)}
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    try:
        with database_errors("cannot make the roles of the definition"), owner.connect() as connection:
            for role in set(needs.roles) - before:
                connection.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(role)))
        with Witness(owner, needs.tables, needs.roles, needs.views) as witness:
            apply_script(script, owner.engine())
            yield PostgreSQLTrialDatabase(owner, witness, server.log and server.log.of(name), passwords)
    finally:
        with database_errors("cannot drop the database of the test"), server.admin() as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
            for (role,) in connection.execute(_ROLES).fetchall():
                if role not in before:
                    passwords.pop(role, None)
                    connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))


def apply_script(script: Script, engine: Engine) -> None:
    """Execute the statements in one transaction. Raises DatabaseError naming the statement that failed."""
    # Every other way to execute a text takes % and :name for placeholders.
    whole = database_errors("cannot apply the definition")
    with whole, engine.connect().execution_options(no_parameters=True) as connection, connection.begin():
        doing = "the settings"
        for statement in script:
            doing = one_line(statement.purpose) or doing
            with database_errors(f"cannot apply the definition: {doing}"):
                connection.exec_driver_sql(statement.sql)

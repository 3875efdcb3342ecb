"""Trying a script on a real PostgreSQL, one of its own or the user's.

Stages, in order: a server, a database with roles made for the trial, the script applied, the actions of the roles,
the time that a login takes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from sqlalchemy import Engine

from xtrig.dialect.trial import Action, LoginTime, Needs, Report, Trial, TrialServer
from xtrig.plugin import Script, one_line
from xtrig.progress import Progress
from xtrig_pgfamily.driver.errors import database_errors
from xtrig_pgfamily.trial.actions import Actions, fires_at_login, login_time, prepare_tables
from xtrig_pgfamily.trial.scratch import TrialRole, scratch
from xtrig_pgfamily.trial.servers import EMBEDDED_VERSION, Server, embedded_server, given_server
from xtrig_pgfamily.trial.witness import Witness


class PostgreSQLTrial(Trial):
    """Starts the embedded PostgreSQL."""

    own_version: ClassVar[str] = str(EMBEDDED_VERSION)

    @contextmanager
    def server(self, url: str | None, listener: Progress) -> Iterator[PostgreSQLTrialServer]:
        """Start the embedded PostgreSQL, or connect to the server of ``url`` as a superuser."""
        with embedded_server(listener) if url is None else given_server(url) as server:
            yield PostgreSQLTrialServer(server)


class PostgreSQLTrialServer(TrialServer):
    """A PostgreSQL on which a superuser may create databases and roles."""

    def __init__(self, server: Server) -> None:
        self.version = str(server.version)
        self._server = server

    def run(self, script: Script, needs: Needs, rounds: int, listener: Progress) -> Report:
        """Apply the script, run the actions of each role, time logins, and drop what was made."""
        with database_errors("the trial broke off"), scratch(self._server, needs, listener) as place:
            names = [role.name for role in place.roles]
            prepare_tables(place.owner, place.roles)
            with Witness(place.owner, needs.tables, names, needs.views) as witness:
                listener.step("applying the definition")
                _apply(script, place.owner.engine())
                actions = tuple(Actions(place, script, needs, witness, self._server.log).run(listener))
                return Report(
                    self._server.title,
                    place.database,
                    {role.kind: role.name for role in place.roles},
                    witness.tables,
                    actions,
                    _login_time(place.roles[0], actions, script, rounds, listener),
                    script.warnings,
                )


def _apply(script: Script, engine: Engine) -> None:
    """Execute the statements in one transaction. Raises DatabaseError naming the statement that failed."""
    # Every other way to execute a text takes % and :name for placeholders.
    whole = database_errors("cannot apply the definition")
    with whole, engine.connect().execution_options(no_parameters=True) as connection, connection.begin():
        doing = "the settings"
        for statement in script:
            doing = one_line(statement.purpose) or doing
            with database_errors(f"cannot apply the definition: {doing}"):
                connection.exec_driver_sql(statement.sql)


def _login_time(
    superuser: TrialRole, actions: tuple[Action, ...], script: Script, rounds: int, listener: Progress
) -> LoginTime | str:
    if not fires_at_login(script):
        return "not measured: no trigger of the definition fires at login"
    if any(action.error and action.is_login and action.role == superuser.name for action in actions):
        return f"not measured: the login of {superuser.name} was refused"
    if not rounds:
        return "not measured: --rounds 0"
    listener.step(f"timing {rounds} logins with and without the triggers")
    return login_time(superuser, rounds)

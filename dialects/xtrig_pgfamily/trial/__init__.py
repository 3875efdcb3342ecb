"""Trying a script on a real PostgreSQL, one of its own or the user's.

Stages, in order: a server, a database with roles made for the trial, the script applied, the actions of the roles,
the time that a login takes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import ClassVar

from xtrig.dialect.login_time import login_time
from xtrig.dialect.trial import Needs, Report, SideBySide, Trial, TrialServer
from xtrig.facts import Event
from xtrig.imported import Original
from xtrig.plugin import Script
from xtrig.progress import Progress
from xtrig_pgfamily.driver.errors import database_errors
from xtrig_pgfamily.trial.actions import Actions, log_in, prepare_tables
from xtrig_pgfamily.trial.database import PostgreSQLTrialDatabase, apply_script, made_for_test
from xtrig_pgfamily.trial.scratch import scratch
from xtrig_pgfamily.trial.servers import EMBEDDED_VERSION, Server, embedded_server, given_server
from xtrig_pgfamily.trial.side_by_side import Comparison
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
        self._databases = 0
        self._passwords: dict[str, str] = {}

    @contextmanager
    def database(self, script: Script, needs: Needs) -> Iterator[PostgreSQLTrialDatabase]:
        """Make a database of the next number, apply the script, and drop it and all new roles at the end."""
        self._databases += 1
        with made_for_test(self._server, f"xtrig_test_{self._databases}", script, needs, self._passwords) as database:
            yield database

    def side_by_side(
        self,
        original: Original,
        script: Script,
        needs: Needs,
        events: Mapping[Event, Collection[str]],
        listener: Progress,
    ) -> Iterator[SideBySide]:
        """Yield what the same logins and commands do with a script and with what was imported of it."""
        yield from Comparison(self._server, original, needs, events, listener).run(script)

    def run(self, script: Script, needs: Needs, rounds: int, listener: Progress) -> Report:
        """Apply the script, run the actions of each role, time logins, and drop what was made."""
        with database_errors("the trial broke off"), scratch(self._server, needs, listener) as place:
            names, superuser = [role.name for role in place.roles], place.roles[0]
            prepare_tables(place.owner, place.roles)
            with Witness(place.owner, needs.tables, names, needs.views) as witness:
                listener.step("applying the definition")
                apply_script(script, place.owner.engine())
                actions = tuple(Actions(place, script, needs, witness, self._server.log).run(listener))
                return Report(
                    self._server.title,
                    place.database,
                    {role.kind: role.name for role in place.roles},
                    witness.tables,
                    actions,
                    login_time(superuser.name, script, actions, rounds, listener, partial(log_in, superuser)),
                    script.warnings,
                )

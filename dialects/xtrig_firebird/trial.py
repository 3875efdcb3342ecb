"""Trying a script on a real Firebird: the engine of a wheel, or the user's server. A database is made, and removed."""

from __future__ import annotations

import re
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from functools import partial
from typing import ClassVar

from xtrig.dialect.login_time import has_hazard, login_time
from xtrig.dialect.trial import Action, ClientError, Needs, Report, Trial, TrialServer
from xtrig.plugin import Hazard, Script
from xtrig.progress import Progress
from xtrig_firebird.driver import FirebirdAddress, FirebirdDriver, FirebirdSession
from xtrig_firebird.embedded import VERSION, load_engine
from xtrig_firebird.trial_database import ABOUT, FirebirdTrialDatabase, errors, run
from xtrig_firebird.words import folded

LOGIN_SECONDS = 15.0
"""Bounds a login: nothing else bounds a trigger."""
# Without a name before the dot: there are no schemas. A table is made beforehand, so that a refused CREATE TABLE does
# not make the next commands fail.
_DDL = (
    ("CREATE TABLE", "CREATE TABLE new_table_of_{kind} (id INTEGER, note VARCHAR(20))"),
    ("ALTER TABLE (new column)", "ALTER TABLE table_of_{kind} ADD note VARCHAR(20)"),
    ("ALTER TABLE (other type)", "ALTER TABLE table_of_{kind} ALTER id TYPE BIGINT"),
    ("CREATE FUNCTION", "CREATE FUNCTION function_of_{kind} RETURNS INTEGER AS BEGIN RETURN 1; END"),
    ("DROP TABLE", "DROP TABLE table_of_{kind}"),
)


class FirebirdTrial(Trial):
    """Loads the engine of the wheel, or connects to a server."""

    own_version: ClassVar[str] = VERSION

    @contextmanager
    def server(self, url: str | None, listener: Progress) -> Iterator[FirebirdTrialServer]:
        """Have a place for databases: a folder that is removed, or that of the database of ``url``."""
        with ExitStack() as stack:
            if url is None:
                listener.step(f"Firebird {VERSION}: loading the engine")
                load_engine()
                folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="xtrig_", ignore_cleanup_errors=True))
                yield FirebirdTrialServer(VERSION, FirebirdAddress("", f"{folder}/", "SYSDBA"), is_own=True)
                return
            place = stack.enter_context(FirebirdDriver().open(url))
            about = place.session.row(ABOUT)
            here = replace(FirebirdDriver().address(url), file=str(about["file"]), user=str(about["who"]), role=None)
            yield FirebirdTrialServer(".".join(about["engine"].split(".")[:2]), here, is_own=False)


class FirebirdTrialServer(TrialServer):
    """Where databases can be made: beside the file of ``address``, whose user may do that."""

    def __init__(self, version: str, address: FirebirdAddress, *, is_own: bool) -> None:
        self.version = version
        self._address = address
        self._is_own = is_own
        self._made = 0

    @contextmanager
    def _new_database(self) -> Iterator[FirebirdAddress]:
        """Make a database, whose name nobody else has; remove it at the end."""
        self._made += 1
        name = f"trial{self._made}.fdb" if self._is_own else f"xtrig_try_{secrets.token_hex(4)}.fdb"
        file = re.sub(r"[^/\\]*\Z", name, self._address.file, count=1)
        site = replace(self._address, file=file, seconds=LOGIN_SECONDS, meets_triggers=False)
        with errors("cannot make a database for the trial"):
            site.create()
        try:
            yield site
        finally:
            with errors(f"cannot remove the database of the trial, {file}"):
                site.drop()

    @contextmanager
    def database(self, script: Script, needs: Needs) -> Iterator[FirebirdTrialDatabase]:
        """Make a database, apply the script, and remove it and the accounts that were made for it."""
        with (
            self._new_database() as site,
            errors("the test broke off"),
            closing(FirebirdTrialDatabase(site, needs)) as database,
        ):
            database.apply(script)
            yield database

    def run(self, script: Script, needs: Needs, rounds: int, listener: Progress) -> Report:
        """Apply the script, run the actions of each role, time logins, and remove what was made."""
        listener.step("making a database for the trial")
        with (
            self._new_database() as site,
            errors("the trial broke off"),
            closing(FirebirdTrialDatabase(site, needs)) as database,
        ):
            roles = self._roles(needs, database)
            for kind, role in roles.items():
                database.prepare(role, _table_of(kind))
            listener.step("applying the definition")
            database.apply(script)
            actions = tuple(_Actions(database, script).run(roles, listener))
            where = "the server of --url" if site.host else "the engine in this process: no addresses, no passwords"
            return Report(
                f"Firebird {database.engine}, {where}",
                site.database,
                roles,
                database.tables,
                actions,
                login_time(site.user, script, actions, rounds, listener, partial(_log_in, site)),
                script.warnings,
            )

    def _roles(self, needs: Needs, database: FirebirdTrialDatabase) -> dict[str, str]:
        """Return the users who log in, by kind; those of the user's own server are left alone."""
        superuser = self._address.user
        exempt = [folded(role) for role in needs.exempt if folded(role) not in (superuser, "SYSDBA")]
        ordinary = "APP_USER" if self._is_own else f"XTRIG_TRY_{secrets.token_hex(4).upper()}"
        while ordinary in exempt:
            ordinary += "_"
        roles = {"superuser": superuser, "ordinary": ordinary}
        free = next((role for role in exempt if not database.has_account(role)), None)
        return roles if free is None else {**roles, "exempt": free}


class _Actions:
    """Runs the actions one by one. No statement of a trigger writes to the server's log."""

    def __init__(self, database: FirebirdTrialDatabase, script: Script) -> None:
        self._database = database
        self._fires_at_ddl = has_hazard(script, Hazard.REFUSES_DDL)
        self._number = 0

    def run(self, roles: Mapping[str, str], listener: Progress) -> Iterator[Action]:
        """Run everything, and yield each action with its result."""
        for kind, role in roles.items():
            listener.step(f"trying it as {role}")
            session, error = self._database.log_in(self._database.account(role))
            if session is None:
                yield self._done("log in", role, error=error)
                continue
            yield self._done("log in", role, effects=self._database.variables(session))
            try:
                for name, command in _DDL if self._fires_at_ddl else ():
                    sql = command.format(kind=kind)
                    yield self._done(name, role, sql, run(session, sql))
            finally:
                self._database.log_out(session)
            yield self._done("log off", role)

    def _done(
        self,
        name: str,
        role: str,
        sql: str | None = None,
        error: ClientError | None = None,
        effects: tuple[str, ...] = (),
    ) -> Action:
        self._number += 1
        recorded, seen = self._database.changes()
        return Action(self._number, name, role, sql, error, recorded, (*seen, *effects), ())


def _log_in(site: FirebirdAddress, meets_triggers: bool) -> FirebirdSession:
    return replace(site, meets_triggers=meets_triggers).open()


def _table_of(kind: str) -> str:
    return f"table_of_{kind}"

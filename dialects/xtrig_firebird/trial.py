"""Trying a script on a real Firebird: the engine of a wheel, or the user's server. A database is made, and removed."""

from __future__ import annotations

import re
import secrets
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from statistics import median
from typing import ClassVar

from xtrig.dialect.trial import Action, ClientError, LoginTime, Needs, Report, Trial, TrialServer
from xtrig.errors import DriverError
from xtrig.plugin import Hazard, Script
from xtrig.progress import Progress
from xtrig_firebird.driver import FirebirdAddress, FirebirdDriver
from xtrig_firebird.embedded import VERSION, load_engine
from xtrig_firebird.trial_database import ABOUT, FirebirdTrialDatabase, errors, run
from xtrig_firebird.words import folded

LOGIN_SECONDS = 15.0
"""Bounds a login: nothing else bounds a trigger."""
_WARM_UP, _BUDGET_SECONDS = 2, 30.0
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
                _login_time(site, script, actions, rounds, listener),
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
        self._fires_at_ddl = _has(script, Hazard.REFUSES_DDL)
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


def _login_time(
    site: FirebirdAddress, script: Script, actions: Iterable[Action], rounds: int, listener: Progress
) -> LoginTime | str:
    """Measure logins that meet the triggers and logins that do not in turn, so that other load affects both alike."""
    if not _has(script, Hazard.REFUSES_LOGINS):
        return "not measured: no trigger of the definition fires at login"
    if any(action.error and action.is_login and action.role == site.user for action in actions):
        return f"not measured: the login of {site.user} was refused"
    if not rounds:
        return "not measured: --rounds 0"
    listener.step(f"timing up to {rounds} logins of each kind")
    times: tuple[list[float], list[float]] = ([], [])
    deadline = time.monotonic() + _BUDGET_SECONDS
    try:
        for number in range(-_WARM_UP, rounds):
            taken = [_login(replace(site, meets_triggers=meets)) for meets in (True, False)]
            if number >= 0:
                for kind, milliseconds in zip(times, taken, strict=True):
                    kind.append(milliseconds)
                if time.monotonic() > deadline:
                    break
    except DriverError as error:
        return f"not measured: {site.user} could not log in: {error}"
    return LoginTime(site.user, len(times[0]), median(times[0]), median(times[1]))


def _login(address: FirebirdAddress) -> float:
    start = time.perf_counter()
    session = address.open()
    taken = time.perf_counter() - start
    session.close()
    return taken * 1000


def _has(script: Script, hazard: Hazard) -> bool:
    return any(hazard in statement.hazards for statement in script.statements)


def _table_of(kind: str) -> str:
    return f"table_of_{kind}"

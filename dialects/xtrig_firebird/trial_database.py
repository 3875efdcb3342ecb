"""A database made for a trial: who logs in, what is recorded at it, and what he is told."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace

from xtrig.dialect.trial import ClientError, Needs, Outcome, Row, TrialDatabase
from xtrig.errors import DatabaseError, DriverError, UsageError
from xtrig.plugin import Script, one_line, quoted
from xtrig.script import transactions
from xtrig_firebird.driver import FirebirdAddress, FirebirdSession
from xtrig_firebird.recorded import Recorded
from xtrig_firebird.words import folded, text

_GONE_SECONDS, _POLL_SECONDS = 10.0, 0.02
ABOUT = (
    "SELECT rdb$get_context('SYSTEM', 'ENGINE_VERSION') engine, trim(current_user) who, mon$database_name file"
    " FROM mon$database"
)
"""The full version, the user and the file."""


class FirebirdTrialDatabase(TrialDatabase):
    """A database, and a session in it that meets no trigger and reads what is recorded."""

    def __init__(self, site: FirebirdAddress, needs: Needs) -> None:
        self._site = site
        self._believes_names = not site.host  # as the engine in this process does
        self._parameters = needs.parameters
        self._passwords: dict[str, str | None] = {site.user: site.password}
        self._accounts: list[str] = []
        self._session = site.open()
        self._recorded = Recorded(self._session, needs.tables, [view for _, view in needs.views])
        self.tables = self._recorded.names

    @property
    def engine(self) -> str:
        """The full version."""
        return str(self._session.row(ABOUT)["engine"])

    def close(self) -> None:
        """Drop the accounts that were made; the database is somebody else's to drop."""
        try:
            self._committed(*(f"DROP USER {quoted(account)}" for account in self._accounts))
        finally:
            self._session.close()

    def _committed(self, *statements: str) -> None:
        with self._session.transaction(1):
            for sql in statements:
                self._session.execute(sql)

    def apply(self, script: Script) -> None:
        """Execute a script, which commits where it has to. Raises DatabaseError naming the statement that failed."""
        doing = ""
        for group in transactions(script):
            with self._session.transaction(1):
                for statement in group:
                    doing = one_line(statement.purpose) or doing
                    with errors(f"cannot apply the definition: {doing}"):
                        self._session.execute(statement.sql)
        self.changes()  # what there is before the first action is no effect of it

    def has_account(self, user: str) -> bool:
        """Whether the server has an account of that name; an engine that believes every name needs none."""
        query = f"SELECT 1 FROM sec$users WHERE sec$user_name = {text(user)}"
        return not self._believes_names and bool(self._session.rows(query))

    def account(self, user: str) -> FirebirdAddress:
        """Return the way in of a user, who is made with a password of its own if he is not there."""
        if user not in self._passwords:
            self._passwords[user] = password = None if self._believes_names else secrets.token_urlsafe(12)
            if password is not None:
                with errors(f"cannot make the user {user}"):
                    if self.has_account(user):
                        raise UsageError(f"user {user} is there already, and his password is not known")
                    self._committed(f"CREATE USER {quoted(user)} PASSWORD {text(password)}")
                self._accounts.append(user)
        return replace(self._site, user=user, password=self._passwords[user], meets_triggers=True)

    def prepare(self, user: str, table: str) -> None:
        """Let a user make tables and functions, and own a table with rows, before a trigger could refuse it."""
        way_in = self.account(user)
        with errors("cannot prepare the database of the trial"):
            if user != self._site.user:
                self._committed(*(f"GRANT CREATE {each} TO USER {quoted(user)}" for each in ("TABLE", "FUNCTION")))
            with closing(way_in.open()) as session:
                with session.transaction(1):
                    session.execute(f"CREATE TABLE {table} (id INTEGER)")
                with session.transaction(1):
                    session.execute(f"INSERT INTO {table} VALUES (1)")

    def execute(self, sql: str) -> list[Row]:
        """Execute it past all triggers, and commit."""
        with errors("cannot execute the statement"), self._session.transaction(1):
            return list(self._session.rows(sql))

    def login_as(self, role: str, settings: Mapping[str, str]) -> Outcome:
        """Log in and out."""
        return self._outcome(role, None, settings)

    def run_as(self, role: str, sql: str, settings: Mapping[str, str]) -> Outcome:
        """Log in, execute it, and log out."""
        return self._outcome(role, sql, settings)

    def _outcome(self, role: str, sql: str | None, settings: Mapping[str, str]) -> Outcome:
        if settings:
            raise UsageError(f"{next(iter(settings))}: a login to Firebird takes no parameters; leave it out")
        way_in = self.account(folded(role))
        self.changes()
        session, error = self.log_in(way_in)
        if session is not None:
            try:
                if sql is not None:
                    self.changes()
                    error = run(session, sql)
                rows, effects = self.changes()
                effects = (*effects, *self.variables(session))
            finally:
                self.log_out(session)
        else:
            rows, effects = self.changes()
        message, sqlstate = ("", None) if error is None else (error.message, error.sqlstate)
        return Outcome(message, sqlstate, rows, effects, ())

    def log_in(self, way_in: FirebirdAddress) -> tuple[FirebirdSession, None] | tuple[None, ClientError]:
        """Return the session, or what the client was told."""
        try:
            return way_in.open(), None
        except DriverError as error:
            return None, ClientError(str(error), error.sqlstate)

    def log_out(self, session: FirebirdSession) -> None:
        """Log out, and wait, at most 10 s, until the server has ended the session."""
        (own,) = session.rows("SELECT current_connection id FROM rdb$database")
        session.close()
        deadline = time.monotonic() + _GONE_SECONDS
        query = f"SELECT 1 FROM mon$attachments WHERE mon$attachment_id = {own['id']}"
        while self._session.rows(query) and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)

    def changes(self) -> tuple[Mapping[str, tuple[Row, ...]], tuple[str, ...]]:
        """Return what was recorded since the last time; see :meth:`Recorded.changes`."""
        return self._recorded.changes()

    def variables(self, session: FirebirdSession) -> tuple[str, ...]:
        """Return the session's variables that the definition sets."""
        found = []
        for each in self._parameters:
            value = session.row(f"SELECT rdb$get_context('USER_SESSION', {text(each)}) v FROM rdb$database")["v"]
            if value is not None:
                found.append(f"{each} = {value}")
        return tuple(found)


def run(session: FirebirdSession, sql: str) -> ClientError | None:
    """Execute and commit; return what the client was told if it was refused."""
    try:
        with session.transaction(1):
            session.execute(sql)
    except DriverError as error:
        return ClientError(str(error), error.sqlstate)
    return None


@contextmanager
def errors(doing: str) -> Iterator[None]:
    """Raise what the driver says as an error of the trial."""
    try:
        yield
    except DriverError as error:
        raise DatabaseError(f"{doing}: {error}") from None

"""A database whose sessions are recorded, and ways to come, go and look at the record."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from psycopg import sql

import xtrig
from tests.server.conftest import Database, fresh_database
from tests.server.deploy import execute, wait_until, wait_until_gone
from xtrig.audit import session_audit
from xtrig_pgfamily.embedded.server import EmbeddedServer

LOG = {
    "logging_collector": "on",
    "log_destination": "jsonlog",
    "log_connections": "on",
    "log_disconnections": "on",
    "log_timezone": "UTC",
    "log_rotation_size": "0",
}
"""A server log that can be read."""
PEOPLE = ("alice", "bob", "eve")
SETTLE = 5.0
"""How long an inferred end waits for its line in the server log."""


class Row(NamedTuple):
    """A row of the view `sessions`."""

    session_id: Any
    login_user: Any
    database_name: Any
    client_ip: Any
    client_port: Any
    application: Any
    auth_method: Any
    backend_pid: Any
    instance: Any
    logon_at: Any
    logoff_at: Any
    ended_by: Any
    last_seen_at: Any
    detected_at: Any
    source: Any
    duration: Any
    duration_at_least: Any
    duration_at_most: Any


@dataclass
class Record:
    """A database with a record of its sessions, and a superuser's session that it does not show."""

    database: Database
    admin: psycopg.Connection[Any]
    schema: str = "audit"

    @property
    def server(self) -> EmbeddedServer:
        """The server."""
        return self.database.server

    def run(self, query: str, *values: Any) -> list[Any]:
        """Run a query as the superuser; `@` stands for the schema."""
        schema = sql.Identifier(self.schema).as_string()
        # Without values psycopg leaves % alone.
        text = query.replace("@", schema.replace("%", "%%") if values else schema)
        cursor = self.admin.execute(text.encode(), values or None)
        return cursor.fetchall() if cursor.description else []

    def value(self, query: str, *values: Any) -> Any:
        """Return the one value of a query."""
        return self.run(query, *values)[0][0]

    def maintain(self) -> dict[str, Any]:
        """Run maintain() until it has read all of the log, and return what it did at last."""
        said: dict[str, Any] = self.value("SELECT @.maintain()")
        while said.get("behind"):
            said = self.value("SELECT @.maintain()")
        return said

    def sessions(self, application: str | None = None) -> list[Row]:
        """Return the sessions, all or of one application."""
        query = f"SELECT {', '.join(Row._fields)} FROM @.sessions"
        if application is None:
            rows = self.run(f"{query} ORDER BY logon_at")
        else:
            rows = self.run(f"{query} WHERE application = %s ORDER BY logon_at", application)
        return [Row(*row) for row in rows]

    def session(self, application: str) -> Row:
        """Return the one session of an application."""
        (row,) = self.sessions(application)
        return row

    def enter(self, application: str, user: str = "alice", **kw: Any) -> psycopg.Connection[Any]:
        """Log in."""
        return self.database.connect(user, application_name=application, **kw)

    def visit(self, application: str, user: str = "alice", **kw: Any) -> int:
        """Log in and out, and wait until the session is gone; return its pid."""
        with self.enter(application, user, **kw) as session:
            pid = session.info.backend_pid
        wait_until_gone(self.admin, pid)
        return pid

    def reconnect(self) -> None:
        """Start the server if it is down, and connect anew."""
        self.admin.close()
        self.server.start()
        wait_until(self._can_connect, "the server takes connections again")

    def _can_connect(self) -> bool:
        try:
            self.admin = connect_admin(self.database)
        except psycopg.OperationalError:
            return False
        return True

    def look_at_login(self) -> None:
        """Log in when it is time to look, until a login has looked: those near a full second do."""
        self.run("UPDATE @.session_state SET reap_due = now() - interval '1 hour'")

        def looked() -> bool:
            time.sleep((0.99 - time.time()) % 1)
            self.enter("looks", "bob").close()
            return bool(self.value("SELECT reap_due > now() FROM @.session_state"))

        wait_until(looked, "a login near a full second looks around")

    def lines(self, *words: str, database: str | None = None) -> list[dict[str, Any]]:
        """Return the lines of the jsonlog about a database, this one if none is given, that hold all the words."""
        found = []
        words = (*words, f'"dbname":"{database or self.database.name}"')
        for file in sorted((self.server.data_dir / "log").glob("*.json")):
            for line in file.read_text("utf-8", "replace").splitlines():
                if all(word in line for word in words):
                    found.append(json.loads(line))
        return found

    def wait_for_line(self, *words: str, database: str | None = None) -> dict[str, Any]:
        """Wait for a line of the jsonlog, which a process of its own writes."""
        wait_until(lambda: bool(self.lines(*words, database=database)), f"a log line with {words}")
        return self.lines(*words, database=database)[0]

    def wait_for_end(self, pid: int) -> dict[str, Any]:
        """Wait for the line that a session writes at its end."""
        return self.wait_for_line(f'"pid":{pid},', '"message":"disconnection: ')

    def write_log(self, name: str, data: bytes, *, add: bool = False) -> None:
        """Write a file among the server's logs."""
        path = self.server.data_dir / "log" / name
        path.write_bytes((path.read_bytes() if add else b"") + data)
        owner = self.server.data_dir.stat()
        os.chown(path, owner.st_uid, owner.st_gid)

    def findings(self) -> list[str]:
        """Return what the seals tell."""
        return [
            f"{subject}: {message}" for subject, message in self.run("SELECT subject, message FROM @.tamper_findings")
        ]


def connect_admin(database: Database) -> psycopg.Connection[Any]:
    """Connect as the superuser, past the login trigger."""
    return database.connect(options="-c event_triggers=off", application_name="admin")


@cache
def rendered(version: int, **sessions: Any) -> tuple[str, str]:
    """Return the schema and the script of a record; the arguments are those of `session_audit`."""
    triggers = session_audit(**{"ddl": False, **sessions})
    return triggers.schema_, str(xtrig.render(triggers, target_version=str(version)))


@contextmanager
def recorded(server: EmbeddedServer, **sessions: Any) -> Iterator[Record]:
    """Make a database and record its sessions, as rendered; the arguments are those of `session_audit`."""
    schema, script = rendered(server.version, **sessions)
    with fresh_database(server) as database:
        record = Record(database, connect_admin(database), schema)
        try:
            execute(record.admin, script)
            yield record
        finally:
            record.admin.close()


def make_people(server: EmbeddedServer, *people: str) -> None:
    """Make roles that may log in."""
    with server.connect() as admin:
        for role in people or PEOPLE:
            admin.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'right'").format(sql.Identifier(role)))


def parent_of(pid: int) -> int:
    """Return the parent of a process, 0 if there is no such process."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[1])
    except FileNotFoundError:
        return 0

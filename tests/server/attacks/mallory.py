"""What the attacks have in common: a database, its superuser who uses xtrig, and mallory, an ordinary login role.

An attack prepares something, lets the superuser do what superusers do, and then asks what mallory has got. What she
gets is an :class:`AttackSucceededError`; an attack whose preparation fails is a broken test, not a defence.
"""

from __future__ import annotations

import subprocess
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.server.conftest import Database, fresh_database
from tests.server.deployed import Said
from xtrig.cli import main
from xtrig_pgfamily.embedded.programs import Programs
from xtrig_pgfamily.embedded.server import EmbeddedServer

VERSIONS = (17, 18)
"""The servers on which each attack is run."""
SETTINGS = {
    "logging_collector": "on",
    "log_destination": "jsonlog",
    "log_connections": "on",
    "log_disconnections": "on",
    "log_timezone": "UTC",
    "log_rotation_size": "0",
    "max_connections": "60",
    "max_prepared_transactions": "5",
}
PAST_ALL = "-c event_triggers=off"
PASSWORD = "right"  # of a server that lives for one test
TRACEBACK = -1
"""The exit code of a command that ended in a traceback."""
SESSIONS = """
xtrig: 1
name: session_audit
schema: audit
sessions: {logoff: server log, look_every: 60min}
"""
"""Records who is logged in."""
LOG = """
xtrig: 1
name: first
schema: app
tables:
  log: {columns: {at: timestamptz, who: text}}
triggers:
  on_logon: {event: logon, steps: [{insert: log, values: {at: "${now}", who: "${login_user}"}}]}
"""
"""Writes each login into a table of the definition's."""
LOOT = """
CREATE SCHEMA lair;
GRANT USAGE ON SCHEMA lair TO PUBLIC;
CREATE TABLE lair.ran (ran_as name, logged_in_as name);
GRANT INSERT ON lair.ran TO PUBLIC;
CREATE FUNCTION lair.loot() RETURNS text LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF current_user <> 'mallory' THEN
        BEGIN EXECUTE 'ALTER ROLE mallory SUPERUSER'; EXCEPTION WHEN OTHERS THEN NULL; END;
        BEGIN INSERT INTO lair.ran VALUES (current_user, session_user); EXCEPTION WHEN OTHERS THEN NULL; END;
        BEGIN
            EXECUTE format('COPY (SELECT current_user, session_user) TO PROGRAM %L', 'cat >> {file}');
        EXCEPTION WHEN OTHERS THEN NULL;
        END;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION lair.spring() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN PERFORM lair.loot(); RETURN NEW; END $$;
CREATE FUNCTION lair.is_odd(anyelement) RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN PERFORM lair.loot(); RETURN true; END $$;
CREATE FUNCTION lair.same(text) RETURNS text LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog AS $$
BEGIN PERFORM lair.loot(); RETURN $1; END $$;
"""
"""mallory's code. Whoever else runs it makes her a superuser, or writes a file as the server's OS user, or is noted."""


class AttackSucceededError(AssertionError):
    """mallory has got something."""


def holds(is_safe: object, got: object) -> None:
    """Fail with what mallory has got, unless the defence holds."""
    if not is_safe:
        raise AttackSucceededError(str(got))


@dataclass(frozen=True)
class Target:
    """A database that mallory attacks, a session of the superuser that no trigger meets, and the commands."""

    database: Database
    admin: psycopg.Connection[Any]
    folder: Path
    capsys: pytest.CaptureFixture[str]

    @property
    def server(self) -> EmbeddedServer:
        """The server."""
        return self.database.server

    @property
    def url(self) -> str:
        """The superuser's way in."""
        return self.database.url

    @property
    def file(self) -> Path:
        """What mallory's code writes when a superuser runs it."""
        return self.server.socket_dir / f"loot of {self.database.name}"

    def run(self, script: str) -> list[Any]:
        """Run a script as the superuser."""
        cursor = self.admin.execute(script.encode())
        return cursor.fetchall() if cursor.description else []

    def value(self, query: str) -> Any:
        """Return the one value of a query of the superuser's."""
        return self.run(query)[0][0]

    def enter(self, user: str = "mallory", **kw: Any) -> psycopg.Connection[Any]:
        """Log in as somebody."""
        return self.database.connect(user, connect_timeout=20, **kw)

    def arm(self) -> None:
        """Let mallory put her code into a schema of her own."""
        self.as_mallory(LOOT.replace("{file}", str(self.file).replace(" ", "\\ ")))

    def as_mallory(self, script: str) -> None:
        """Run a script as mallory, past the triggers; what fails is a fault of the attack's preparation."""
        with self.enter() as session:
            session.execute(script.encode())

    def tries(self, script: str, user: str = "mallory") -> str | None:
        """Run a script as mallory, who may find that she cannot; return what stood against it."""
        try:
            with self.enter(user) as session:
                session.execute(script.encode())
        except psycopg.Error as error:
            return str(error)
        return None

    def logs_in(self, user: str = "postgres", **kw: Any) -> str | None:
        """Log in and out; return what refused it."""
        try:
            self.enter(user, **kw).close()
        except psycopg.OperationalError as error:
            return str(error)
        return None

    def given(self, definition: str, name: str = "given.yaml") -> str:
        """Return the file of a definition."""
        path = self.folder / name
        path.write_text(definition, "utf-8")
        return str(path)

    def say(self, *arguments: str) -> Said:
        """Run xtrig with just these arguments."""
        self.capsys.readouterr()
        try:
            main(list(arguments))
        except SystemExit as left:
            return Said(int(str(left.code or 0)), *self.capsys.readouterr())
        except BaseException:
            return Said(TRACEBACK, self.capsys.readouterr().out, traceback.format_exc())
        raise AssertionError("xtrig went on after its end")

    def xtrig(self, command: str, definition: str | None, *arguments: str) -> Said:
        """Run a command of one or two words on the database, as the superuser."""
        files = [] if definition is None else [self.given(definition)]
        return self.say(*command.split(), *files, "--url", self.url, *arguments)

    def deploy(self, definition: str, *arguments: str) -> Said:
        """Deploy a definition; that it is deployed belongs to the preparation of an attack."""
        said = self.xtrig("apply", definition, *(arguments or ("--no-canary",)))
        assert said.code == 0, said.err
        return said

    def render(self, definition: str) -> str:
        """Return the script of a definition, to be run by hand."""
        said = self.say("render", self.given(definition), "--dialect", "postgresql")
        assert said.code == 0, said.err
        return said.out

    def psql(self, script: str, options: str = "") -> Said:
        """Run a script by hand, as the superuser; by the psql of 18, since the server of 17 comes without one."""
        conninfo = self.database.server.conninfo(database=self.database.name, options=options)
        command = [str(Programs(18).bin_dir / "psql"), "-d", conninfo, "-v", "ON_ERROR_STOP=1"]
        ended = subprocess.run([*command, "-c", script], capture_output=True, text=True, check=False)
        return Said(ended.returncode, ended.stdout, ended.stderr)

    def gained(self) -> list[str]:
        """Return what mallory has got by her code."""
        got = []
        if self.value("SELECT rolsuper FROM pg_roles WHERE rolname = 'mallory'"):
            got.append("mallory is superuser")
        if self.file.exists():
            got.append(f"a file written by the server as {self.file.read_text('utf-8')[:200]!r}")
        if self.value("SELECT to_regclass('lair.ran') IS NOT NULL"):
            rows = self.run("SELECT DISTINCT ran_as, logged_in_as FROM lair.ran WHERE ran_as <> 'mallory'")
            got += [f"her code ran as {ran_as} in a session of {who}" for ran_as, who in rows]
        return got

    def nothing_is_gained(self, said: Said | None = None) -> None:
        """Fail with what mallory's code has got; what a command said belongs to it."""
        if got := self.gained():
            context = "" if said is None else f"; xtrig had left with {said.code}: {said.err[-400:]}"
            raise AttackSucceededError("; ".join(got) + context)


@contextmanager
def target_of(
    server: EmbeddedServer, folder: Path, capsys: pytest.CaptureFixture[str], *, wal_of: str = "postgres"
) -> Iterator[Target]:
    """Make a database in which mallory may create schemas; afterwards all roles of the server are gone again."""
    with fresh_database(server) as database:
        with server.connect() as root:
            _forget_roles(root)
            root.execute(f"CREATE ROLE mallory LOGIN PASSWORD '{PASSWORD}'")
            root.execute(f"CREATE ROLE alice LOGIN PASSWORD '{PASSWORD}'")
            root.execute(f"GRANT CREATE ON DATABASE {database.name} TO mallory")
        with database.connect(options=PAST_ALL, application_name="admin") as admin:
            target = Target(database, admin, folder, capsys)
            try:
                yield target
            finally:
                if not server.start().data_dir.exists():
                    raise AssertionError("the server is gone")
                target.file.unlink(missing_ok=True)
    with server.connect() as root:
        _forget_roles(root)


def _forget_roles(root: psycopg.Connection[Any]) -> None:
    """Drop every role that a test has made: roles belong to the whole server."""
    mine = root.execute("SELECT quote_ident(rolname) FROM pg_roles WHERE oid >= 16384 ORDER BY oid DESC").fetchall()
    for (role,) in mine:
        root.execute(f"DROP OWNED BY {role} CASCADE; DROP ROLE {role}")

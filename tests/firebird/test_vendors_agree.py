"""One definition on PostgreSQL 18, Firebird 3.0 and 5.0: the same logins leave rows that mean the same."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

import xtrig
from tests.firebird.servers import PASSWORD, Server, embedded, load_client, start_server
from tests.firebird.test_deploying import url_of
from tests.firebird.test_sessions import killed, maintain
from tests.server.conftest import fresh_database
from tests.server.sessions.recorded import LOG
from xtrig import audit
from xtrig.audit import AuditData
from xtrig.cli import main
from xtrig.deploy import Canary
from xtrig_pgfamily.embedded.server import EmbeddedServer

PEOPLE = ("bob", "alice", "carol", "dave")
COLUMNS = {
    "sessions": "session_id login_user database_name client_ip client_port application auth_method backend_pid "
    "instance logon_at logoff_at ended_by last_seen_at detected_at source duration duration_at_least duration_at_most",
    "refused_logins": "at session_id login_user database_name client_ip application sqlstate message",
    "coverage_gaps": "since until reason",
}
CRASH = """
import os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from tests.firebird.servers import load_client
session = load_client().connect(sys.argv[1], user="DAVE", charset="UTF8")
os.kill(os.getpid(), 9)
"""


def definition() -> xtrig.TriggerSet:
    """Return the preset, and a trigger that refuses one login."""
    policy = xtrig.load_text(
        "{xtrig: 1, triggers: {keep_out: {event: logon, exempt_roles: [postgres, sysdba], "
        "steps: [{deny: 'no logins today', when: \"lower(${login_user}) = 'alice'\"}]}}}"
    )
    return audit.session_audit(ddl=False, logoff="server log").model_copy(update={"triggers": policy.triggers})


class Place(ABC):
    """A server with the record, and how people come and go."""

    url: str

    @abstractmethod
    def plain(self, user: str) -> None:
        """Log in and out."""

    @abstractmethod
    def denied(self, user: str) -> None:
        """Log in, and be refused."""

    @abstractmethod
    def killed(self, user: str) -> None:
        """Log in, and be thrown out by an administrator."""

    @abstractmethod
    def crashed(self, user: str) -> None:
        """Log in; the server crashes, and is started again."""

    @abstractmethod
    def maintain(self) -> None:
        """Do what a scheduler does."""

    @abstractmethod
    def columns(self, view: str) -> list[str]:
        """Return the names of a view's columns."""


class OnFirebird(Place):
    def __init__(self, server: Server) -> None:
        self.database = server.create()
        self.url = url_of(self.database)
        if server.host:
            for user in ("CAROL", "DAVE"):
                self.database.execute(f"CREATE USER {user} PASSWORD '{PASSWORD}' USING PLUGIN Srp")

    def plain(self, user: str) -> None:
        assert self.database.login(user) is None

    def denied(self, user: str) -> None:
        assert "no logins today" in str(self.database.login(user))

    def killed(self, user: str) -> None:
        killed(self.database, user.upper())

    def crashed(self, user: str) -> None:
        server = self.database.server
        if server.host:
            connection = self.database.connect(user)
            server.crash()
            self.database.opened.remove(connection)
            with suppress(load_client().DatabaseError):
                connection.close()
            connection._att = None  # the driver takes it for open still
            return
        self.database.close()
        root = str(Path(__file__).parents[2])
        done = subprocess.run([sys.executable, "-c", CRASH, self.database.dsn, root], cwd=root, check=False)
        assert done.returncode == -signal.SIGKILL

    def maintain(self) -> None:
        maintain(self.database)

    def columns(self, view: str) -> list[str]:
        of_view = f"WHERE rdb$relation_name = '{view.upper()}' ORDER BY rdb$field_position"
        return [
            name.lower() for (name,) in self.database.rows(f"SELECT rdb$field_name FROM rdb$relation_fields {of_view}")
        ]


class OnPostgreSQL(Place):
    def __init__(self, server: EmbeddedServer, database: Any) -> None:
        self.server, self.database = server, database
        self.url = database.url
        with database.connect() as admin:
            for user in PEOPLE:
                admin.execute(f"CREATE ROLE {user} LOGIN")

    def plain(self, user: str) -> None:
        self.database.connect(user).close()

    def denied(self, user: str) -> None:
        with pytest.raises(psycopg.OperationalError, match="no logins today"):
            self.database.connect(user)

    def killed(self, user: str) -> None:
        with self.database.connect(user) as session, self.database.connect() as admin:
            admin.execute("SELECT pg_terminate_backend(%s, 60000)", [session.info.backend_pid])

    def crashed(self, user: str) -> None:
        session = self.database.connect(user)
        self.server.crash()
        self.server.start()
        session.close()

    def maintain(self) -> None:
        with self.database.connect() as admin:
            admin.execute("SELECT audit.maintain()")

    def columns(self, view: str) -> list[str]:
        of_view = "WHERE attrelid = %s::regclass AND attnum > 0 ORDER BY attnum"
        with self.database.connect() as admin:
            rows = admin.execute(f"SELECT attname FROM pg_attribute {of_view}".encode(), [f"audit.{view}"]).fetchall()
        return [name for (name,) in rows]


@contextmanager
def on(name: str) -> Iterator[Place]:
    """Start a server of the test's own: it crashes."""
    if name == "PostgreSQL 18":
        with EmbeddedServer(18, settings=LOG) as server, fresh_database(server) as database:
            yield OnPostgreSQL(server, database)
        return
    folder = Path(tempfile.mkdtemp(prefix="xtrig_firebird_"))
    folder.chmod(0o755)
    started = (start_server if name == "Firebird 3.0" else embedded)(folder)
    place = OnFirebird(started)
    try:
        yield place
    finally:
        place.database.close()
        started.stop()
        shutil.rmtree(folder, ignore_errors=True)


def settled(place: Place) -> AuditData:
    """Return the records, once each session but ours has an end; PostgreSQL's log is written a moment later."""
    until = time.monotonic() + 60
    while True:
        place.maintain()
        data = audit.read(place.url, users=[*PEOPLE, *map(str.upper, PEOPLE)])
        exact = {each.login_user.lower() for each in data.sessions if each.duration is not None}
        if all(each.ended_by for each in data.sessions) and "bob" in exact and data.refusals:
            return data
        assert time.monotonic() < until, data
        time.sleep(0.2)


@pytest.mark.server
def test_the_same_logins_leave_rows_that_mean_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    read, urls = {}, []
    with ExitStack() as servers:
        for name in ("PostgreSQL 18", "Firebird 3.0", "Firebird 5.0"):
            place = servers.enter_context(on(name))
            urls += ["--url", place.url]
            xtrig.apply(definition(), place.url, canary=Canary(rounds=0))
            place.plain("bob")
            place.denied("alice")
            place.killed("carol")
            place.crashed("dave")
            read[name] = settled(place)
            for view, columns in COLUMNS.items():
                assert place.columns(view) == columns.split(), (name, view)
        with pytest.raises(SystemExit) as left:
            main(["audit", "report", *urls, "--format", "json"])
        assert left.value.code == 0
    for name, data in read.items():
        # Each login once: a session for who was let in, a refusal for who was not.
        assert sorted(each.login_user.lower() for each in data.sessions) == ["bob", "carol", "dave"], name
        (refusal,) = data.refusals
        assert refusal.login_user.lower() == "alice"
        assert refusal.reason.endswith("no logins today")
        assert {each.recorded_by for each in data.sessions} == {"login trigger"}
        ends = {each.login_user.lower(): each for each in data.sessions}
        # 3.0 fires no DISCONNECT for a session that an administrator ended; nobody sees the end of a crash.
        exact = {user for user, each in ends.items() if each.duration is not None}
        assert exact == ({"bob"} if name == "Firebird 3.0" else {"bob", "carol"}), name
        for user in ends.keys() - exact:
            least, most = ends[user].duration_range
            assert ends[user].ended_by == "inferred"
            assert most is not None
            assert least <= most
    reported = json.loads(capsys.readouterr().out)["records"]
    page = audit.report_page(audit.merge(*read.values()))
    for name in read:
        assert name in page
        kinds = [each["record"] for each in reported if str(each["vendor"]).startswith(name)]
        assert kinds.count("refused login") == 1
        assert kinds.count("session") >= 3

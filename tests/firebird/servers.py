"""Real Firebird: a 3.0 server of Debian's package in a folder of its own, and the 5.0 engine of a wheel."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import xtrig
from xtrig import Statement
from xtrig.errors import UsageError
from xtrig.script import transactions
from xtrig_firebird.embedded import load_engine

PACKAGE = Path("/usr/lib/x86_64-linux-gnu/firebird/3.0")
SERVER = Path("/usr/sbin/firebird")
SECURITY = Path("/usr/share/firebird/3.0/security.sql")
OWNER: dict[str, Any] = {"user": "nobody", "group": "nogroup"} if os.getuid() == 0 else {}
PASSWORD = "masterkey"
"""Of SYSDBA and of every account of the tests."""


def load_client() -> Any:
    """Return firebird.driver with the client library of the wheel, which is the embedded engine as well."""
    try:
        return load_engine()
    except UsageError as error:
        pytest.skip(str(error))


@dataclass
class Server:
    """A place for databases: a folder, and how to reach what is in it."""

    version: str
    folder: Path
    host: str = ""
    """Such as ``127.0.0.1/3051:``; empty for the embedded engine."""
    process: subprocess.Popen[bytes] | None = None
    environment: dict[str, str] = field(default_factory=dict)
    """Of the server's programs."""
    made: int = 0
    accounts: set[str] = field(default_factory=set)

    def create(self) -> Database:
        """Return a new database."""
        self.made += 1
        path = self.folder / "data" / f"t{self.made}.fdb"
        driver = load_client()
        driver.create_database(f"{self.host}{path}", user="SYSDBA", password=PASSWORD, charset="UTF8").close()
        made = Database(self, path)
        # 5.0.4 embedded: in a database never read before, the first query after a CREATE TRIGGER does not see it.
        made.rows("SELECT 1 FROM rdb$database")
        for account in ({"BOB", "ALICE"} if self.host else set()) - self.accounts:
            made.execute(f"CREATE USER {account} PASSWORD '{PASSWORD}' USING PLUGIN Srp")
            self.accounts.add(account)
        return made

    def start(self) -> None:
        """Start the server program, as nobody if we may."""
        self.process = subprocess.Popen(
            [str(SERVER)],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            **OWNER,
        )
        port = int(self.host.rstrip(":").partition("/")[2])
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.05)
        self.process.kill()
        pytest.fail("Firebird 3.0 did not start")

    def crash(self) -> None:
        """Kill the server program, and start it again."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        self.start()

    def stop(self) -> None:
        """End the server."""
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:  # an endless DISCONNECT trigger
                self.process.kill()
                self.process.wait()


@dataclass
class Database:
    """One database."""

    server: Server
    path: Path
    opened: list[Any] = field(default_factory=list)

    @property
    def dsn(self) -> str:
        """What the driver takes."""
        return f"{self.server.host}{self.path}"

    def connect(self, user: str = "SYSDBA", **given: Any) -> Any:
        """Return a connection of the driver's, which the fixture closes."""
        driver = load_client()
        connection = driver.connect(self.dsn, user=user, password=PASSWORD, charset="UTF8", **given)
        self.opened.append(connection)
        return connection

    def login(self, user: str = "BOB") -> str | None:
        """Log in and out; return what was said if it was refused."""
        driver = load_client()
        try:
            driver.connect(self.dsn, user=user, password=PASSWORD, charset="UTF8").close()
        except driver.DatabaseError as error:
            return str(error)
        return None

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query, asked by SYSDBA past all triggers."""
        connection = self.connect(no_db_triggers=True)
        try:
            cursor = connection.cursor()
            return [
                tuple(each.strip() if isinstance(each, str) else each for each in row) for row in cursor.execute(sql)
            ]
        finally:
            connection.close()

    def execute(self, *statements: str, user: str = "SYSDBA", no_db_triggers: bool = True) -> None:
        """Execute and commit."""
        connection = self.connect(user, no_db_triggers=no_db_triggers)
        try:
            for sql in statements:
                connection.execute_immediate(sql)
            connection.commit()
        finally:
            connection.close()

    def run(self, statements: Iterable[Statement]) -> None:
        """Execute a script as a client does that commits where it has to."""
        for group in transactions(statements):
            self.execute(*(each.sql for each in group))

    def deploy(self, definition: str, *, version: str = "") -> None:
        """Render a definition for this server, and run it."""
        triggers = xtrig.load_text(definition, "definition.yaml")
        self.run(xtrig.render(triggers, "firebird", target_version=version or self.server.version))

    def make_read_only(self) -> None:
        """Allow no more changes."""
        if self.server.host:
            command = ["gfix", "-user", "SYSDBA", "-password", PASSWORD, "-mode", "read_only", self.dsn]
            subprocess.run(command, check=True, capture_output=True)
            return
        driver = load_client()
        with driver.connect_server("", user="SYSDBA") as services:
            services.database.set_access_mode(database=str(self.path), mode=driver.DbAccessMode.READ_ONLY)

    def restored_copy(self) -> Database:
        """Return another database, made of a backup of this one."""
        copy = Database(self.server, self.path.with_name(f"restored_{self.path.name}"))
        backup = self.path.with_suffix(".fbk")
        if self.server.host:
            backup = Path(tempfile.mkdtemp()) / backup.name  # gbak writes it, not the server
            account = ["-user", "SYSDBA", "-password", PASSWORD]
            for command in (["-b", "-nodbtriggers", self.dsn, str(backup)], ["-c", str(backup), copy.dsn]):
                subprocess.run(["gbak", *account, *command], check=True, capture_output=True)
            shutil.rmtree(backup.parent)
            return copy
        driver = load_client()
        with driver.connect_server("", user="SYSDBA") as services:
            flags = driver.SrvBackupFlag.NO_TRIGGERS
            services.database.backup(database=str(self.path), backup=str(backup), flags=flags)
            services.wait()
            services.database.restore(database=str(copy.path), backup=str(backup))
            services.wait()
        backup.unlink()
        return copy

    def close(self) -> None:
        """Close what tests left open."""
        for connection in self.opened:
            if not connection.is_closed():
                connection.close()


def start_server(folder: Path) -> Server:
    """Start Firebird 3.0 as nobody, with a security database of its own; it writes nowhere else."""
    if not SERVER.exists() or not PACKAGE.exists():
        pytest.skip("needs Debian's firebird3.0-server: sh scripts/debian.sh")
    for name in ("lock", "tmp", "data"):
        (folder / name).mkdir(parents=True)
    for name in ("plugins", "intl", "firebird.msg", "plugins.conf"):
        (folder / name).symlink_to((PACKAGE / name).resolve())
    (folder / "databases.conf").touch()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "firebird.conf").write_text(
        f"RemoteBindAddress = 127.0.0.1\nRemoteServicePort = {port}\nSecurityDatabase = {folder}/security3.fdb\n"
    )
    environment = {
        "PATH": os.environ["PATH"],
        "FIREBIRD": str(folder),
        "FIREBIRD_LOCK": str(folder / "lock"),
        "FIREBIRD_TMP": str(folder / "tmp"),
    }
    if OWNER:
        for each in (folder, *folder.iterdir()):
            if not each.is_symlink():
                shutil.chown(each, **OWNER)
        for each in folder.parents:
            if each.stat().st_uid == 0 and not each.stat().st_mode & 0o001:
                each.chmod(each.stat().st_mode | 0o011)
    isql = ["isql-fb", "-q", "-user", "SYSDBA"]
    security = folder / "security3.fdb"
    steps = (
        ([*isql], f"create database '{security}';"),
        ([*isql, "-i", str(SECURITY), str(security)], ""),
        ([*isql, str(security)], f"create or alter user sysdba password '{PASSWORD}' using plugin Srp; commit;"),
    )
    for command, text in steps:
        subprocess.run(command, input=text.encode(), env=environment, check=True, capture_output=True, **OWNER)
    server = Server("3.0", folder, f"127.0.0.1/{port}:", environment=environment)
    server.start()
    return server


def embedded(folder: Path) -> Server:
    """Return the embedded engine of the wheel: the SQL of 5.0, without addresses and passwords."""
    load_client()
    (folder / "data").mkdir(parents=True)
    return Server("5.0", folder)

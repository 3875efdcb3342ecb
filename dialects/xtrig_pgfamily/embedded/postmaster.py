"""The process of an embedded PostgreSQL, and the watchdog that ends it when its owner no longer can."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from xtrig_pgfamily.embedded.programs import Programs

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

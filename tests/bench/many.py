"""What one call for many databases costs against a shell loop of single calls. Prints ratios, asserts nothing."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from xtrig_pgfamily.embedded.server import EmbeddedServer

DATABASES = 20
DEFINITION = """
xtrig: 1
name: bench
schema: bench
tables:
  log: {columns: {at: timestamptz, who: text}}
triggers:
  on_logon: {event: logon, steps: [{insert: log, values: {at: "${now}", who: "${login_user}"}}]}
"""
COMMANDS = (["plan"], ["apply", "--no-canary"], ["status"], ["drop", "--with-data"], ["apply"])


def main() -> None:
    """Measure each command by a loop and by one call, on databases of their own, one after the other."""
    names = {way: [f"{way}_{number:02}" for number in range(DATABASES)] for way in ("loop", "call")}
    with EmbeddedServer(18) as server, tempfile.TemporaryDirectory() as folder:
        with server.connect() as admin:
            for name in (name for each in names.values() for name in each):
                admin.execute(f"CREATE DATABASE {name}".encode())
        file = Path(folder) / "bench.yaml"
        file.write_text(DEFINITION, "utf-8")
        print(f"{DATABASES} databases on one server: a loop of single calls, one call, and how many times as long")
        for command in COMMANDS:
            begin = time.perf_counter()
            for name in names["loop"]:
                _run(*command, str(file), "--url", server.url(database=name))
            loop = time.perf_counter() - begin
            begin = time.perf_counter()
            _run(*command, str(file), "--url", server.url(), "--database", "call_*")
            call = time.perf_counter() - begin
            print(f"{' '.join(command):<20} {loop:7.1f} s {call:7.1f} s {loop / call:6.1f}x")


def _run(*arguments: str) -> None:
    done = subprocess.run([sys.executable, "-m", "xtrig", *arguments], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 2):
        raise SystemExit(f"{arguments}: exit code {done.returncode}\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    main()

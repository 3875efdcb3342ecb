"""Run by path beside an embedded PostgreSQL: ends it and removes its directory when its owner has ended.

Argument: the directory. Standard input: the process id of the postmaster, one line each time it changes,
0 while there is none. Its end means that the owner has finished or was killed, even by SIGKILL.
"""

import os
import shutil
import signal
import sys
import time
from pathlib import Path

# PostgreSQL kills the children that outlive an immediate shutdown by 5 s; only then is it itself gone.
SHUTDOWN_SECONDS = 8.0
REMOVAL_SECONDS = 10.0
PAUSE_SECONDS = 0.05


def is_running(pid: int, directory: Path) -> bool:
    """Tell whether the postmaster `pid` still holds its lock file.

    The file is asked too because a container's first process may never reap the orphan, whose id then stays.
    """
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return (directory / "data" / "postmaster.pid").exists()


def end(pid: int, directory: Path) -> None:
    """Shut the postmaster `pid` down at once, by force if it does not answer."""
    try:
        os.kill(pid, signal.SIGQUIT)
        deadline = time.monotonic() + SHUTDOWN_SECONDS
        while is_running(pid, directory) and time.monotonic() < deadline:
            time.sleep(PAUSE_SECONDS)
        if is_running(pid, directory):
            os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def remove(directory: Path) -> None:
    """Remove the directory; a program that was ended may still write for a moment, so try again."""
    deadline = time.monotonic() + REMOVAL_SECONDS
    while directory.exists() and time.monotonic() < deadline:
        shutil.rmtree(directory, ignore_errors=True)
        time.sleep(PAUSE_SECONDS)


def main() -> None:
    """Wait for the owner's end, then end the postmaster and remove the directory."""
    directory = Path(sys.argv[1])
    pids = sys.stdin.read().split()
    if pids and int(pids[-1]):
        end(int(pids[-1]), directory)
    remove(directory)


if __name__ == "__main__":
    main()

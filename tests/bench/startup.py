"""What a command costs from nothing, against the imports it cannot do without. Prints ratios, asserts nothing.

Processor time, user and system, of processes that take turns: neither a wait nor a busy moment weighs on one of them.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from pathlib import Path

ROUNDS = 25
EXAMPLE = Path(__file__).parents[2] / "examples" / "session_audit.yaml"
REFERENCE = "import pydantic"
MODEL = "import click, yaml\nfrom pydantic import BaseModel\nclass Model(BaseModel):\n    a: int"
CASES: dict[str, list[str]] = {
    REFERENCE: ["-c", "import pydantic"],
    "python -c pass": ["-c", "pass"],
    "a pydantic class, click, yaml": ["-c", MODEL],
    "import xtrig": ["-c", "import xtrig"],
    "xtrig --version": ["-m", "xtrig", "--version"],
    "xtrig render (postgresql)": ["-m", "xtrig", "render", str(EXAMPLE)],
    "xtrig render (polardb)": ["-m", "xtrig", "render", str(EXAMPLE), "--dialect", "polardb"],
}
# What is installed is compiled once; measured is not the compiler.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def main() -> None:
    """Run every case in turn, round by round."""
    for arguments in CASES.values():
        _seconds(arguments)
    taken: dict[str, list[float]] = {name: [] for name in CASES}
    for _ in range(ROUNDS):
        for name, arguments in CASES.items():
            taken[name].append(_seconds(arguments))
    reference = statistics.median(taken[REFERENCE])
    print(f"processor time, median of {ROUNDS} interleaved rounds; ratio to '{REFERENCE}'")
    for name, seconds in taken.items():
        median = statistics.median(seconds)
        print(f"{name:<30} {median * 1000:7.1f} ms  {median / reference:5.2f}x")


def _seconds(arguments: list[str]) -> float:
    streams = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen([sys.executable, *arguments], env=ENVIRONMENT, **streams)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(arguments)} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()

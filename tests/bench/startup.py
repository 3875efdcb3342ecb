"""How long a command takes from nothing, against the imports it cannot do without. Prints ratios, asserts nothing."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

ROUNDS = 25
EXAMPLE = Path(__file__).parents[2] / "examples" / "session_audit.yaml"
REFERENCE = "import pydantic"
CASES: dict[str, list[str]] = {
    REFERENCE: ["-c", "import pydantic"],
    "python -c pass": ["-c", "pass"],
    "one pydantic model": ["-c", "from pydantic import BaseModel\nclass Model(BaseModel):\n    a: int"],
    "import xtrig": ["-c", "import xtrig"],
    "xtrig --version": ["-m", "xtrig", "--version"],
    "xtrig render (postgresql)": ["-m", "xtrig", "render", str(EXAMPLE)],
    "xtrig render (polardb)": ["-m", "xtrig", "render", str(EXAMPLE), "--dialect", "polardb"],
}


def main() -> None:
    """Run every case in turn, round by round, so that a busy moment hits them all alike."""
    taken: dict[str, list[float]] = {name: [] for name in CASES}
    for _ in range(ROUNDS):
        for name, arguments in CASES.items():
            taken[name].append(_seconds(arguments))
    reference = statistics.median(taken[REFERENCE])
    print(f"median of {ROUNDS} interleaved rounds; ratio to '{REFERENCE}'")
    for name, seconds in taken.items():
        median = statistics.median(seconds)
        print(f"{name:<28} {median * 1000:7.1f} ms  {median / reference:5.2f}x")


def _seconds(arguments: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()

"""How the cost of checking grows with the definition, from one trigger to thousands. Prints ratios, asserts nothing.

Loading is measured apart: most of `xtrig check` on a large file is reading YAML.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import xtrig
from xtrig.checks import examine
from xtrig.registry import get_dialect

ROUNDS = 5
SIZES = (1, 10, 100, 1000, 2000)
DIALECTS = ("postgresql", "polardb", "polardb-oracle")
HEAD = """xtrig: 1
schema: audit
tables:
  log: {columns: {at: timestamptz, who: "varchar(64)", what: text}}
"""
KINDS = (
    """functions:
  f{0}:
    ignore: {{XT215: one table}}
    steps: [{{insert: log, values: {{at: "${{now}}", who: "${{login_user}}", what: "'f{0}'"}}}}]
""",
    """triggers:
  logon{0}: {{event: logon, run: f{0}}}
  drop{0}:
    event: sql_drop
    enable: always
    steps:
      - {{deny: "not by ${{login_user}}", when: "${{login_user}} = 'u{0}'"}}
""",
)


def main() -> None:
    """Run every size in turn, round by round, so that a busy moment hits them all alike."""
    texts = {size: definition(size) for size in SIZES}
    sets = {size: xtrig.load_text(text) for size, text in texts.items()}
    work: dict[str, Callable[[int], object]] = {
        "load": lambda size: xtrig.load_text(texts[size]),
        "check": lambda size: examine(sets[size]),
        **{name: _translation(name, sets) for name in DIALECTS},
    }
    print(f"median of {ROUNDS} interleaved rounds; in brackets the cost for each trigger, ratio to 100 triggers")
    print(f"{'triggers':<16}" + "".join(f"{size:>18}" for size in SIZES))
    for name, run in work.items():
        taken = _medians(run)
        cells = [f"{taken[size] * 1000:8.1f} ms {_each(taken, size):5.2f}x" for size in SIZES]
        print(f"{name:<16}" + "".join(f"{cell:>18}" for cell in cells))


def definition(size: int) -> str:
    """Return a set of ``size`` triggers: one half records logons, each by its own function, the other guards drops."""
    half = range(max(1, size // 2))
    sections = [kind.partition("\n")[0] + "\n" + "".join(_entry(kind, number) for number in half) for kind in KINDS]
    text = HEAD + "".join(sections)
    return text if size > 1 else text[: text.index("  drop0:")]


def _entry(kind: str, number: int) -> str:
    return kind.partition("\n")[2].format(number)


def _translation(name: str, sets: dict[int, xtrig.TriggerSet]) -> Callable[[int], object]:
    dialect = get_dialect(name)
    return lambda size: examine(sets[size]).translate(dialect, dialect.parse_version(None))


def _medians(run: Callable[[int], object]) -> dict[int, float]:
    taken: dict[int, list[float]] = {size: [] for size in SIZES}
    for _ in range(ROUNDS):
        for size in SIZES:
            start = time.perf_counter()
            run(size)
            taken[size].append(time.perf_counter() - start)
    return {size: statistics.median(seconds) for size, seconds in taken.items()}


def _each(taken: dict[int, float], size: int) -> float:
    return taken[size] / size / (taken[100] / 100)


if __name__ == "__main__":
    main()

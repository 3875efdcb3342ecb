"""The main job, seen: one definition, what it does on a real PostgreSQL, and its SQL for two vendors."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

from record_apply import show
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

import xtrig
from xtrig.cli.console import report_console

ROOT = Path(__file__).parents[1]
EXAMPLE = Path("examples", "session_audit.yaml")
SIDE_BY_SIDE = 160
"""The width from which two scripts stand beside each other, in columns."""

TITLES = {
    "definition": f"1. What you write: {EXAMPLE}",
    "try": "2. What it does on a real PostgreSQL 18, started for this and thrown away",
    "postgresql": "3. The SQL for PostgreSQL",
    "polardb": "4. The SQL for PolarDB for PostgreSQL",
    "apply": "5. Deploying something that would lock people out: it is noticed, and taken back",
}
REMARKS = {
    "try": "PostgreSQL has no logoff event: each logoff below is inferred, noticed by the login after it.",
    "postgresql": "One transaction. The guards are what keeps a fault in here from locking anybody out.",
    "polardb": "In the vendor's documented PL/SQL form, with its own logoff event and variables. Shown, not run: "
    "there is no PolarDB to be had for a demo.",
}

console = report_console()


def main() -> int:
    """Show it all; return the exit code of the trial."""
    _head("definition")
    _show((ROOT / EXAMPLE).read_text("utf-8"))
    _head("try", f"xtrig try {EXAMPLE}")
    console.file.flush()
    trial = subprocess.run([sys.executable, "-m", "xtrig", "try", EXAMPLE], cwd=ROOT, check=False)
    if trial.returncode == 0:
        _scripts("postgresql", "polardb")
        _head("apply")
        show(console)
        console.print(Text("\nNext: xtrig init writes a commented definition of your own; xtrig --help has the rest."))
    return trial.returncode


def _scripts(*dialects: str) -> None:
    triggers = xtrig.load(ROOT / EXAMPLE)
    texts = {dialect: str(xtrig.render(triggers, dialect)) for dialect in dialects}
    if console.width < SIDE_BY_SIDE:
        for dialect, text in texts.items():
            _head(dialect, _command(dialect))
            _show(text)
        return
    table = Table.grid(padding=(0, 2), expand=True)
    for _ in texts:
        table.add_column(ratio=1, overflow="fold")
    table.add_row(*(Text(TITLES[dialect], style="bold") for dialect in texts))
    table.add_row(*(Text(f"{REMARKS[dialect]}\n$ {_command(dialect)}\n") for dialect in texts))
    table.add_row(*(Text(_narrow(text, console.width // 2 - 2)) for text in texts.values()))
    console.print("", Rule(style="default"), table)


def _narrow(text: str, width: int) -> str:
    """Return text with long lines broken, what goes over indented deeper than where it began."""
    lines: list[str] = []
    for line in text.splitlines():
        deeper = " " * (len(line) - len(line.lstrip()) + 8)
        lines += textwrap.wrap(line, width, subsequent_indent=deeper, break_on_hyphens=False) or [""]
    return "\n".join(lines)


def _command(dialect: str) -> str:
    return f"xtrig render {EXAMPLE} --dialect {dialect}"


def _head(part: str, command: str = "") -> None:
    console.print()
    console.print(Rule(Text(TITLES[part], style="bold"), align="left", style="default"))
    if part in REMARKS:
        console.print(Text(REMARKS[part]))
    if command:
        console.print(Text(f"$ {command}"), end="\n\n")


def _show(text: str) -> None:
    """Print text as it is: a line that is longer than the console is wide stays one line."""
    console.print(Text(text.rstrip()), soft_wrap=True)


if __name__ == "__main__":
    sys.exit(main())
